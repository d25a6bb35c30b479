// @ts-check
/** What the nodes of the stage are for, by their names. */

/**
 * @typedef {object} Explanation
 * @property {string} name
 * @property {string} does What it does, or says.
 * @property {string} why Why it is there.
 * @property {readonly [when: string, then: string]} gone What happens when it is down, off or misread: when
 *   that is, and what happens then.
 * @property {string} code Where its code is: a path in the repository.
 * @property {readonly string[]} [see] The keys of other explanations.
 */

export const STATIONS = /** @type {const} @satisfies {Record<string, Explanation>} */ ({
  "browser": {
    name: "Browser",
    does: "This page, curl, or any other client. It writes to the command service and reads from the query service.",
    why: "Separate ways for writes and reads let each side be built, scaled and stopped on its own: that is CQRS. The price is that a read may lag behind a write.",
    gone: ["If it is closed", "Nothing changes for the rest. Events under way travel on without it."],
    code: "web/static/js/main.js",
    see: ["two-databases"],
  },
  "command-service": {
    name: "Command service",
    does: "Checks each command, and writes the todo and its event to PostgreSQL in one transaction. Then it answers: the write is acknowledged.",
    why: "Only this service changes todos, so the rules are in one place. It never talks to RabbitMQ or MongoDB, and so never waits for them.",
    gone: ["If it is down", "Nothing can be written: Add fails with a 503. Reads go on, and events already in the outbox still travel."],
    code: "command_service/commands.py",
    see: ["outbox"],
  },
  "postgresql": {
    name: "PostgreSQL",
    does: "Keeps the todos as they are true now, each with its version, and every event that ever happened. What is committed here stays.",
    why: "It is the source of truth. Every change is checked here, one at a time for each todo, and belongs to a transaction.",
    gone: ["If it is down", "Commands get a 503 and change nothing. Reads go on from MongoDB, and events already in RabbitMQ still arrive there."],
    code: "command_service/store.py",
    see: ["two-databases", "outbox"],
  },
  "outbox": {
    name: "Outbox",
    does: "A table in PostgreSQL of events that are not published yet. Each is written in the same transaction as its todo, and removed once RabbitMQ has confirmed it.",
    why: "A crash between writing to PostgreSQL and writing to RabbitMQ would lose the event, or announce a change that never happened. In one transaction, todo and event are both written or neither is.",
    gone: ["While RabbitMQ or the relay is down", "Writes still succeed. Their events wait here, safe on disk, and go out in order afterwards. Until then no read shows them."],
    code: "command_service/outbox.py",
    see: ["relay", "rabbitmq"],
  },
  "relay": {
    name: "Relay",
    does: "Takes the oldest events from the outbox, publishes them to RabbitMQ in order, and removes each once the broker has confirmed it.",
    why: "Thanks to it, no command waits for the broker. If it dies before it has removed an event, that event is sent again: at least once, and so perhaps twice.",
    gone: ["If it is down", "Writes still succeed, and their events pile up in the outbox. Reads show nothing new. Nothing is lost, and another relay may take over."],
    code: "command_service/relay.py",
    see: ["outbox"],
  },
  "rabbitmq": {
    name: "RabbitMQ",
    does: "The message broker. It keeps each event in a durable queue until the projector acknowledges that MongoDB has it.",
    why: "It is the only link between the two sides, so each may be slow or stopped while the other goes on. The queue takes up the difference.",
    gone: ["If it is down", "Writes still succeed: their events wait in the outbox. Reads still answer, but show nothing new. Once it is back, the relay sends all that waited, and nothing is lost."],
    code: "query_service/topology.py",
    see: ["outbox", "dead-letters", "queue-depth"],
  },
  "dead-letters": {
    name: "Dead letters",
    does: "A queue for events that cannot be applied: MongoDB refused them, after five more tries each, or they cannot be read at all. Each is parked here with its reason.",
    why: "A bad event would otherwise block all those behind it, or be thrown away unseen. Here it waits for a person to find the cause.",
    gone: ["While one is parked here", "MongoDB lacks that change, and waiting does not help; a later event of the same todo does, because each carries the whole todo. All others go on."],
    code: "query_service/poison.py",
    see: ["projector"],
  },
  "projector": {
    name: "Projector",
    does: "Takes events from the queue, writes them to MongoDB in batches, and only then acknowledges them to RabbitMQ.",
    why: "It turns what happened into what can be read. It only ever replaces an older version, so an event that comes twice or out of order does no harm.",
    gone: ["If it is down", "Events wait in the queue, and reads grow staler. What it had in hand is delivered again. Nothing is lost."],
    code: "query_service/projector.py",
    see: ["dead-letters"],
  },
  "mongodb": {
    name: "MongoDB",
    does: "Holds the read model: the todos in the shape in which they are read, each with the version that it has reached.",
    why: "Reads cost the write side nothing. It is a copy, usually some milliseconds behind, and can be built anew from the events in PostgreSQL.",
    gone: ["If it is down", "Reads fail with a 503. Writes still succeed. The projector keeps what it has in hand, the queue keeps the rest, and all of it arrives once MongoDB is back."],
    code: "query_service/read_model.py",
    see: ["two-databases", "two-truths"],
  },
  "query-service": {
    name: "Query service",
    does: "Answers reads from MongoDB. Without a token it answers at once, stale or not. With one, it waits until MongoDB has what the token names.",
    why: "It keeps no state and changes nothing, so any number of them can run, and no read slows a write down.",
    gone: ["If it is down", "Reads fail. Writes go on and reach MongoDB all the same, and the next read that is answered shows them."],
    code: "query_service/http/app.py",
    see: ["guarantee-none", "guarantee-token"],
  },
});
