// @ts-check
/**
 * The verdict that sums up the two truths and this page's own reads, for the bar and for the table of
 * both truths. Pure.
 */
import { counted, duration, isApart } from "../page/format.js";
import { differs } from "./compare.js";

/** @typedef {import("../journal/journal.js").Holds} Holds */
/** @typedef {import("../journal/journal.js").Read} Read */
/** @typedef {import("./behind.js").Behind} Behind */
/** @typedef {import("./compare.js").Compared} Compared */
/** @typedef {import("./compare.js").Truths} Truths */
/** @typedef {{name: "postgresql"|"mongodb", done: string}} Away A store that the lab keeps from answering, and how: "frozen". */
/** @typedef {{state: "consistent"|"behind"|"lost"|"unknown"|"offline", words: string, injected?: string}} Verdict */

/**
 * The verdict on both stores.
 * @param {Compared[]} compared
 * @param {Truths|null} truths
 * @param {Holds|null} holds What the parts hold; null in the past, of which web's own counts say nothing.
 * @param {{away: readonly Away[], now_ms: number}} [asked] Whom it makes no sense to ask, and when that is.
 * @returns {Verdict}
 */
export function verdict(compared, truths, holds, asked = { away: [], now_ms: -Infinity }) {
  if (!truths) return { state: "unknown", words: "not asked yet" };
  const failed = failedOf(truths, asked);
  if (failed) return { state: "unknown", words: `unknown: ${failed}` };
  const told = holds ? truths : null;
  const lost = compared.filter((each) => each.lost);
  if (lost.length) return { state: "lost", words: lossOf(lost, unnamedLosses(told)) };
  const count = behindIn(compared, told);
  if (!count) return { state: "consistent", words: `todos consistent${among(truths)}` };
  const more = told?.older?.or_more ? " or more" : "";
  return {
    state: "behind", words: `${counted(count, "todo")}${more} behind${lasting(compared, count)}${parked(holds ?? {})}`,
    ...injectedOf(compared),
  };
}

/**
 * How many todos are behind in all. Of the older ones web names those that have been so longest, and only
 * counts the rest.
 * @param {Compared[]} compared
 * @param {Truths|null} truths Null if web's count is not of the moment shown.
 */
export function behindIn(compared, truths) {
  const behind = compared.filter(({ state }) => differs(state)).length;
  const older = truths?.older;
  return behind + (older ? older.differing - older.todos.length : 0);
}

/**
 * How many older todos are proved lost, or ghosts, and not named.
 * @param {Truths|null} truths
 */
function unnamedLosses(truths) {
  const proved = new Set(truths?.proof?.todos);
  const named = (truths?.older?.todos ?? []).filter(({ id }) => proved.has(id));
  const ghosts = named.filter(({ postgresql }) => postgresql === null).length;
  return { gone: (truths?.older?.lost ?? 0) - (named.length - ghosts), ghosts: (truths?.older?.ghosts ?? 0) - ghosts };
}

/**
 * The verdict in the bar. While the stores differ or cannot be asked, it is the verdict of the table of
 * both truths; otherwise it is what this page's reads have shown.
 * @param {Verdict} ofStores
 * @param {Behind[]} behind
 * @param {{isConnected: boolean, isAsked: boolean, read: Read|null}} known `isAsked`: whether the stores
 *   have ever answered.
 * @returns {Verdict}
 */
export function barVerdict(ofStores, behind, { isConnected, isAsked, read }) {
  if (!isConnected) return { state: "offline", words: "not connected to web, trying again" };
  if (ofStores.state !== "consistent" && (ofStores.state !== "unknown" || isAsked)) return ofStores;
  if (behind.length) return { state: "behind", words: unreadable(behind), ...injectedOf(behind) };
  if (!read) return { state: "unknown", words: "unknown: no read has been answered yet" };
  if (read.error) return { state: "unknown", words: "unknown: reads fail" };
  return { state: "consistent", words: "todos consistent, as far as seen here" };
}

/** @param {Behind[]} behind */
function unreadable(behind) {
  const todos = new Set(behind.map(({ journey }) => journey.todo_id)).size;
  const oldest = duration(oldestOf(behind).for_ms);
  return `${counted(todos, "todo")} not yet readable, ${todos === 1 ? "" : "the oldest "}for ${oldest}`;
}

const STORES = /** @type {const} */ ({ postgresql: "PostgreSQL", mongodb: "MongoDB" });

/**
 * Which store is not asked, or does not answer, and of when what is shown of it is.
 * @param {Truths} truths
 * @param {{away: readonly Away[], now_ms: number}} asked
 */
function failedOf(truths, { away, now_ms }) {
  const names = /** @type {(keyof typeof STORES)[]} */ (Object.keys(STORES));
  const gone = names.filter((name) => away.some((each) => each.name === name));
  const failed = names.filter((name) => truths[name].error && !gone.includes(name));
  const old = [...gone, ...failed.filter((name) => truths[name].isKept)].map((name) => truths[name].at_ms);
  const since_ms = now_ms - Math.min(...old);
  return [
    ...gone.map((name) => `${STORES[name]} is ${away.find((each) => each.name === name)?.done}`),
    ...(failed.length ? [`${failed.map((name) => STORES[name]).join(" and ")} cannot be asked`] : []),
    ...(since_ms >= 0 && since_ms < Infinity ? [`as of ${duration(since_ms)} ago`] : []),
  ].join(", ");
}

/**
 * How long the oldest has been behind. It is among those compared here, as web names those that have been
 * so longest.
 * @param {Compared[]} compared
 * @param {number} count How many are behind in all.
 */
function lasting(compared, count) {
  const known = compared.filter(({ for_ms }) => for_ms !== null);
  return known.length ? `, ${count === 1 ? "" : "the oldest "}for ${duration(oldestOf(known).for_ms)}` : "";
}

/**
 * The one that has been behind for longest.
 * @template {{for_ms: number|null}} T
 * @param {readonly T[]} all
 */
function oldestOf(all) {
  return all.reduce((a, b) => ((b.for_ms ?? 0) > (a.for_ms ?? 0) ? b : a));
}

/**
 * How much of the time that a verdict names the lab has injected, in words: "1.00 s injected".
 * @param {readonly {for_ms: number|null, injected_ms: number}[]} all
 * @returns {Pick<Verdict, "injected">}
 */
function injectedOf(all) {
  const known = all.filter(({ for_ms }) => for_ms !== null);
  const { for_ms, injected_ms } = known.length ? oldestOf(known) : { for_ms: null, injected_ms: 0 };
  return isApart(for_ms, injected_ms) ? { injected: `${duration(injected_ms)} injected` } : {};
}

/** @param {Holds} holds */
function parked({ projector }) {
  return projector?.dead_letters ? `; ${counted(Number(projector.dead_letters), "dead letter")}` : "";
}

/**
 * @param {Compared[]} lost
 * @param {{gone: number, ghosts: number}} unnamed How many more are.
 */
function lossOf(lost, unnamed) {
  const named = lost.filter(({ state }) => state === "lingering").length;
  const [ghosts, gone] = [named + unnamed.ghosts, lost.length - named + unnamed.gone];
  const parts = [];
  if (gone) parts.push(`${gone.toLocaleString("en-GB")} lost`);
  if (ghosts) parts.push(counted(ghosts, "ghost"));
  const verb = ghosts && gone ? "mend" : ghosts ? "remove" : "bring";
  return `${parts.join(", ")}: no event is under way that could ${verb} ${ghosts + gone === 1 ? "it" : "them"}`;
}

/**
 * What a verdict covers, if that is not everything.
 * @param {Truths} truths
 */
function among({ older, after: below }) {
  return older && below && older.since_ms === null ? " as to the newest; older todos are being compared" : "";
}
