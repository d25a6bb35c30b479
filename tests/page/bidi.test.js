/** A title turns around nothing but itself. */
import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { closed, isolated } from "../../web/static/js/page/bidi.js";

const [LRE, RLE, PDF, LRO, RLO] = "\u202A\u202B\u202C\u202D\u202E";
const [LRI, RLI, FSI, PDI] = "\u2066\u2067\u2068\u2069";

/** @type {[string, string][]} */
const TITLES = [
  ["abc", "abc"],
  ["שלום", "שלום"],
  [`${RLO}abc`, `${RLO}abc${PDF}`],
  [`${RLI}abc`, `${RLI}abc${PDI}`],
  [`${RLI}a${RLO}b`, `${RLI}a${RLO}b${PDF}${PDI}`],
  [`${RLI}a${RLO}b${PDI}c`, `${RLI}a${RLO}b${PDI}c`],
  [`a${PDI}b${PDF}`, "ab"],
  [`${RLO}a${LRI}b${PDF}`, `${RLO}a${LRI}b${PDI}${PDF}`],
];
for (const [title, wanted] of TITLES) {
  test(`closed: ${JSON.stringify(title)}`, () => assert.equal(closed(title), wanted));
}

test("in a sentence, only what could turn it around is isolated", () => {
  assert.equal(isolated("Learn CQRS"), "Learn CQRS");
  assert.equal(isolated("שלום"), `${FSI}שלום${PDI}`);
  assert.equal(isolated(`${RLO}abc`), `${FSI}${RLO}abc${PDF}${PDI}`);
});

/** What is still open at the end, and whether something was closed that was not open (UAX #9, BD9 and BD11). @param {string} text */
function left(text) {
  /** @type {string[]} */
  const open = [];
  for (const sign of text) {
    if ([LRI, RLI, FSI].includes(sign)) open.push(PDI);
    else if ([LRE, RLE, LRO, RLO].includes(sign)) open.push(PDF);
    else if (sign === PDI) {
      if (!open.includes(PDI)) return "closes what it has not opened";
      open.length = open.lastIndexOf(PDI);
    } else if (sign === PDF && open.pop() !== PDF) return "closes what it has not opened";
  }
  return open.join("");
}

test("any title closes what it opens, and nothing else, and keeps its letters", () => {
  const title = fc.string({ unit: fc.constantFrom("a", "ש", LRE, RLE, PDF, LRO, RLO, LRI, RLI, FSI, PDI), maxLength: 12 });
  fc.assert(fc.property(title, (text) => {
    assert.equal(left(closed(text)), "");
    assert.equal(closed(text).replaceAll(/[^aש]/g, ""), text.replaceAll(/[^aש]/g, ""));
    assert.equal(closed(closed(text)), closed(text));
  }), { numRuns: 1000 });
});
