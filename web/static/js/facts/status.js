// @ts-check
/** What each node on the stage says: whether it is up, down or waiting, and what it contains. Pure. */
import { countsTold } from "./counts.js";
import { coordinatorSays } from "./coordinator.js";
import { counted } from "../page/format.js";
import { labBy } from "./lab.js";
import { PLACES } from "./places.js";
import { SIDE_PLACES, sideSays } from "./sides.js";

/** @typedef {import("../journal/journal.js").Health} Health */
/** @typedef {import("../journal/journal.js").Holds} Holds */
/** @typedef {"up"|"down"|"waiting"|"unknown"} State */
/** @typedef {{state: State, says: string, why: string|null, holding: boolean}} Condition */
/**
 * @typedef {Condition & import("./lab.js").AtPlace & {now: string|null}} Report `now`: what it contains now,
 *   where that differs from the moment shown.
 */
/** @typedef {import("./counts.js").Counts} Counts */
/** @typedef {import("../journal/types.js").Switches} Switches */

/** The servers and the processes, as one says them. */
const SERVERS = namesOf("server");
const PROCESSES = namesOf("process");

/**
 * @param {Health} health
 * @param {Holds} holds
 * @param {Switches} [switches]
 * @param {Counts} [counts] What each part contains at the moment shown; by default what it said last.
 * @param {Counts|null} [now] What each part contains now, if that is another moment.
 * @param {ReturnType<typeof labBy>} [lab] What the lab does at each place; by default, what its switches are set to.
 * @param {readonly import("./sides.js").Side[]} [sides] The other read models that are kept.
 * @param {import("./coordinator.js").Coordinator|null} [coordinator] The coordinator, if it has something to do.
 * @returns {Record<string, Report>} By node.
 */
export function reports(health, holds, switches = {}, counts = countsTold(holds), now = null, lab = labBy(switches), sides = [], coordinator = null) {
  const all = conditions(health, holds, counts);
  const further = [
    ...sides.flatMap((side) => Object.entries(besideConditions(health, side, all))),
    ...(coordinator ? Object.entries(coordinating(health, coordinator, all)) : []),
  ];
  return Object.fromEntries(
    [...Object.entries(all), ...further].map(([node, condition]) => [
      node, { ...condition, ...lab(node), now: nowOf(node, counts, now) },
    ]),
  );
}

/** The count that each node shows. @type {Readonly<Record<string, keyof Counts>>} */
const COUNT_OF = Object.freeze({
  "postgresql": "postgresql", "outbox": "outbox", "rabbitmq": "queue", "dead-letters": "deadLetters",
  "projector": "inHand", "mongodb": "mongodb",
});

/**
 * @param {string} node
 * @param {Counts} counts
 * @param {Counts|null} now
 */
function nowOf(node, counts, now) {
  const name = COUNT_OF[node];
  if (!name || !now || now[name] === null || now[name] === counts[name]) return null;
  return `now ${now[name].toLocaleString("en-GB")}`;
}

/**
 * @param {Health} health
 * @param {Holds} holds
 * @param {Counts} counts
 * @returns {Record<string, Condition>} By node.
 */
function conditions(health, { relay }, counts) {
  const { outbox, queue, inHand, deadLetters: dead } = counts;
  const postgresql = server(health, "postgresql", holding(counts.postgresql));
  const rabbitmq = server(health, "rabbitmq", saying(queue, "in the queue", "queue: –"));
  return {
    "browser": { state: "up", says: "you, or curl", why: null, holding: false },
    "command-service": process(health, "command-service", "service"),
    "postgresql": postgresql,
    "outbox": part(postgresql, saying(outbox, "waiting"), outbox),
    "relay": process(health, "relay", leads(relay?.leader)),
    "rabbitmq": { ...rabbitmq, holding: (queue ?? 0) > 0 },
    "dead-letters": part(rabbitmq, saying(dead), dead),
    "projector": process(health, "projector", saying(inHand, "in hand")),
    "mongodb": server(health, "mongodb", holding(counts.mongodb)),
    "query-service": process(health, "query-service", "service"),
  };
}

/**
 * What the nodes of another read model say.
 * @param {Health} health
 * @param {import("./sides.js").Side} side
 * @param {Record<string, Condition>} servers
 * @returns {Record<string, Condition>} By node.
 */
function besideConditions(health, side, { rabbitmq, mongodb }) {
  const [queue, name, model] = SIDE_PLACES[side.name];
  const says = sideSays(side);
  return {
    [queue]: part(rabbitmq, says.queue, side.queue),
    [name]: process(health, name, says.process),
    [model]: { ...part(mongodb, says.model, null), holding: false },
  };
}

/**
 * What the coordinator and its notes say.
 * @param {Health} health
 * @param {import("./coordinator.js").Coordinator} coordinator
 * @param {Record<string, Condition>} servers
 * @returns {Record<string, Condition>} By node.
 */
function coordinating(health, coordinator, { postgresql }) {
  const { sagas } = coordinator;
  return {
    "coordinator": process(health, "coordinator", coordinatorSays(coordinator)),
    "sagas": part(postgresql, `${sagas} open`, sagas),
  };
}

/** Now and then the page sets its clock by web's, and may go back a little. */
const CLOCK_SET_BY_MS = 100;

/**
 * What had been said about the processes by the moment shown, whether it is live, paused or past.
 * @param {import("../journal/journal.js").Journal} journal
 * @param {import("../clock/shown.js").Scene} scene
 * @returns {{health: Health, holds: Holds, switches: Switches, held_ms: number, told_ms: number}} `held_ms`: epoch,
 *   when the contents were told; `told_ms`: the moment by which all of that had been told.
 */
export function toldAt(journal, { isPast, at_ms, behind_ms }) {
  const told_ms = isPast ? at_ms : at_ms + behind_ms + CLOCK_SET_BY_MS;
  const { health, switches } = journal.told;
  const holds = journal.told.holds.sampleAt(told_ms);
  return {
    health: health.at(told_ms) ?? {}, switches: switches.at(told_ms) ?? {},
    holds: holds?.told ?? {}, held_ms: holds?.at_ms ?? at_ms, told_ms,
  };
}

/**
 * The faults, one sentence each: "RabbitMQ is down: connection refused".
 * @param {Record<string, Report>} all
 * @returns {string[]}
 */
export function faults(all) {
  const named = { ...PROCESSES, ...SERVERS };
  return Object.entries(named).flatMap(([node, name]) => {
    const report = all[node];
    if (report?.state !== "down") return [];
    const subject = name[0].toUpperCase() + name.slice(1);
    return [`${subject} is down${report.why ? `: ${report.why}` : ""}`];
  });
}

/**
 * A process is down if it cannot be reached, and waiting if something that it needs is not there.
 * @param {Health} health
 * @param {string} name
 * @param {string} says
 * @returns {Condition}
 */
function process(health, name, says) {
  const condition = health[name];
  if (!condition) return { state: "unknown", says: "–", why: "not heard of yet", holding: false };
  if (!condition.checks) {
    if (condition.up) return { state: "up", says, why: null, holding: false };
    return { state: "down", says: "down", why: condition.error ?? null, holding: false };
  }
  const missing = Object.entries(condition.checks).filter(([, answer]) => answer !== "ok");
  if (!missing.length) return { state: "up", says, why: null, holding: false };
  const names = missing.map(([check]) => /** @type {Record<string, string>} */ (SERVERS)[check] ?? check);
  return { state: "waiting", says: `no ${names.join(", ")}`, why: null, holding: false };
}

/**
 * A server is down if a process that uses it says so.
 * @param {Health} health
 * @param {string} name
 * @param {string} says
 * @returns {Condition}
 */
function server(health, name, says) {
  const answers = Object.values(health)
    .map((condition) => condition?.checks?.[name])
    .filter((answer) => answer !== undefined);
  if (!answers.length) return { state: "unknown", says: "–", why: "not heard of yet", holding: false };
  const wrong = answers.find((answer) => answer !== "ok");
  if (wrong) return { state: "down", says: "down", why: wrong, holding: false };
  return { state: "up", says, why: null, holding: false };
}

/**
 * @param {Condition} whole
 * @param {string} says
 * @param {number|null} count
 * @returns {Condition}
 */
function part(whole, says, count) {
  const state = whole.state === "down" ? "unknown" : whole.state;
  return { state, says, why: null, holding: (count ?? 0) > 0 };
}

/** @param {number|null} count */
function holding(count) {
  return count === null ? "–" : counted(count, "todo");
}

/**
 * "1,000 waiting".
 * @param {number|null} count
 * @param {string} [words]
 * @param {string} [unknown]
 */
function saying(count, words = "", unknown = "–") {
  return count === null ? unknown : `${count.toLocaleString("en-GB")} ${words}`.trim();
}

/** @param {unknown} leader */
function leads(leader) {
  if (leader === true) return "leads";
  return leader === false ? "stands by" : "–";
}

/**
 * @param {import("./places.js").PlaceKind} wanted
 * @returns {Readonly<Record<string, string>>}
 */
function namesOf(wanted) {
  return Object.freeze(Object.fromEntries(PLACES.filter(({ kind }) => kind === wanted).map(({ place, says }) => [place, says])));
}
