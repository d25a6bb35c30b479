// @ts-check
/** What sets a switch without the page: a line with curl, and one of `python -m web.lab`. Pure. */
import { HOST_KEY, curl, quoted, spaced } from "../../send/curl.js";

/** @typedef {import("./settings.js").Setting} Setting */

/**
 * The path that sets a switch.
 * @param {string} place
 * @param {string} name
 */
export function pathOf(place, name) {
  return `/lab/${encodeURIComponent(place)}/switches/${encodeURIComponent(name)}`;
}

/**
 * @param {string} place
 * @param {string} name
 * @param {Setting} setting
 * @param {string} origin The page's.
 */
export function curlOf(place, name, setting, origin) {
  return asHost("PUT", pathOf(place, name), origin, setting);
}

/**
 * A request that needs the host key, which the shell has in a variable.
 * @param {string} method
 * @param {string} path
 * @param {string} origin The page's.
 * @param {Record<string, unknown>} [body]
 */
function asHost(method, path, origin, body) {
  const headers = { ...HOST_KEY, ...(body && { "Content-Type": "application/json" }) };
  return curl({ method, url: `${origin}${path}`, headers, body: body && spaced(body) });
}

/**
 * @param {string} place
 * @param {string} name
 * @param {Setting} setting
 * @param {string} program What starts the command where this stack runs.
 */
export function commandOf(place, name, setting, program) {
  const { on, ...values } = setting;
  const given = Object.entries(values).map(([parameter, value]) => quoted(`${parameter}=${value}`));
  return [program, "set", quoted(place), quoted(name), on ? "on" : "off", ...given].join(" ");
}
