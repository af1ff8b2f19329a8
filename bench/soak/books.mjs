// The relay's books against the simulator's, each kind of exchange under a key of its own.

import { fromRelay, fromSimulator } from "../../tests/lib/usage.mjs";
import { waitUntil } from "../../tests/lib/wait.mjs";

export const allBooks = ["exact", "broken", "garbled"];

// Adds up what the simulator has reported, by the books that a nonce begins with. Its log is long,
// so it is read as it grows.
export function followLog(simulator) {
  const reported = Object.fromEntries(allBooks.map((books) => [books, {}]));
  let next = 0;
  return {
    reported,
    async read() {
      for (const entry of await simulator.log(next)) {
        next = entry.seq + 1;
        const sum = reported[entry.nonce.split("-", 1)[0]];
        if (!sum || !entry.usage) continue;
        for (const [kind, tokens] of Object.entries(fromSimulator(entry.usage))) {
          sum[kind] = (sum[kind] ?? 0) + tokens;
        }
      }
    },
  };
}

const holds = {
  exact: (charged, reported) => charged === reported,
  broken: (charged, reported) => charged >= reported,
  garbled: () => true,
};

// [{ books, kind, charged, reported, holds }] once nothing is under way any more.
export async function compareBooks(relay, keys, simulator, log) {
  await simulator.waitUntilIdle({ deadlineMs: 30_000 });
  await log.read();
  let lines;
  const areAllRight = async () => {
    lines = [];
    for (const books of allBooks) {
      const charged = fromRelay(await relay.usage(keys[books]));
      for (const [kind, reported] of Object.entries(log.reported[books])) {
        const one = { books, kind, charged: charged[kind], reported };
        lines.push({ ...one, holds: holds[books](one.charged, reported) });
      }
    }
    return lines.every((line) => line.holds);
  };
  await waitUntil(areAllRight, { deadlineMs: 15_000, what: "the ledger" }).catch(() => {});
  return lines;
}
