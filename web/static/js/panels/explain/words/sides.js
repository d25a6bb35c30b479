// @ts-check
/** What the other read models on the stage are for, by the names of their nodes. They are there while the lab keeps them. */

/** @typedef {import("./stations.js").Explanation} Explanation */

export const SIDES = /** @type {const} @satisfies {Record<string, Explanation>} */ ({
  "counter-queue": {
    name: "The counter's queue",
    does: "A queue of its own in RabbitMQ. The broker puts a copy of each event into every queue that wants it, so the projector and the counter get the same events.",
    why: "Neither waits for the other, and neither takes an event away from the other.",
    gone: ["When the counts are kept no longer", "The queue is deleted, so that nothing piles up in it. The counts are filled from the log of events when they are wanted again."],
    code: "query_service/topology.py",
    see: ["counter", "rabbitmq"],
  },
  "counter": {
    name: "Counter",
    does: "A second projector, for a read model of its own: it counts how many todos were created, completed and deleted.",
    why: "Setting a todo twice to the same state does no harm; counting it twice does. So each event's id is noted in the same write as the count: the inbox.",
    gone: ["If it dies between its write and its ack", "The event comes again. With the inbox it counts once; without, twice, and nobody notices but who counts by hand."],
    code: "query_service/counter.py",
    see: ["counts", "projector"],
  },
  "counts": {
    name: "The counts",
    does: "A read model in MongoDB, made from the same events as the todos: how much was created, completed and deleted, by the minute. GET /counts reads it.",
    why: "Whoever has the events can make whatever read model is needed, from the beginning of the log.",
    gone: ["When a count is wrong", "It stays wrong: no later event mends a sum, as it would mend a todo. A rebuild from the log makes it right."],
    code: "query_service/counting.py",
    see: ["counter", "mongodb"],
  },
  "replica-queue": {
    name: "The replica's queue",
    does: "A queue of its own in RabbitMQ, with a copy of each event.",
    why: "The replica may lag as much as it likes: the projector has a queue of its own, and does not wait.",
    gone: ["When the replica is kept no longer", "The queue is deleted, so that nothing piles up in it."],
    code: "query_service/topology.py",
    see: ["replica", "rabbitmq"],
  },
  "replica": {
    name: "Replica",
    does: "A second projector for a second read model of the todos. It applies each event some time after it was delivered.",
    why: "Real systems read from several copies, and no two of them are equally far. Who asks one and then the other may see a todo, and then not.",
    gone: ["If it lags", "Each copy goes forward, but a reader who changes between them can go back in time. A Consistency-Token prevents that, at the price of waiting."],
    code: "query_service/replica.py",
    see: ["replica-todos", "guarantee-seen"],
  },
  "replica-todos": {
    name: "The replica's todos",
    does: "The same todos in another collection of MongoDB, as they were a while ago. A read asks for them with Read-Model: replica, or by turns with the others.",
    why: "It shows what it means that there is no single truth on the read side, only copies of different age.",
    gone: ["If a read asks both by turns", "Its list may shrink, or a title change back, until the replica has caught up."],
    code: "query_service/read_model.py",
    see: ["replica", "mongodb"],
  },
  "coordinator": {
    name: "Coordinator",
    does: "Creates two todos that belong together, one after the other, by commands as anybody sends them, and notes each step. It is there while it has a saga or a switch is on.",
    why: "No transaction spans two todos, as each is an aggregate of its own. What has not ended in time it undoes by the opposite command.",
    gone: ["If it dies between the two", "Half of it is done. The next coordinator finds the note, and takes the first half back once its time is over."],
    code: "command_service/coordinator.py",
    see: ["sagas", "command-service"],
  },
  "sagas": {
    name: "The coordinator's notes",
    does: "A table in PostgreSQL: which sagas have begun, how far each is, and until when it has time.",
    why: "Memory is gone with a process; a note that was committed is not.",
    gone: ["If there is no time limit", "What is half done stays half done: nobody knows whether somebody is still at it."],
    code: "command_service/sagas.py",
    see: ["coordinator", "postgresql"],
  },
});
