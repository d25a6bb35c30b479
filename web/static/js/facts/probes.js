// @ts-check
/**
 * The probe reads beside the t-visibility curve. Pure.
 *
 * A probe stands for as many writes as its weight says: in a burst only some writes are probed, and without
 * their weights the first ones of each second, which find the queue empty, would speak for all.
 * Source: Horvitz, Thompson: "A Generalization of Sampling Without Replacement from a Finite Universe",
 * JASA 47(260), 1952.
 */
import { readableAt } from "./staleness.js";

/** @typedef {import("../journal/types.js").Journey} Journey */
/** @typedef {import("../journal/types.js").Probe} Probe */
/** @typedef {{t_ms: number, share: number, count: number}} Group */

/**
 * The probe reads, sorted by t into groups of about the same size.
 * @param {readonly Probe[]} probes
 * @param {number} [groups] The most groups.
 * @returns {Group[]} By t. The t of a group is its middle one; its share is that of the writes that the
 *   probes stand for.
 */
export function sharesByDelay(probes, groups = 12) {
  const sorted = [...probes].sort((a, b) => a.t_ms - b.t_ms);
  const size = Math.max(1, Math.ceil(sorted.length / groups));
  /** @type {Group[]} */
  const result = [];
  for (let first = 0; first < sorted.length; first += size) {
    const group = sorted.slice(first, first + size);
    const middle = (group.length - 1) / 2;
    result.push({
      t_ms: (group[Math.floor(middle)].t_ms + group[Math.ceil(middle)].t_ms) / 2,
      share: weightOf(group.filter(({ visible }) => visible)) / weightOf(group),
      count: group.length,
    });
  }
  return result;
}

/**
 * The share of the writes whose read was stale.
 * @param {readonly Probe[]} probes
 * @returns {number|null} Null without probes.
 */
export function staleOf(probes) {
  return probes.length ? weightOf(probes.filter(({ visible }) => !visible)) / weightOf(probes) : null;
}

/**
 * Holds each probe read against the trace of the very write that it asked for. MongoDB takes the write
 * between its delivery to the projector and the projector's record of it, so a read at that time may show it
 * or not.
 * @param {readonly Probe[]} probes
 * @param {ReadonlyMap<string, Journey>} journeys
 * @param {number} now_ms Epoch: what happened later is not known.
 * @returns {{agree: number, compared: number}} How many agree, of those whose write is still kept.
 */
export function checkOf(probes, journeys, now_ms) {
  const delivered = readableAt(journeys.values(), "delivered", now_ms);
  const projected = readableAt(journeys.values(), "projected", now_ms);
  let agree = 0;
  let compared = 0;
  for (const { event_id, visible, asked_ms, at_ms } of probes) {
    const journey = journeys.get(event_id);
    if (!journey) continue;
    compared += 1;
    if (visible ? (delivered(journey) ?? Infinity) <= at_ms : (projected(journey) ?? Infinity) >= asked_ms) agree += 1;
  }
  return { agree, compared };
}

/**
 * The probe reads of writes that the lab was holding up, or had held up by then, and the others.
 * @param {readonly Probe[]} probes
 * @param {ReadonlyMap<string, Journey>} journeys
 * @param {import("../journal/injected.js").Injected} rule What was injected.
 * @returns {{held: Probe[], others: Probe[]}}
 */
export function apartOf(probes, journeys, rule) {
  /** @type {Probe[]} */
  const held = [];
  /** @type {Probe[]} */
  const others = [];
  for (const probe of probes) {
    const journey = journeys.get(probe.event_id);
    const isHeld = journey !== undefined && rule.between(journey, probe.asked_ms - probe.t_ms, probe.at_ms) > 0;
    (isHeld ? held : others).push(probe);
  }
  return { held, others };
}

/** @param {readonly Probe[]} probes */
function weightOf(probes) {
  return probes.reduce((sum, { weight = 1 }) => sum + weight, 0);
}
