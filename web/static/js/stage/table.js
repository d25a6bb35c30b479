// @ts-check
/**
 * The loop as a table: its nodes, the pipes between them, and the stretches whose times are written
 * beside them. The skeleton is drawn from it. Both layouts give each entry a place, and the types ensure
 * that none is missing.
 */

/**
 * @typedef {object} NodeEntry
 * @property {string} name
 * @property {string} label Its name.
 * @property {string} [short] The shorter name that is written on it, if it has one.
 * @property {"service"|"store"|"broker"|"part"} kind A part belongs to the node in or beside which it
 *   lies.
 * @property {"box"|"cylinder"|"partition"} form The form drawn. A partition only divides the cylinder.
 * @property {"reader"|"passing"|"postgresql"|"rabbitmq"|"mongodb"} colour Where the truth lives.
 */

/** In the order in which they are drawn: a part comes after the node to which it belongs. */
export const NODES = /** @type {const} @satisfies {readonly NodeEntry[]} */ ([
  { name: "browser", label: "Browser", kind: "service", form: "box", colour: "reader" },
  { name: "command-service", label: "Command service", short: "Command", kind: "service", form: "box", colour: "passing" },
  { name: "postgresql", label: "PostgreSQL", kind: "store", form: "cylinder", colour: "postgresql" },
  { name: "outbox", label: "outbox", kind: "part", form: "partition", colour: "postgresql" },
  { name: "relay", label: "Relay", kind: "service", form: "box", colour: "passing" },
  { name: "rabbitmq", label: "RabbitMQ", kind: "broker", form: "box", colour: "rabbitmq" },
  { name: "dead-letters", label: "dead letters", kind: "part", form: "box", colour: "rabbitmq" },
  { name: "projector", label: "Projector", kind: "service", form: "box", colour: "passing" },
  { name: "mongodb", label: "MongoDB", kind: "store", form: "cylinder", colour: "mongodb" },
  { name: "query-service", label: "Query service", short: "Query", kind: "service", form: "box", colour: "passing" },
]);

/**
 * From place to place. Marks can go through a hidden pipe, but the pipe is not seen. `link`: the connection that it
 * is, by its name in the lab.
 */
export const PIPES = /** @type {const} */ ([
  { name: "browser command-service", isHidden: false, link: "client-command-service" },
  { name: "command-service outbox", isHidden: false, link: "command-service-postgresql" },
  { name: "outbox relay", isHidden: false, link: "relay-postgresql" },
  { name: "relay queue", isHidden: false, link: "relay-rabbitmq" },
  { name: "queue projector", isHidden: false, link: "projector-rabbitmq" },
  { name: "projector mongodb", isHidden: false, link: "projector-mongodb" },
  { name: "mongodb browser", isHidden: false, link: "query-service-mongodb" },
  { name: "projector dead-letters", isHidden: true, link: null },
]);

/**
 * The nodes of the other read models, which are on the stage while the lab keeps them, and of the coordinator, which is
 * there while it has something to do. The name of a part is short, as
 * the process beside it says whose it is.
 */
export const SIDE_NODES = /** @type {const} @satisfies {readonly (NodeEntry & {of: string, says: string})[]} */ ([
  { name: "counter-queue", says: "the counter's queue", of: "counter", label: "The counter's queue", short: "queue", kind: "part", form: "box", colour: "rabbitmq" },
  { name: "counter", says: "the counter", of: "counter", label: "Counter", kind: "service", form: "box", colour: "passing" },
  { name: "counts", says: "the counts", of: "counter", label: "The counts, in MongoDB", short: "counts", kind: "store", form: "cylinder", colour: "mongodb" },
  { name: "replica-queue", says: "the replica's queue", of: "replica", label: "The replica's queue", short: "queue", kind: "part", form: "box", colour: "rabbitmq" },
  { name: "replica", says: "the replica", of: "replica", label: "Replica", kind: "service", form: "box", colour: "passing" },
  { name: "replica-todos", says: "the replica's todos", of: "replica", label: "The replica's todos, in MongoDB", short: "its todos", kind: "store", form: "cylinder", colour: "mongodb" },
  { name: "coordinator", says: "the coordinator", of: "coordinator", label: "Coordinator", kind: "service", form: "box", colour: "passing" },
  { name: "sagas", says: "its notes", of: "coordinator", label: "The coordinator's notes, in PostgreSQL", short: "its notes", kind: "store", form: "cylinder", colour: "postgresql" },
]);

/** The pipes between these. The lab cannot act on them. */
export const SIDE_PIPES = /** @type {const} */ ([
  { name: "counter-queue counter", of: "counter", isHidden: false },
  { name: "counter counts", of: "counter", isHidden: false },
  { name: "counter dead-letters", of: "counter", isHidden: true },
  { name: "replica-queue replica", of: "replica", isHidden: false },
  { name: "replica replica-todos", of: "replica", isHidden: false },
  { name: "replica dead-letters", of: "replica", isHidden: true },
  { name: "coordinator sagas", of: "coordinator", isHidden: false },
]);

/**
 * The links between two nodes, where the lab can act: the pipe along which each runs, up to which node, and the
 * label beside it.
 */
export const LINKS = /** @type {const} */ ([
  { name: "client-command-service", pipe: "browser command-service", upTo: null, label: "acknowledged" },
  { name: "command-service-postgresql", pipe: "command-service outbox", upTo: null, label: "commit" },
  { name: "relay-postgresql", pipe: "outbox relay", upTo: null, label: "outbox" },
  { name: "relay-rabbitmq", pipe: "relay queue", upTo: null, label: "relay" },
  { name: "projector-rabbitmq", pipe: "queue projector", upTo: null, label: "queue" },
  { name: "projector-mongodb", pipe: "projector mongodb", upTo: null, label: "projector" },
  { name: "query-service-mongodb", pipe: "mongodb browser", upTo: "query-service", label: "read" },
]);

/** The stretches whose times are written on the stage, where they were spent. */
export const LABELS = /** @type {const} */ ([
  "acknowledged", "commit", "outbox", "relay", "queue", "projector", "read",
]);

/** The two sides of the loop, in words. */
export const SIDES = /** @type {const} */ ({ write: "Write side", read: "Read side" });

/** @typedef {(typeof NODES)[number]["name"]} NodeName */
/** @typedef {(typeof PIPES)[number]["name"]} PipeName */
/** @typedef {(typeof SIDE_NODES)[number]["name"]} SideNodeName */
/** @typedef {(typeof SIDE_PIPES)[number]["name"]} SidePipeName */
/** @typedef {(typeof LABELS)[number]} LabelName */
/** @typedef {(typeof LINKS)[number]["name"]} LinkName */
/** @typedef {keyof typeof SIDES} Side */
