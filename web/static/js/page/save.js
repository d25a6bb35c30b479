// @ts-check
/** Saves a file, by the browser's own way of saving one. */
import { make } from "./dom.js";

/** How long the browser has to fetch it. */
const SAVING_MS = 10_000;

/**
 * @param {Blob} content
 * @param {string} name The moment follows: "<name>-2026-01-31T120000Z.json".
 */
export function save(content, name) {
  const at = new Date().toISOString().slice(0, 19).replaceAll(":", "");
  const url = URL.createObjectURL(content);
  make("a", { href: url, download: `${name}-${at}Z.json` }).click();
  setTimeout(() => URL.revokeObjectURL(url), SAVING_MS);
}

/**
 * The content of a file in JSON.
 * @param {unknown} value
 */
export function asJson(value) {
  return new Blob([JSON.stringify(value)], { type: "application/json" });
}
