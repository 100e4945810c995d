import assert from "node:assert/strict";
import { test } from "node:test";

import { boxOf, CLOSEST, closeness, moved, nextPlace, showing, zoomed } from "../src/view.ts";

const WHOLE = { x: 0, y: 0, width: 1000, height: 500 };

test("a viewBox is read", () => {
  assert.deepEqual(boxOf(" 1 2,3 4"), { x: 1, y: 2, width: 3, height: 4 });
});

test("zooming keeps the point where it is", () => {
  const closer = zoomed(WHOLE, WHOLE, 2, 800, 100);
  assert.deepEqual(closer, { x: 400, y: 50, width: 500, height: 250 });
  assert.equal((800 - closer.x) / closer.width, 800 / 1000);
});

test("nothing is shown beyond the whole, nor closer than the closest", () => {
  assert.deepEqual(zoomed(WHOLE, WHOLE, 0.1), WHOLE);
  assert.equal(closeness(zoomed(WHOLE, WHOLE, 1000), WHOLE), CLOSEST);
  const view = { x: 400, y: 50, width: 500, height: 250 };
  assert.deepEqual(moved(view, WHOLE, 900, -900), { x: 500, y: 0, width: 500, height: 250 });
});

test("a point that is seen moves nothing, another comes into view", () => {
  const view = { x: 400, y: 50, width: 500, height: 250 };
  assert.deepEqual(showing(view, WHOLE, 650, 175), view);
  const there = showing(view, WHOLE, 100, 450);
  assert.ok(there.x <= 100 && there.y + there.height >= 450);
});

test("the next place lies ahead, rather than aside", () => {
  const places = [
    { x: 500, y: 250 },
    { x: 600, y: 255 },
    { x: 560, y: 300 },
    { x: 500, y: 100 },
  ];
  const here = { x: 500, y: 250 };
  assert.equal(nextPlace(places, here, "ArrowRight"), 1);
  assert.equal(nextPlace(places, here, "ArrowUp"), 3);
  assert.equal(nextPlace(places, here, "ArrowLeft"), -1);
});
