// on_abort: drain. Whoever leaves is charged what the upstream counted, to the token.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { messageBody } from '../lib/message.mjs';
import { startRelay } from '../lib/relay.mjs';
import { startSimulator } from '../lib/simulator.mjs';
import { expectSameUsage } from '../lib/usage.mjs';
import { waitUntil } from '../lib/wait.mjs';

let simulator;
let relay;
let key;
before(async () => {
  simulator = await startSimulator();
  relay = await startRelay({ upstream: `${simulator.url}/v1`, env: { RELAY_ON_ABORT: 'drain' } });
  key = (await relay.createKey()).api_key;
});
after(async () => {
  await relay?.stop();
  await simulator?.stop();
});

// Asks, and leaves after so many events.
async function leave(script, events) {
  const aborter = new AbortController();
  const answer = await fetch(`${relay.url}/v1/messages`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-api-key': key },
    body: JSON.stringify(messageBody({ script, stream: true })),
    signal: aborter.signal,
  });
  const reader = answer.body.getReader();
  let text = '';
  while (text.split('\n\n').length <= events) text += Buffer.from((await reader.read()).value ?? []).toString();
  aborter.abort();
}

test('streams are heard to their end', async () => {
  const leaving = Array.from({ length: 10 }, (_, i) => {
    const script = { deltas: 20, delay: 10, input: 100 + i, output: 200 + i, cache_read: i, nonce: `s${i}` };
    return leave(script, 1 + i);
  });
  await Promise.all(leaving);
  for (let i = 0; i < 10; ++i) {
    const { ended } = await simulator.waitForEntry((entry) => entry.nonce === `s${i}`);
    assert.equal(ended, 'complete');
  }
  await expectSameUsage(relay, [key], simulator);
});

test('so are answers that come in one piece', async () => {
  const aborter = new AbortController();
  const answer = fetch(`${relay.url}/v1/messages`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-api-key': key },
    body: JSON.stringify(messageBody({ script: { head_delay: 600, input: 31, output: 32, nonce: 'whole' } })),
    signal: aborter.signal,
  });
  answer.catch(() => {});
  await waitUntil(async () => (await simulator.totals()).in_flight > 0, { what: 'the question to arrive' });
  aborter.abort();
  const { ended } = await simulator.waitForEntry((entry) => entry.nonce === 'whole');
  assert.equal(ended, 'complete');
  await expectSameUsage(relay, [key], simulator);
});
