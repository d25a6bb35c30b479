// @ts-check
/** Questions of which only the last counts: an answer to one before it may come later, and is of something else. Pure. */

/**
 * @template Answer
 * @returns {(question: Promise<Answer>) => Promise<Answer|null>} Null if another question has been asked meanwhile.
 */
export function latestOf() {
  let asked = 0;
  return async (question) => {
    asked += 1;
    const at = asked;
    const answer = await question;
    return at === asked ? answer : null;
  };
}
