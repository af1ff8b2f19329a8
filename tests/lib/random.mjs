// Random numbers that a failed test can have again: the seed is printed, and SEED=... gives it back.
//
//   const random = seededRandom();
//   const cut = random.below(bytes.length);

export function seededRandom(
  seed = Number(process.env.SEED ?? Math.floor(Math.random() * 2 ** 32)),
) {
  let state = seed >>> 0;
  console.log(`# seed ${state}`);

  // mulberry32
  function next() {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  }
  const below = (n) => Math.floor(next() * n);
  return {
    next,
    below,
    between: (min, max) => min + below(max - min + 1),
    pick: (list) => list[below(list.length)],
  };
}
