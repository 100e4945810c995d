import assert from "node:assert/strict";
import { test } from "node:test";

import { frameOf, type Line, remaining, type Spot, spread } from "../src/graph.ts";

const spot = (id: string, x: number, y: number, fixed = false): Spot => ({ id, title: id, x, y, fixed });
const line = (from: string, to: string, field: string): Line => ({ from, to, field });
const SPOTS = [spot("m", 480, 280, true), spot("a", 100, 280, true), spot("b", 50, 300), spot("c", 60, 310)];
const LINES = [line("m", "a", "topics"), line("a", "b", "needs"), line("a", "c", "topics")];

test("fixed spots stay, the others make room, always alike", () => {
  const placed = spread(SPOTS, LINES);
  assert.deepEqual(placed.slice(0, 2), SPOTS.slice(0, 2).map((kept) => ({ ...kept, lang: undefined })));
  const [, , b, c] = placed;
  assert.ok(b && c && Math.hypot(b.x - c.x, b.y - c.y) > 150);
  assert.deepEqual(spread(SPOTS, LINES), placed);
});

test("the frame holds every box", () => {
  const [x, y, width, height] = frameOf([...SPOTS, spot("far", -300, 900)]).split(" ").map(Number) as [number, number, number, number];
  assert.ok(x < -300 - 94 && y <= 0 && x + width >= 960 && y + height > 917);
});

test("what hung on a relationship that is left out goes with it", () => {
  const left = remaining("m", SPOTS, LINES, new Set(["needs"]));
  assert.deepEqual(left.spots.map((kept) => kept.id), ["m", "a", "c"]);
  assert.deepEqual(remaining("m", SPOTS, LINES, new Set(["topics"])).spots.map((kept) => kept.id), ["m"]);
});
