/** Commands: what the page says when one is refused. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { problemOf } from "../../web/static/js/send/problem.js";

test("a problem reads as two sentences", async () => {
  const problem = { title: "mongodb cannot be reached.", detail: "Nothing was changed." };
  const said = await problemOf(new Response(JSON.stringify(problem), { status: 503 }));
  assert.equal(said, "mongodb cannot be reached. Nothing was changed.");
});

test("a refusal without words is told by its status", async () => {
  for (const body of ["<html>", "{}", "null"]) {
    assert.equal(await problemOf(new Response(body, { status: 502 })), "Refused with 502.");
  }
});
