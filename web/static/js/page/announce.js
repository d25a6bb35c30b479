// @ts-check
/** The page's voice for people who cannot see it: a live region, read out when it changes. */
import { say } from "./dom.js";

/**
 * @param {ParentNode} page
 * @returns {(text: string) => void}
 */
export function announcerOf(page) {
  const region = page.querySelector("[data-summary]");
  return (text) => { if (region) say(region, text); };
}
