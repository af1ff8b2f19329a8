// Every bad request is refused and nothing of it reaches the upstream; every odd one is served, also
// when it comes byte by byte.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { RawClient } from '../lib/raw_client.mjs';
import { startRelay } from '../lib/relay.mjs';
import { startSimulator } from '../lib/simulator.mjs';
import { cases as bad_cases } from './bad_requests.mjs';
import { cases as odd_cases } from './odd_requests.mjs';

let simulator;
let relay;
let key;
before(async () => {
  simulator = await startSimulator();
  relay = await startRelay({ upstream: `${simulator.url}/v1`, config: 'timeouts: { request_head: 2s }\n' });
  key = (await relay.createKey()).api_key;
});
after(async () => {
  await relay?.stop();
  await simulator?.stop();
});

const filled = (bytes) => Buffer.from(
  bytes.replaceAll('{KEY}', key).replaceAll('{HOST}', `127.0.0.1:${relay.port}`), 'latin1');

// The status of the first answer; 0 if the connection ended without one.
async function first_status(bytes) {
  const client = await RawClient.connect(relay.port);
  try {
    await client.send(bytes).catch(() => {});
    client.finish();
    const answer = await client.receive('GET', { until: (a) => a.status > 0, deadlineMs: 15_000 }).catch(() => null);
    return answer?.status ?? 0;
  } finally {
    client.close();
  }
}

test('the corpus is as large as it is meant to be', () => {
  assert.ok(bad_cases.length >= 200);
  assert.ok(odd_cases.length >= 30);
});

test('nothing bad gets through', async (t) => {
  for (const { name, bytes, want } of bad_cases) {
    await t.test(name, async () => {
      const seen = (await simulator.totals()).requests;
      const status = await first_status(filled(bytes));
      assert.ok(want.includes(status), `answered ${status}, wanted ${want.join(' or ')}`);
      assert.equal((await simulator.totals()).requests, seen, 'something reached the upstream');
    });
  }
});

const method_of = (bytes) => bytes.trimStart().split(' ')[0];

async function statuses(bytes, wants, methods, split) {
  const client = await RawClient.connect(relay.port);
  try {
    await client.send(bytes, split ? { split } : {});
    const got = [];
    for (let i = 0; i < wants.length; ++i) {
      const answer = await client.receive(methods[i] ?? methods.at(-1), { deadlineMs: 20_000 });
      got.push(answer.status);
    }
    return got;
  } finally {
    client.close();
  }
}

for (const split of [undefined, 1, 7]) {
  test(`everything odd and right is served, ${split ? `${split} bytes at a time` : 'in one piece'}`, async (t) => {
    for (const { name, bytes, wants } of odd_cases) {
      await t.test(name, async () => {
        const methods = [method_of(bytes)];
        const alternatives = name.startsWith('OPTIONS') ? wants : null;
        const expected = alternatives ? [0] : wants.filter((status) => status !== 100);
        const got = await statuses(filled(bytes), expected, methods, split);
        const final = got.filter((status) => status !== 100);
        if (alternatives) assert.ok(alternatives.includes(got[0]), `answered ${got[0]}`);
        else assert.deepEqual(final, expected);
      });
    }
  });
}
