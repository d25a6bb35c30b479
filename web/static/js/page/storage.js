// @ts-check
/** What a browser remembers, or what stands in for it where a browser forbids that. */

/** @typedef {Pick<Storage, "getItem"|"setItem"|"removeItem">} Remembers */

/**
 * A storage of which no access fails. What the browser does not take, because it forbids it or has no room,
 * is forgotten when the page is closed.
 * @param {() => Storage} storage Even looking at it may throw.
 * @returns {Remembers}
 */
export function remembering(storage) {
  /** @type {Map<string, string>} */
  const here = new Map();
  /** @type {<T>(act: (kept: Storage) => T, otherwise: T) => T} */
  const trying = (act, otherwise) => {
    try {
      return act(storage());
    } catch {
      return otherwise;
    }
  };
  return {
    getItem: (name) => here.get(name) ?? trying((kept) => kept.getItem(name), null),
    setItem: (name, value) => {
      here.set(name, value);
      trying((kept) => { kept.setItem(name, value); here.delete(name); }, undefined);
    },
    removeItem: (name) => {
      here.delete(name);
      trying((kept) => kept.removeItem(name), undefined);
    },
  };
}
