/** Commands: what the page says when one is refused, and what it asks to read after many. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Commands, problemOf } from "../../web/static/js/send/commands.js";

test("a problem reads as two sentences", async () => {
  const problem = { title: "mongodb cannot be reached.", detail: "Nothing was changed." };
  const said = await problemOf(new Response(JSON.stringify(problem), { status: 503 }));
  assert.equal(said, "mongodb cannot be reached. Nothing was changed.");
});

test("the page asks to read the last twenty todos that it wrote, and remembers no others", async () => {
  let id = 0;
  const send = /** @type {typeof fetch} */ (async () => {
    id += 1;
    return new Response("{}", { status: 201, headers: { "Consistency-Token": `${id}.1` } });
  });
  const commands = new Commands(send, () => false);
  for (let count = 0; count < 50; count += 1) await commands.add("a");
  assert.equal(commands.token(), Array.from({ length: 20 }, (_, index) => `${index + 31}.1`).join(","));
  assert.equal(commands.written.size, 20);
});
