// Money: what the relay says was used is what the upstream said, whoever hangs up.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { messageBody } from '../lib/message.mjs';
import { seededRandom } from '../lib/random.mjs';
import { startRelay } from '../lib/relay.mjs';
import { startSimulator } from '../lib/simulator.mjs';
import { expectSameUsage } from '../lib/usage.mjs';
import { waitUntil } from '../lib/wait.mjs';

let simulator;
let relay;
let key;
before(async () => {
  simulator = await startSimulator();
  relay = await startRelay({ upstream: `${simulator.url}/v1` });
  key = (await relay.createKey()).api_key;
});
after(async () => {
  await relay?.stop();
  await simulator?.stop();
});

async function ask(url, body, options = {}) {
  const response = await fetch(`${url}/v1/messages`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-api-key': key, 'anthropic-version': '2023-06-01' },
    body: JSON.stringify(body),
    ...options,
  });
  return { status: response.status, body: Buffer.from(await response.arrayBuffer()) };
}

const random = seededRandom();
const figure = (max) => random.below(max);

function mixed_body(i) {
  const script = {
    input: figure(5000), output: 1 + figure(2000), cache_read: figure(9000), cache_5m: figure(300), cache_1h: figure(300),
    deltas: 1 + figure(12), fragment: ['whole', 'random', '7'][figure(3)], seed: i + 1,
  };
  if (figure(4) === 0) script.framing = ['chunked', 'length', 'close'][figure(3)];
  if (figure(8) === 0) script.status = [400, 404, 413][figure(3)];
  return messageBody({ script, stream: figure(2) === 0 });
}

test('a thousand mixed exchanges leave the totals that the upstream reported', async () => {
  const work = Array.from({ length: 1000 }, (_, i) => mixed_body(i));
  let next = 0;
  const worker = async () => {
    while (next < work.length) await ask(relay.url, work[next++]);
  };
  await Promise.all(Array.from({ length: 16 }, worker));
  await expectSameUsage(relay, [key], simulator);
});

test('clients that leave are charged at least what was reported to them', async () => {
  await simulator.reset();
  const before_it = await relay.usage(key);
  for (let events = 1; events <= 12; ++events) {
    const aborter = new AbortController();
    const response = await fetch(`${relay.url}/v1/messages`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-api-key': key },
      body: JSON.stringify(messageBody({ script: { deltas: 30, delay: 15, input: 1000 + events, nonce: `left-${events}` }, stream: true })),
      signal: aborter.signal,
    });
    const reader = response.body.getReader();
    let text = '';
    while (text.split('\n\n').length <= events) text += Buffer.from((await reader.read()).value ?? []).toString();
    aborter.abort();
    await simulator.waitForEntry((entry) => entry.nonce === `left-${events}` && entry.ended === 'client_closed', { deadlineMs: 3000 });
  }
  const wanted = Array.from({ length: 12 }, (_, i) => 1001 + i).reduce((a, b) => a + b);
  await waitUntil(async () => (await relay.usage(key)).input_tokens - before_it.input_tokens >= wanted, { what: 'the charges' });
});

test('SIGTERM lets running streams end', async () => {
  const other = await startRelay({ upstream: `${simulator.url}/v1` });
  const own = (await other.createKey()).api_key;
  const answer = fetch(`${other.url}/v1/messages`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-api-key': own },
    body: JSON.stringify(messageBody({ script: { deltas: 40, delay: 20, nonce: 'drained' }, stream: true })),
  }).then((response) => response.text());
  await waitUntil(async () => (await simulator.totals()).in_flight > 0, { what: 'a running stream' });
  const stopped = other.stop();
  assert.match(await answer, /message_stop/);
  await stopped;
});
