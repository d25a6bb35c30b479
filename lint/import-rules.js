/**
 * The page's rooms, and which of the others each may import: the import contracts of its JavaScript.
 *
 * It reads every import, including imports of types in comments, so no cycle goes unnoticed.
 * Run by `make lint`: `node lint/import-rules.js web/static/js`.
 */
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import process from "node:process";
import { pathToFileURL } from "node:url";

/**
 * What each room may import besides its own files. News goes one way: wire, journal, clock, facts,
 * views (stage and panels), send. Only main.js knows them all, and no panel knows another. views/ defines
 * what a view is and has the loop that draws them; panels.js lists the panels.
 * @type {Readonly<Record<string, readonly string[]>>}
 */
export const MAY_IMPORT = Object.freeze({
  "journal": [],
  "clock": ["journal"],
  "facts": ["journal", "clock", "page"],
  "page": [],
  "send": [],
  "views": ["journal", "clock", "facts", "page"],
  "stage": ["journal", "clock", "facts", "page", "views"],
  "panels": ["journal", "clock", "facts", "page", "send", "views", "vendor"],
  "panels.js": ["panels"],
  "wire": ["journal", "clock", "vendor"],
  "main.js": ["journal", "clock", "facts", "page", "send", "views", "stage", "panels.js", "wire"],
});

/** @typedef {readonly [from: string, to: string]} Import Two files, relative to the rooms' folder. */

/**
 * The files that a file imports, by `import`, `export … from` or `import("…")`, in code and in comments.
 * @param {string} file Relative to the rooms' folder.
 * @param {string} text
 * @returns {Import[]}
 */
export function importsOf(file, text) {
  const found = text.matchAll(/\b(?:from\s*|import\s*\(?\s*)"(\.[^"]+)"/g);
  const targets = new Set([...found].map(([, to]) => path.posix.join(path.posix.dirname(file), to)));
  return [...targets].map((to) => [file, to]);
}

/**
 * The faults in these imports, one line each.
 * @param {readonly Import[]} imports
 * @param {typeof MAY_IMPORT} [mayImport]
 * @returns {string[]}
 */
export function faultsOf(imports, mayImport = MAY_IMPORT) {
  return [
    ...imports.filter((one) => !isAllowed(one, mayImport)).map(([from, to]) => `${from} may not import ${to}`),
    ...cyclesOf(imports).map((files) => `these import each other in a circle: ${files.join(", ")}`),
  ];
}

/**
 * @param {Import} import_
 * @param {typeof MAY_IMPORT} mayImport
 */
function isAllowed([from, to], mayImport) {
  return homeOf(from) === homeOf(to) || (mayImport[roomOf(from)] ?? []).includes(roomOf(to));
}

/**
 * The group that a file belongs to: its room or, among the panels, its panel.
 * @param {string} file
 */
function homeOf(file) {
  return roomOf(file) === "panels" ? file.split("/").slice(0, 2).join("/") : roomOf(file);
}

/** @param {string} file */
function roomOf(file) {
  return file.startsWith("../") ? file.split("/")[1] : file.split("/")[0];
}

/**
 * The knots: sets of files in which every file can be reached from every other.
 * @param {readonly Import[]} imports
 * @returns {string[][]}
 */
export function cyclesOf(imports) {
  const files = [...new Set(imports.flat())].toSorted();
  const reached = new Map(files.map((file) => [file, reachedFrom(file, imports)]));
  const isCircle = (/** @type {string} */ a, /** @type {string} */ b) =>
    reached.get(a)?.has(b) && reached.get(b)?.has(a);
  const knots = files.map((file) => files.filter((other) => isCircle(file, other)));
  return knots.filter((knot, index) => knot[0] === files[index]);
}

/**
 * @param {string} start
 * @param {readonly Import[]} imports
 * @returns {Set<string>} Includes the start only if some path leads back to it.
 */
function reachedFrom(start, imports) {
  /** @type {Set<string>} */
  const reached = new Set();
  const next = [start];
  for (let file = next.pop(); file !== undefined; file = next.pop()) {
    for (const [from, to] of imports) {
      if (from !== file || reached.has(to)) continue;
      reached.add(to);
      next.push(to);
    }
  }
  return reached;
}

/**
 * All the imports in a folder's modules.
 * @param {string} folder
 * @returns {Import[]}
 */
export function readImports(folder) {
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".js"));
  return files.flatMap((file) => importsOf(file.replaceAll(path.sep, "/"), readFileSync(path.join(folder, file), "utf8")));
}

/** @param {string} folder */
function main(folder) {
  const imports = readImports(folder);
  const faults = imports.length ? faultsOf(imports) : [`${folder} has no modules`];
  const kept = `The page's rooms: ${imports.length} imports, all in the order of the flow`;
  process.stdout.write(`${(faults.length ? faults : [kept]).join("\n")}\n`);
  process.exitCode = faults.length ? 1 : 0;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) main(process.argv[2]);
