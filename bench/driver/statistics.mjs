// What a series of measurements says.

export function median(values) {
  if (values.length === 0) return undefined;
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

// { median, least, most, count } of the numbers among `values`; undefined if there are none.
export function spread(values) {
  const numbers = values.filter(Number.isFinite);
  if (numbers.length === 0) return undefined;
  return {
    median: median(numbers),
    least: Math.min(...numbers),
    most: Math.max(...numbers),
    count: numbers.length,
  };
}

// The spread of `theirs[i] / ours[i]` over the rounds that have both. A machine that is slow in one
// round is so for both, which is why ratios are taken in each round and not between medians.
export function ratios(theirs, ours) {
  return spread(theirs.map((value, round) => (ours[round] > 0 ? value / ours[round] : NaN)));
}

// Of the line that fits the points [x, y] best: how much y grows with 1 of x.
export function slope(points) {
  const mean = (pick) => points.reduce((sum, point) => sum + pick(point), 0) / points.length;
  const x = mean((point) => point[0]);
  const y = mean((point) => point[1]);
  const over = points.reduce((sum, point) => sum + (point[0] - x) * (point[1] - y), 0);
  const under = points.reduce((sum, point) => sum + (point[0] - x) ** 2, 0);
  return under === 0 ? 0 : over / under;
}
