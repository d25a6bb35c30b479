// @ts-check
/** The command that led to an event, for a terminal. Pure. */
import { kindOf } from "../../journal/journey.js";
import { curl, spaced } from "../../send/curl.js";

/** @typedef {import("../../journal/journal.js").Journey} Journey */

const JSON_TYPE = Object.freeze({ "Content-Type": "application/json" });

/**
 * @param {Journey} journey
 * @param {(path: string) => string} urlOf The address to which a path of this page leads.
 */
export function commandOf(journey, urlOf) {
  const { todo_id, title, completed } = journey;
  const kind = kindOf(journey);
  const url = urlOf(kind === "created" ? "/commands/todos" : `/commands/todos/${todo_id}`);
  if (kind === "deleted") return curl({ method: "DELETE", url });
  if (kind === "created") return curl({ method: "POST", url, headers: JSON_TYPE, body: spaced({ title }) });
  const change = kind === "renamed" ? { title } : { completed };
  return curl({ method: "PATCH", url, headers: JSON_TYPE, body: spaced(change) });
}
