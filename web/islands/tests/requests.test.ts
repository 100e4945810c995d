import assert from "node:assert/strict";
import { test } from "node:test";

import { groupsOf, recordQuestion } from "../src/filters.ts";
import { keeping } from "../src/links.ts";
import { addressOf, Latest } from "../src/network.ts";

const form = (...pairs: [string, string][]): FormData => {
  const made = new FormData();
  for (const [name, value] of pairs) made.append(name, value);
  return made;
};

test("a document is asked by its hash", () => {
  assert.equal(addressOf({ id: "ab" }, { n: 1 }), "/graphql?documentId=ab&variables=%7B%22n%22%3A1%7D");
});

test("the filters of a form become those of the question", () => {
  const filled = form(["q", " land "], ["kind", "needs"], ["kind", "unknown"], ["topic", "digital-identity"], ["country", "KEN"]);
  assert.deepEqual(recordQuestion(filled, { needs: "NEED" }), { query: "land", kinds: ["NEED"], topics: ["digital-identity"], country: "KEN" });
  assert.deepEqual(recordQuestion(form(["country", ""]), {}, "OFFER"), { query: "", kinds: ["OFFER"], topics: null, country: null });
});

test("groups of countries become ids", () => {
  assert.deepEqual(groupsOf(form(["region", "africa"], ["income", ""], ["group", "sids"], ["sort", "name"])), ["group:africa", "group:sids"]);
});

test("a link keeps the language that was chosen", () => {
  assert.equal(keeping("/topics/x", null), "/topics/x");
  assert.equal(keeping("/a?b=1", "ar"), "/a?b=1&lang=ar");
});

test("only the last question is asked, and one that is called off knows it", async () => {
  const latest = new Latest(5);
  const asked: number[] = [];
  let first: AbortSignal | undefined;
  await new Promise<void>((done) => {
    latest.run(async () => void asked.push(1));
    latest.run(async (signal) => {
      asked.push(2);
      first = signal;
      done();
    });
  });
  assert.deepEqual(asked, [2]);
  assert.equal(first?.aborted, false);
  latest.stop();
  assert.equal(first?.aborted, true);
});
