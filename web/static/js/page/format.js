// @ts-check
/** How numbers and names are written, everywhere on the page. Pure. */

/**
 * A duration with its unit: three significant digits, milliseconds below a second, "0.412 ms",
 * "412 ms", "4.12 s", and minutes from 100 s on.
 * @param {number|null|undefined} ms
 * @returns {string}
 */
export function duration(ms) {
  if (ms === null || ms === undefined || !Number.isFinite(ms)) return "–";
  if (ms < 0) return `−${duration(-ms)}`;
  if (ms < 0.0005) return "0 ms";
  const rounded = Number(ms.toPrecision(3));
  if (rounded < 1000) return `${digits(rounded)} ms`;
  if (rounded < 100_000) return `${digits(rounded / 1000)} s`;
  const seconds = Math.round(ms / 1000);
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
  return `${Math.floor(seconds / 3600)} h ${Math.floor((seconds % 3600) / 60)} min`;
}

/**
 * The same without digits that say nothing: "4 s", not "4.00 s".
 * @param {number|null|undefined} ms
 */
export function brief(ms) {
  return duration(ms).replace(/\.0+ /, " ");
}

/**
 * How long a stretch between the records of two processes took. Each process records what it did just
 * after doing it, so a short stretch may seem to end before it began. Its length is then not known.
 * @param {number|null|undefined} ms
 */
export function stretch(ms) {
  return typeof ms === "number" && ms < 0 ? "~0 ms" : duration(ms);
}

/** Less than this share of a time is not worth words. */
const LEAST_SHARE = 0.001;

/**
 * Whether a part of a time was injected by the lab, and so much of it that it has to be told apart.
 * @param {number|null|undefined} ms
 * @param {number} injected_ms
 */
export function isApart(ms, injected_ms) {
  return injected_ms > 0 && injected_ms >= LEAST_SHARE * (ms ?? 0);
}

/**
 * A duration, and how much of it the lab has injected: "1.21 s, of which 1.00 s was injected".
 * @param {number|null|undefined} ms
 * @param {number} injected_ms
 */
export function apart(ms, injected_ms) {
  if (!isApart(ms, injected_ms)) return duration(ms);
  const [whole, injected] = [duration(ms), duration(injected_ms)];
  if (injected !== whole) return `${whole}, of which ${injected} was injected`;
  return `${whole}, ${duration((ms ?? 0) - injected_ms) === duration(0) ? "" : "nearly "}all of it injected`;
}

/**
 * The same for a stretch between the records of two processes, with little room: what was natural, and what
 * was injected: "11.2 ms + 1.00 s".
 * @param {number|null|undefined} ms
 * @param {number} injected_ms
 */
export function sum(ms, injected_ms) {
  if (!isApart(ms, injected_ms)) return { natural: stretch(ms), injected: "" };
  return { natural: stretch((ms ?? 0) - injected_ms), injected: duration(injected_ms) };
}

/** @param {number} value */
function digits(value) {
  if (value < 0.1) return value.toFixed(3);
  return value.toPrecision(3);
}

/**
 * "1 todo", "2 todos", "1,000 todos".
 * @param {number} count
 * @param {string} word
 */
export function counted(count, word) {
  return `${count.toLocaleString("en-GB")} ${word}${count === 1 ? "" : "s"}`;
}

/** A smaller change of a clock is not worth words. */
const LEAST_CHANGE_MS = 1000;

/**
 * By how much a clock was set: "clock set back by 1 h 0 min"; "" if it hardly was.
 * @param {number} changed_by_ms
 */
export function clockSays(changed_by_ms) {
  if (Math.abs(changed_by_ms) < LEAST_CHANGE_MS) return "";
  return `clock set ${changed_by_ms < 0 ? "back" : "forward"} by ${duration(Math.abs(changed_by_ms))}`;
}

/**
 * A moment by this browser's local wall clock, to the millisecond.
 * @param {number} at_ms Epoch.
 */
export function timeOf(at_ms) {
  const date = new Date(at_ms);
  const two = (/** @type {number} */ value) => String(value).padStart(2, "0");
  const time = [date.getHours(), date.getMinutes(), date.getSeconds()].map(two).join(":");
  return `${time}.${String(date.getMilliseconds()).padStart(3, "0")}`;
}
