// @ts-check
/** The steps of the tour. Pure data. */

/**
 * @typedef {object} Step
 * @property {string} name
 * @property {string} says
 * @property {readonly string[]} at What it points at: selectors. What is not to be seen is left out.
 */

/** @type {readonly Step[]} */
export const STEPS = Object.freeze([
  {
    name: "Write a todo here",
    says: "The command service writes it to PostgreSQL and answers as soon as it is safe there. It is then acknowledged, but no read shows it yet.",
    at: ["[data-add] .field"],
  },
  {
    name: "PostgreSQL and its outbox",
    says: "The todo and an event about it are written in one transaction. The event waits in the outbox until the relay has brought it to RabbitMQ.",
    at: ["[data-node=postgresql]"],
  },
  {
    name: "RabbitMQ and its queue",
    says: "The queue keeps each event until the projector has applied it. While RabbitMQ is down you can still write: the events wait in the outbox.",
    at: ["[data-node=rabbitmq]"],
  },
  {
    name: "MongoDB and the two truths",
    says: "Reads come from MongoDB. The table compares both stores todo by todo: what is only on the left cannot be read yet.",
    at: ["[data-node=mongodb]", "[data-view=truths]"],
  },
  {
    name: "Is it behind, and do you mind?",
    says: "Being behind for some milliseconds is how this design works, not a fault. With Read now you ask for yourself: at once and perhaps stale, or fresh and perhaps later. Click on anything here, and it explains itself.",
    at: ["[data-view=verdict]", "[data-view=reads]"],
  },
]);
