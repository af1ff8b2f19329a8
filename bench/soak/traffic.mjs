// What clients and the upstream do to the relay during a soak. Each kind of exchange is
//
//   weight   how often, beside the others
//   books    whose: see books.mjs
//   script   what the upstream does, made anew for every exchange
//   leaves   the client goes away: after so many events, or "at once"
//   statuses what the client may be told; 0: the connection broke off
//
// "books" says what must hold for the ledger:
//   exact    charged is what was reported
//   broken   an end was missing: charged is at least what was reported
//   garbled  not HTTP, so nobody knows what it meant: not compared

const figures = (random) => ({
  input: random.below(5_000),
  output: 1 + random.below(2_000),
  cache_read: random.below(9_000),
  cache_5m: random.below(300),
  cache_1h: random.below(300),
  seed: 1 + random.below(1_000_000),
});

export const kinds = [
  {
    name: "whole answer",
    weight: 30,
    books: "exact",
    script: (random) => ({ ...figures(random), fragment: random.pick(["whole", "random", "97"]) }),
  },
  {
    name: "stream",
    weight: 30,
    books: "exact",
    isStream: true,
    script: (random) => ({
      ...figures(random),
      deltas: 1 + random.below(60),
      delay: random.below(5),
      fragment: random.pick(["whole", "random"]),
    }),
  },
  {
    name: "oddly framed",
    weight: 6,
    books: "exact",
    script: (random) => ({
      ...figures(random),
      framing: random.pick(["chunked", "length", "close"]),
    }),
  },
  {
    name: "silent for a while",
    weight: 3,
    books: "exact",
    isStream: true,
    script: (random) => ({ ...figures(random), stall_events: 3, stall: 50 + random.below(500) }),
  },
  {
    name: "refused by the upstream",
    weight: 5,
    books: "exact",
    script: (random) => ({ status: random.pick([400, 404, 413]) }),
    statuses: [400, 404, 413],
  },
  {
    name: "failing once",
    weight: 3,
    books: "exact",
    isStream: true,
    script: (random) => ({
      ...figures(random),
      fail_times: 1,
      status: random.pick([500, 503, 529]),
    }),
    statuses: [200, 500, 503, 529],
  },
  {
    name: "client leaves in the middle",
    weight: 10,
    books: "broken",
    isStream: true,
    leaves: (random) => 1 + random.below(20),
    script: (random) => ({ ...figures(random), deltas: 40, delay: 2 }),
  },
  {
    name: "client leaves before the answer",
    weight: 4,
    books: "broken",
    isStream: true,
    leaves: () => "at once",
    script: (random) => ({ ...figures(random), head_delay: 200 }),
  },
  {
    name: "cut by the upstream",
    weight: 6,
    books: "broken",
    isStream: true,
    script: (random) => ({
      ...figures(random),
      cut_events: 1 + random.below(12),
      cut: random.pick(["fin", "rst"]),
    }),
    statuses: [200, 0, 502],
  },
  {
    name: "error in the middle",
    weight: 3,
    books: "broken",
    isStream: true,
    script: (random) => ({ ...figures(random), error_event: 2 + random.below(8) }),
    statuses: [200, 0, 529],
  },
  {
    name: "not HTTP",
    weight: 2,
    books: "garbled",
    script: (random, catalogue) => ({ bad: random.pick(catalogue) }),
    statuses: [200, 204, 304, 0, 502], // What follows a 204 or 304 is thrown away, not the answer.
  },
];

const total = kinds.reduce((sum, { weight }) => sum + weight, 0);

export function pickKind(random) {
  let left = random.below(total);
  return kinds.find(({ weight }) => (left -= weight) < 0);
}
