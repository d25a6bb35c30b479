// @ts-check
/** Writing: the field for a new todo, what went wrong with the last command, and its curl. */
import { copies } from "../../page/copy.js";
import { one, say, set } from "../../page/dom.js";
import { curl, serviceUrl } from "../../send/curl.js";

/** @typedef {import("../../journal/journal.js").Journal} Journal */
/** @typedef {import("../../send/commands.js").Commands} Commands */

const EMPTY = "Write what needs doing first.";

/**
 * @param {HTMLElement} root
 * @param {{journal: Journal, commands: Commands}} house
 */
export function mount(root, { journal, commands }) {
  const form = one(root, "add", HTMLFormElement);
  const field = one(form, "new-title", HTMLInputElement);
  const problem = one(root, "problem");
  const box = one(root, "command-curl-box");
  const line = one(root, "command-curl");
  const drawCurl = () => {
    if (!commands.last) return;
    box.hidden = false;
    say(line, curl({ ...commands.last, url: serviceUrl(commands.last.url, journal.ports, location.origin) }));
  };
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const isEmpty = !field.value.trim();
    set(field, "aria-invalid", isEmpty ? "true" : null);
    if (!isEmpty) {
      add(field, commands);
      return;
    }
    say(problem, EMPTY);
    field.focus();
  });
  for (const what of ["input", "blur"]) {
    field.addEventListener(what, () => {
      if (!field.hasAttribute("aria-invalid")) return;
      set(field, "aria-invalid", null);
      say(problem, "");
    });
  }
  copies(one(root, "copy-command-curl"), () => line.textContent ?? "");
  commands.addEventListener("sent", drawCurl);
  commands.addEventListener("answered", () => say(problem, commands.problem ?? ""));
  journal.addEventListener("ports", drawCurl);
  return { root };
}

/**
 * Adds the todo in the field. A title that is refused stays there.
 * @param {HTMLInputElement} field
 * @param {Commands} commands
 */
async function add(field, commands) {
  const title = field.value;
  field.value = "";
  const problem = await commands.add(title);
  if (problem && !field.value) field.value = title;
}
