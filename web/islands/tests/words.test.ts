import assert from "node:assert/strict";
import { test } from "node:test";

import { filled, sampleFor } from "../src/words.ts";

const CASES: [string, number, number][] = [
  ["en", 1, 1],
  ["en", 496, 0],
  ["fr", 0, 0],
  ["fr", 496, 2],
  ["ru", 21, 1],
  ["ru", 4, 2],
  ["ru", 496, 11],
  ["ar", 0, 0],
  ["ar", 2, 2],
  ["ar", 7, 3],
  ["ar", 47, 11],
  ["ar", 500, 100],
  ["zh", 7, 1],
];

for (const [language, n, sample] of CASES) {
  test(`${n} in ${language} is told in the same plural form as ${sampleFor(n, language)}`, () => {
    const rules = new Intl.PluralRules(language);
    assert.equal(rules.select(sampleFor(n, language)), rules.select(n));
    assert.equal(rules.select(sample), rules.select(n));
  });
}

test("every plural form up to a thousand has a sample, in each language of the pages", () => {
  for (const language of ["en", "fr", "es", "ar", "zh", "ru"]) {
    const rules = new Intl.PluralRules(language);
    for (let n = 0; n <= 1000; n++) assert.equal(rules.select(sampleFor(n, language)), rules.select(n), `${n} in ${language}`);
  }
});

test("names are filled in, unknown ones stay", () => {
  assert.equal(filled("{n} of {total}: {other}", { n: "3", total: "7" }), "3 of 7: {other}");
});
