// @ts-check
/** Copying: a button that copies a text, and says so. */
import { say } from "./dom.js";

const SAID_MS = 1500;

/**
 * Makes a button copy what `textOf` gives at the moment it is pressed.
 * @param {HTMLElement} button
 * @param {() => string} textOf
 */
export function copies(button, textOf) {
  const name = button.textContent ?? "";
  button.addEventListener("click", async () => {
    say(button, (await copied(textOf())) ? "Copied" : "Not copied");
    setTimeout(() => say(button, name), SAID_MS);
  });
}

/**
 * @param {string} text
 * @returns {Promise<boolean>}
 */
async function copied(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    // The clipboard's interface exists only in a secure context, which a room's LAN is not.
    return copiedBySelection(text);
  }
}

/** @param {string} text */
function copiedBySelection(text) {
  const area = document.createElement("textarea");
  area.value = text;
  area.className = "unseen";
  const focused = document.activeElement;
  document.body.append(area);
  area.select();
  const done = document.execCommand("copy");
  area.remove();
  if (focused instanceof HTMLElement) focused.focus();
  return done;
}
