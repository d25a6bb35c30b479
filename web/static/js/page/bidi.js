// @ts-check
/**
 * Titles that change the direction of text, and what stands beside them. A control that a title opens and
 * does not close would turn around what follows it. Pure.
 *
 * Source: UAX #9, The Unicode Bidirectional Algorithm, 3.3.2 and 6.3.
 */

/** Letters and digits written from right to left, and all controls of direction. */
const TURNS = /[\u0590-\u08FF\u200E\u200F\u202A-\u202E\u2066-\u2069\uFB1D-\uFDFF\uFE70-\uFEFC\u{10800}-\u{10FFF}\u{1E800}-\u{1EFFF}]/u;
const FSI = "\u2068";
const PDI = "\u2069";
const PDF = "\u202C";
/** What each control that opens something is closed by. @type {Readonly<Record<string, string>>} */
const CLOSED_BY = Object.freeze({
  "\u202A": PDF, "\u202B": PDF, "\u202D": PDF, "\u202E": PDF, "\u2066": PDI, "\u2067": PDI, [FSI]: PDI,
});

/**
 * A title that can stand in an element of its own: it closes what it opens, and nothing else.
 * @param {string} title
 */
export function closed(title) {
  if (!TURNS.test(title)) return title;
  /** @type {string[]} */
  const open = [];
  const kept = [...title].filter((sign) => {
    if (sign in CLOSED_BY) return open.push(CLOSED_BY[sign]);
    if (sign !== PDI && sign !== PDF) return true;
    // The end of an isolate also ends the embeddings in it; the end of an embedding ends no isolate.
    const at = sign === PDI ? open.lastIndexOf(PDI) : open.length - (open.at(-1) === PDF ? 1 : 0);
    if (at < 0 || at === open.length) return false;
    open.length = at;
    return true;
  });
  return [...kept, ...open.reverse()].join("");
}

/**
 * A title as a part of a sentence that is no markup, such as a label.
 * @param {string} title
 */
export function isolated(title) {
  return TURNS.test(title) ? `${FSI}${closed(title)}${PDI}` : title;
}
