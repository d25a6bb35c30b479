// @ts-check
/** The places where the lab can break something, in the order of the flow, and which are at a part of the stage. Pure. */

/** @typedef {"process"|"server"|"link"} PlaceKind */
/**
 * @typedef {object} Place
 * @property {string} place Its name in `GET /lab`.
 * @property {PlaceKind} kind
 * @property {string} name
 * @property {string} says The name within a sentence.
 * @property {string} [short] The name in a picture, where it is another.
 * @property {readonly string[]} at The parts of the stage at which it is; of a link, both its ends.
 */

/** @type {readonly Place[]} */
export const PLACES = Object.freeze([
  { place: "client-command-service", kind: "link", name: "Client to command service", says: "the way to the command service", at: ["browser", "command-service"] },
  { place: "command-service", kind: "process", name: "Command service", says: "the command service", short: "Command", at: ["command-service"] },
  { place: "command-service-postgresql", kind: "link", name: "Command service to PostgreSQL", says: "the way to PostgreSQL", at: ["command-service", "postgresql"] },
  { place: "postgresql", kind: "server", name: "PostgreSQL", says: "PostgreSQL", at: ["postgresql"] },
  { place: "relay-postgresql", kind: "link", name: "Relay to PostgreSQL", says: "the relay's way to PostgreSQL", at: ["relay", "postgresql"] },
  { place: "relay", kind: "process", name: "Relay", says: "the relay", at: ["relay"] },
  { place: "relay-rabbitmq", kind: "link", name: "Relay to RabbitMQ", says: "the relay's way to RabbitMQ", at: ["relay", "rabbitmq"] },
  { place: "rabbitmq", kind: "server", name: "RabbitMQ", says: "RabbitMQ", at: ["rabbitmq"] },
  { place: "projector-rabbitmq", kind: "link", name: "Projector to RabbitMQ", says: "the projector's way to RabbitMQ", at: ["projector", "rabbitmq"] },
  { place: "projector", kind: "process", name: "Projector", says: "the projector", at: ["projector"] },
  { place: "projector-mongodb", kind: "link", name: "Projector to MongoDB", says: "the projector's way to MongoDB", at: ["projector", "mongodb"] },
  { place: "mongodb", kind: "server", name: "MongoDB", says: "MongoDB", at: ["mongodb"] },
  { place: "query-service-mongodb", kind: "link", name: "Query service to MongoDB", says: "the query service's way to MongoDB", at: ["query-service", "mongodb"] },
  { place: "query-service", kind: "process", name: "Query service", says: "the query service", short: "Query", at: ["query-service"] },
]);

/** The parts of the stage that belong to another. @type {Readonly<Record<string, string>>} */
const PART_OF = Object.freeze({
  "outbox": "postgresql", "dead-letters": "rabbitmq",
  "counter-queue": "counter", "counts": "counter", "replica-queue": "replica", "replica-todos": "replica",
  "sagas": "coordinator",
});

const ORDER = new Map(PLACES.map(({ place }, index) => [place, index]));

/**
 * A place by its name in `GET /lab`. One that this page does not know is a process of its own.
 * @param {string} place
 * @returns {Place}
 */
export function placeOf(place) {
  return PLACES.find((each) => each.place === place)
    ?? { place, kind: "process", name: spoken(place), says: `the ${place}`, at: [place] };
}

/**
 * Places in the order of the flow; those that this page does not know come last, as they were given.
 * @param {readonly string[]} places
 * @returns {Place[]}
 */
export function inFlow(places) {
  const order = (/** @type {string} */ place) => ORDER.get(place) ?? ORDER.size;
  return places.toSorted((a, b) => order(a) - order(b)).map(placeOf);
}

/**
 * The places at a part of the stage or at a pipe: what is named so comes first, and then its links.
 * @param {string} part
 * @param {readonly string[]} places Those that there are.
 * @returns {Place[]}
 */
export function placesAt(part, places) {
  const here = PART_OF[part] ?? part;
  const all = inFlow(places);
  return [...all.filter(({ place }) => place === here), ...all.filter(({ place, at }) => place !== here && at.includes(here))];
}

/**
 * A name as one says it: "answer-eaten" is "Answer eaten".
 * @param {string} name
 */
export function spoken(name) {
  const words = name.replaceAll(/[-_]/g, " ");
  return words.slice(0, 1).toUpperCase() + words.slice(1);
}
