// @ts-check
/** Asks for the host key, in a dialog. */
import { closedWith } from "./dialogs.js";
import { one, oneOf, say } from "./dom.js";

/**
 * @param {ParentNode} page
 * @returns {(wrong: string) => Promise<string>} Asks, saying what was wrong with the last key; gives ""
 *   if no key was given.
 */
export function hostKeyFrom(page) {
  return async (wrong) => {
    const dialog = oneOf(page, "dialog", "host", HTMLDialogElement);
    const field = one(dialog, "host-key", HTMLInputElement);
    say(one(dialog, "host-says"), wrong);
    field.value = "";
    return (await closedWith(dialog)) === "given" ? field.value.trim() : "";
  };
}
