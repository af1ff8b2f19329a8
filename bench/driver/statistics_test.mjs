import assert from "node:assert/strict";
import { test } from "node:test";
import { median, ratios, slope, spread } from "./statistics.mjs";

test("a median lies in the middle, or between the two that do", () => {
  assert.equal(median([3, 1, 2]), 2);
  assert.equal(median([4, 1, 2, 3]), 2.5);
  assert.equal(median([]), undefined);
});

test("a spread passes over what is no number", () => {
  assert.deepEqual(spread([2, undefined, NaN, 1, 3]), { median: 2, least: 1, most: 3, count: 3 });
  assert.equal(spread([undefined]), undefined);
});

test("ratios are taken in each round, so a slow one does not change them", () => {
  assert.deepEqual(ratios([20, 200, 30], [10, 100, 10]), {
    median: 2,
    least: 2,
    most: 3,
    count: 3,
  });
  assert.equal(ratios([1], [0]), undefined);
});

test("a slope is that of the best line", () => {
  assert.equal(
    slope([
      [0, 1],
      [1, 3],
      [2, 5],
    ]),
    2,
  );
  assert.equal(slope([[1, 1]]), 0);
});
