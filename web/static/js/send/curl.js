// @ts-check
/** How a request is written for a terminal, so that whatever the page does can be done without it. Pure. */

/**
 * @typedef {object} Request
 * @property {string} method
 * @property {string} url
 * @property {Record<string, string>} [headers]
 * @property {string} [body]
 */

/** Which service a path of this page leads to, and its port where web has told no other. */
const SERVICES = Object.freeze({
  commands: { process: "command-service", port: 5001 },
  queries: { process: "query-service", port: 5002 },
});

/**
 * Where a path of this page leads to: `/commands/todos` is `/todos` of the command service. The
 * services' ports are published on the stack's own machine, and for a terminal there.
 * @param {string} path
 * @param {Record<string, number>|null} [ports] By process, as web has told them.
 * @param {string} [origin] Of the page.
 */
export function serviceUrl(path, ports = null, origin = "http://localhost:5003") {
  const [, way, rest] = /^\/(commands|queries)(\/.*)$/.exec(path) ?? [];
  if (way !== "commands" && way !== "queries") return `${origin}${path}`;
  const { process, port } = SERVICES[way];
  return `http://localhost:${ports?.[process] ?? port}${rest}`;
}

/**
 * The request as one line for a POSIX shell.
 * @param {Request} request
 * @returns {string}
 */
export function curl({ method, url, headers = {}, body }) {
  const parts = ["curl"];
  if (method !== "GET") parts.push("-X", method);
  parts.push(quoted(url));
  for (const [name, value] of Object.entries(headers)) parts.push("-H", quoted(`${name}: ${value}`));
  if (body !== undefined) parts.push("-d", single(body));
  return parts.join(" ");
}

/**
 * JSON as the services write it, with a space after each colon and comma.
 * @param {Record<string, unknown>} object
 */
export function spaced(object) {
  return `{${Object.entries(object)
    .map(([name, value]) => `${JSON.stringify(name)}: ${JSON.stringify(value)}`)
    .join(", ")}}`;
}

/**
 * A word for the shell: bare where it means the same, in double quotes where nothing in it is
 * special there, else in single quotes.
 * @param {string} text
 */
function quoted(text) {
  if (/^[\w@%+=:,./-]+$/.test(text)) return text;
  return /["$`\\!]/.test(text) ? single(text) : `"${text}"`;
}

/**
 * In single quotes nothing is special but the single quote itself (POSIX.1-2017, Shell, 2.2.2).
 * @param {string} text
 */
function single(text) {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
