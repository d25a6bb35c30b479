// @ts-check
/** Curl lines as web writes them, for whoever reads them: elsewhere than on the stack's machine, its ports are closed. Pure. */
import { serviceUrl } from "../../send/curl.js";

const HERE = /http:\/\/localhost:(\d+)(\/[^\s"']*)/g;
/** The path of this page that leads to a service. @type {Readonly<Record<string, string>>} */
const WAYS = Object.freeze({ "command-service": "/commands", "query-service": "/queries" });

/**
 * @param {string} line
 * @param {Record<string, number>|null} ports By process, as web has given them.
 * @param {string} origin The page's.
 */
export function here(line, ports, origin) {
  if (!ports || serviceUrl("/commands/", ports, origin) !== `${origin}/commands/`) return line;
  return line.replaceAll(HERE, (_, port, path) => {
    const process = Object.keys(WAYS).find((name) => String(ports[name]) === port);
    return `${origin}${process ? WAYS[process] : ""}${path}`;
  });
}
