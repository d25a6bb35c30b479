// @ts-check
/** The coordinator, while it has something to do at the moment shown: a switch that is on, or a saga. Pure. */
import { counted } from "../page/format.js";

/** @typedef {import("../journal/journal.js").Journal} Journal */
/** @typedef {import("../journal/types.js").Holds} Holds */
/** @typedef {import("../journal/types.js").Switches} Switches */
/** @typedef {{sagas: number}} Coordinator `sagas`: how many are open. */

/** What it has done is to be seen for so long. */
const STAYS_MS = 20_000;

/**
 * @param {Pick<Journal, "firings">} journal
 * @param {{holds: Holds, switches: Switches, told_ms: number}} told What had been said by the moment shown.
 * @returns {Coordinator|null} Null while it sleeps.
 */
export function coordinatorAt({ firings }, { holds, switches, told_ms }) {
  const said = holds.coordinator?.sagas;
  const sagas = typeof said === "number" ? said : 0;
  const isOn = Object.values(switches.coordinator ?? {}).some((state) => state?.on);
  const isSince = firings.some(({ place, began_ms, over_ms = began_ms }) => (
    place === "coordinator" && began_ms <= told_ms && told_ms < over_ms + STAYS_MS
  ));
  return sagas || isOn || isSince ? { sagas } : null;
}

/**
 * What it is at, in words.
 * @param {Coordinator} coordinator
 */
export function coordinatorSays({ sagas }) {
  return sagas ? `${counted(sagas, "saga")} open` : "no saga open";
}
