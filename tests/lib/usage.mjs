// The relay's books against the simulator's.
//
//   await expectSameUsage(relay, [key], simulator);   // waits for the ledger to catch up
//
// Valid where every answer was sent whole; of answers that were cut, the relay may charge more than
// was reported, never less: expectAtLeastUsage().

import assert from "node:assert/strict";
import { waitUntil } from "./wait.mjs";

// GET /api/usage in the simulator's words.
export function fromRelay(usage) {
  return {
    input: usage.input_tokens,
    output: usage.output_tokens,
    cache_write_5m: usage.cache_creation.ephemeral_5m_input_tokens,
    cache_write_1h: usage.cache_creation.ephemeral_1h_input_tokens,
    cache_read: usage.cache_read_input_tokens,
    web_searches: usage.web_search_requests,
  };
}

// The simulator's, as a relay is to charge it: compaction and advice are no part of the counts beside
// them.
export function fromSimulator(usage) {
  return {
    input: usage.input + usage.compaction_input + usage.advisor_input,
    output: usage.output + usage.compaction_output + usage.advisor_output,
    cache_write_5m: usage.cache_write_5m,
    cache_write_1h: usage.cache_write_1h,
    cache_read: usage.cache_read,
    web_searches: usage.web_searches,
  };
}

export async function sumOfKeys(relay, keys) {
  const sum = {};
  for (const key of keys) {
    for (const [kind, tokens] of Object.entries(fromRelay(await relay.usage(key)))) {
      sum[kind] = (sum[kind] ?? 0) + tokens;
    }
  }
  return sum;
}

const reported = async (simulator) => fromSimulator((await simulator.totals()).usage);

export async function expectSameUsage(relay, keys, simulator, { deadlineMs = 10_000 } = {}) {
  let charged;
  const expected = await reported(simulator);
  const isSame = async () => {
    charged = await sumOfKeys(relay, keys);
    return Object.keys(expected).every((kind) => expected[kind] === charged[kind]);
  };
  await waitUntil(isSame, { deadlineMs }).catch(() => {});
  assert.deepEqual(charged, expected);
}

export async function expectAtLeastUsage(relay, keys, simulator, { deadlineMs = 10_000 } = {}) {
  let charged;
  const expected = await reported(simulator);
  const isEnough = async () => {
    charged = await sumOfKeys(relay, keys);
    return Object.keys(expected).every((kind) => charged[kind] >= expected[kind]);
  };
  await waitUntil(isEnough, { deadlineMs }).catch(() => {});
  for (const kind of Object.keys(expected)) {
    assert.ok(
      charged[kind] >= expected[kind],
      `${kind}: charged ${charged[kind]}, reported ${expected[kind]}`,
    );
  }
}
