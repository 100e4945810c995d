import assert from "node:assert/strict";
import { test } from "node:test";

import { fitting, folded } from "../src/matching.ts";

const NAMES = ["Côte d'Ivoire", "Guinea", "Equatorial Guinea", "Guinea-Bissau", "Papua New Guinea", "Égypte", "الجزائر"];
const found = (typed: string): string[] => fitting(NAMES, typed).map((place) => NAMES[place] ?? "");

test("accents, case and the Arabic article do not matter", () => {
  assert.equal(folded("Égypte"), "egypte");
  assert.deepEqual(found("EGY"), ["Égypte"]);
  assert.deepEqual(found("cote d’i"), ["Côte d'Ivoire"]);
  assert.deepEqual(found("جزائر"), ["الجزائر"]);
});

test("what begins so comes before what has a word that does", () => {
  assert.deepEqual(found("guin"), ["Guinea", "Guinea-Bissau", "Equatorial Guinea", "Papua New Guinea"]);
});

test("what has it inside comes last", () => {
  assert.deepEqual(found("b"), ["Guinea-Bissau"]);
  assert.deepEqual(found("voi"), ["Côte d'Ivoire"]);
  assert.deepEqual(found("xyz"), []);
});

test("nothing typed leaves all, in their order", () => {
  assert.deepEqual(found(" "), NAMES);
});
