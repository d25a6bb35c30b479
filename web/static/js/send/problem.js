// @ts-check
/** What a service says is wrong (RFC 9457), in words: the title and the detail of a problem are sentences. Pure. */

/**
 * @param {{title?: string, detail?: string}|null} problem
 * @param {number} status The answer's, which is all there is to say of one without words.
 */
export function saidIn(problem, status) {
  return [problem?.title, problem?.detail].filter(Boolean).join(" ") || `Refused with ${status}.`;
}

/** @param {Response} answer */
export async function problemOf(answer) {
  try {
    return saidIn(await answer.json(), answer.status);
  } catch {
    return saidIn(null, answer.status);
  }
}
