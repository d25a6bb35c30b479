/** Answers that come late, or in another order than they were asked for. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { latestOf } from "../../web/static/js/page/latest.js";
import { remembering } from "../../web/static/js/page/storage.js";
import { Answered } from "../../web/static/js/panels/lessons/answered.js";
import { Written } from "../../web/static/js/send/written.js";

class FakeElement {
  textContent = "";
  ownerDocument = { addEventListener: () => {} };
}

/** A promise that is settled from outside. @template T */
function later() {
  /** @type {(value: T) => void} */
  let settle = () => {};
  /** @type {Promise<T>} */
  const promise = new Promise((resolve) => { settle = resolve; });
  return { promise, settle: (/** @type {T} */ value) => settle(value) };
}

test("only the answer to the last question counts, whichever comes first", async () => {
  for (const order of [[0, 1, 2], [2, 1, 0], [1, 2, 0]]) {
    const latest = latestOf();
    const questions = [later(), later(), later()];
    const answers = questions.map(({ promise }) => latest(promise));
    for (const at of order) questions[at].settle(at);
    assert.deepEqual(await Promise.all(answers), [null, null, 2]);
  }
});

test("a tab remembers the latest version of a todo that it wrote, in whatever order the answers come", () => {
  const written = new Written(remembering(() => { throw new Error("forbidden"); }));
  for (const token of ["3.1", "3.3", "3.2"]) written.note(token);
  assert.equal(written.token(), "3.3");
});

test("a reader's answers are sent one after the other, and none into another attempt", async (t) => {
  const { HTMLElement: before } = globalThis;
  t.after(() => { globalThis.HTMLElement = before; });
  globalThis.HTMLElement = /** @type {any} */ (FakeElement);
  const { Sending } = await import("../../web/static/js/panels/lessons/sending.js");
  /** @type {{body: string, settle: (answer: Response) => void}[]} */
  const sent = [];
  const ask = /** @type {typeof fetch} */ ((_, request) => {
    const { promise, settle } = /** @type {ReturnType<typeof later<Response>>} */ (later());
    sent.push({ body: JSON.parse(String(request?.body)).answer, settle });
    return promise;
  });
  const answered = new Answered(remembering(() => { throw new Error("forbidden"); }));
  answered.follow({ run: "r1" });
  const root = /** @type {any} */ ({ querySelector: () => new FakeElement() });
  const sending = new Sending(root, { host: /** @type {any} */ ({}), ask, answered }, () => {});
  const first = sending.answer(1, "one");
  const second = sending.answer(1, "two");
  await Promise.resolve();
  assert.deepEqual(sent.map(({ body }) => body), ["one"]);
  sent[0].settle(new Response(null, { status: 200 }));
  assert.equal(await first, true);
  assert.equal(answered.by.get(1), "one");
  assert.deepEqual(sent.map(({ body }) => body), ["one", "two"]);
  const third = sending.answer(1, "three");
  answered.follow({ run: "r1", attempt: 2 });
  sent[1].settle(new Response(null, { status: 200 }));
  assert.equal(await second, true);
  await Promise.resolve();
  assert.deepEqual([sent.length, answered.by.size], [2, 0]);
  assert.equal(await third, false);
});
