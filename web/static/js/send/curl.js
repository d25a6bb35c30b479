// @ts-check
/** Writes a request for a terminal, so that everything the page does can be done without it. Pure. */

/**
 * @typedef {object} Request
 * @property {string} method
 * @property {string} url
 * @property {Record<string, string>} [headers]
 * @property {string} [body]
 */

/** The service to which a path of this page leads, and its port unless web has given another. */
const SERVICES = Object.freeze({
  commands: { process: "command-service", port: 5001 },
  queries: { process: "query-service", port: 5002 },
});

/** Where browsers find the machine that they run on; `*.localhost` leads there too. */
const THIS_MACHINE = /^(.+\.)?localhost$|^127(\.\d+){3}$|^\[::1\]$/;

/**
 * The address to which a path of this page leads: `/commands/todos` is `/todos` of the command service.
 * The services' ports are published on the stack's own machine only, so a page that was opened from
 * elsewhere gives its own address, and web passes the request on.
 * @param {string} path
 * @param {Record<string, number>|null} [ports] By process, as web has given them.
 * @param {string} [origin] The page's origin.
 */
export function serviceUrl(path, ports = null, origin = "http://localhost:5003") {
  const [, way, rest] = /^\/(commands|queries)(\/.*)$/.exec(path) ?? [];
  const isHere = THIS_MACHINE.test(new URL(origin).hostname);
  if ((way !== "commands" && way !== "queries") || !isHere) return `${origin}${path}`;
  const { process, port } = SERVICES[way];
  return `http://localhost:${ports?.[process] ?? port}${rest}`;
}

/** The header with the host key, which the shell puts in: no page shows it. */
export const HOST_KEY = Object.freeze({ Authorization: "Bearer $HOST_KEY" });

/**
 * The request as one line for a POSIX shell.
 * @param {Request} request
 * @returns {string}
 */
export function curl({ method, url, headers = {}, body }) {
  const parts = ["curl"];
  if (method !== "GET") parts.push("-X", method);
  parts.push(quoted(url));
  for (const [name, value] of Object.entries(headers)) {
    parts.push("-H", value === HOST_KEY.Authorization ? `"${name}: ${value}"` : quoted(`${name}: ${value}`));
  }
  if (body !== undefined) parts.push("-d", single(body));
  return parts.join(" ");
}

/**
 * JSON as the services write it, with a space after each colon and comma.
 * @param {Record<string, unknown>} object
 */
export function spaced(object) {
  return inOrder(`{${Object.entries(object)
    .map(([name, value]) => `${JSON.stringify(name)}: ${JSON.stringify(value)}`)
    .join(", ")}}`);
}

/**
 * The same JSON, with the controls of direction as escapes: otherwise a title could turn the rest around,
 * here and in a terminal.
 * @param {string} json
 */
export function inOrder(json) {
  const escaped = (/** @type {string} */ sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, "0")}`;
  return json.replaceAll(/[\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069]/g, escaped);
}

/**
 * A word for the shell: bare if that means the same, in double quotes if nothing in it is special there,
 * otherwise in single quotes.
 * @param {string} text
 */
export function quoted(text) {
  if (/^[\w@%+=:,./-]+$/.test(text)) return text;
  return /["$`\\!]/.test(text) ? single(text) : `"${text}"`;
}

/**
 * In single quotes only the single quote itself is special (POSIX.1-2017, Shell, 2.2.2).
 * @param {string} text
 */
function single(text) {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
