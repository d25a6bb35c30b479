// @ts-check
/** What the links between the nodes of the stage carry, by their names in the lab. */

/** @typedef {import("./stations.js").Explanation} Explanation */

export const LINKS = /** @type {const} @satisfies {Record<string, Explanation>} */ ({
  "client-command-service": {
    name: "From the browser to the command service",
    does: "HTTP. A command goes in, and an answer comes back once it is committed.",
    why: "Nobody waits longer than for PostgreSQL: the event travels on after the answer.",
    gone: ["If it breaks under way", "The client does not know whether its command was carried out. Sent again with the same Idempotency-Key, it is carried out once."],
    code: "command_service/app.py",
    see: ["command-service"],
  },
  "command-service-postgresql": {
    name: "From the command service to PostgreSQL",
    does: "SQL. The todo and its event are written in one transaction.",
    why: "Whatever happens to this link, either both are written or neither is.",
    gone: ["If it breaks", "Commands get a 503. If it breaks while a commit is under way, the answer says that the outcome is not known."],
    code: "command_service/store.py",
    see: ["postgresql", "outbox"],
  },
  "relay-postgresql": {
    name: "From the outbox to the relay",
    does: "SQL. The relay reads the oldest events of the outbox here, and deletes them once they are confirmed.",
    why: "A commit wakes the relay over this link; without that it looks once a second.",
    gone: ["If it breaks", "Events wait in the outbox. One that is published and not yet deleted is published again."],
    code: "command_service/outbox.py",
    see: ["outbox", "relay"],
  },
  "relay-rabbitmq": {
    name: "From the relay to RabbitMQ",
    does: "AMQP. Each event goes out, and RabbitMQ confirms it once it is safe there.",
    why: "Only what is confirmed is deleted from the outbox, so nothing is lost here.",
    gone: ["If it breaks", "Writes still succeed and wait in the outbox. What was not confirmed is sent again, and so perhaps twice."],
    code: "chassis/publisher.py",
    see: ["relay", "rabbitmq"],
  },
  "projector-rabbitmq": {
    name: "From RabbitMQ to the projector",
    does: "AMQP. Events come in, some ahead of their turn, and each is acknowledged once MongoDB has it.",
    why: "What is not acknowledged stays RabbitMQ's, so a projector may die at any line.",
    gone: ["If it breaks", "Events wait in the queue. What the projector had in hand is delivered again, marked as redelivered."],
    code: "query_service/deliveries.py",
    see: ["rabbitmq", "projector"],
  },
  "projector-mongodb": {
    name: "From the projector to MongoDB",
    does: "Writes in batches, each of which counts only where it is newer than what is there.",
    why: "So the same event may be written twice, or after a newer one, and no harm is done.",
    gone: ["If it breaks", "The projector keeps what it has in hand, and waits. The queue keeps the rest."],
    code: "query_service/read_model.py",
    see: ["projector", "mongodb"],
  },
  "query-service-mongodb": {
    name: "From MongoDB to the query service",
    does: "Reads, as they come in from the browser.",
    why: "They cost the write side nothing, and never see more than the projector has written.",
    gone: ["If it breaks", "Reads get a 503. Writes go on, and reach MongoDB all the same."],
    code: "query_service/read_model.py",
    see: ["mongodb", "query-service"],
  },
});
