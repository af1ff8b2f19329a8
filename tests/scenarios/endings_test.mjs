// Every way in which a stream can end too early: what was reported before the end is charged, and no
// client takes a part of an answer for the whole.
import assert from 'node:assert/strict';
import http from 'node:http';
import { after, before, beforeEach, test } from 'node:test';

import { messageBody } from '../lib/message.mjs';
import { startRelay } from '../lib/relay.mjs';
import { startSimulator } from '../lib/simulator.mjs';
import { expectAtLeastUsage } from '../lib/usage.mjs';
import { waitUntil } from '../lib/wait.mjs';

let simulator;
let relay;
let key;
// Ends idle connections before the relay does, so that no request meets the end of its own.
const agent = new http.Agent({ keepAlive: true, maxSockets: 16, timeout: 20_000 });

before(async () => {
  simulator = await startSimulator();
  relay = await startRelay({ upstream: `${simulator.url}/v1` });
});
beforeEach(async () => {
  await simulator.reset();
  key = (await relay.createKey()).api_key;
});
after(async () => {
  agent.destroy();
  await relay?.stop();
  await simulator?.stop();
});

// The answer as far as it came, and whether HTTP calls it whole. `until`: leave when it is true of
// the text so far.
function stream(script, until = () => false) {
  const body = JSON.stringify(messageBody({ script, stream: true }));
  return new Promise((resolve, reject) => {
    const request = http.request(`${relay.url}/v1/messages`, {
      agent,
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-api-key': key, 'content-length': Buffer.byteLength(body) },
    });
    request.on('error', reject);
    request.on('response', (response) => {
      let text = '';
      const end = (is_whole) => resolve({ status: response.statusCode, text, is_whole });
      response.setEncoding('latin1');
      response.on('data', (data) => {
        text += data;
        if (until(text)) {
          request.destroy();
          end(false);
        }
      });
      response.on('end', () => end(response.complete));
      response.on('error', () => end(false));
    });
    request.end(body);
  });
}

async function for_each(count, job) {
  let next = 0;
  const worker = async () => {
    while (next < count) await job(next++);
  };
  await Promise.all(Array.from({ length: 16 }, worker));
}

// About 20 KiB of events, with all kinds of usage and a count that grows.
const figures = { input: 1234, output: 900, start_output: 3, cache_read: 5000, cache_5m: 70, cache_1h: 30 };
const recorded = { ...figures, text_bytes: 6600, deltas: 94, message_deltas: 2, seed: 7 };

test('a stream that the upstream cuts at any byte is charged and never looks whole', async () => {
  const whole = await stream({ ...recorded, framing: 'chunked' });
  assert.equal(whole.status, 200);
  assert.ok(whole.is_whole);
  const bytes = Number((await simulator.waitForEntry((entry) => entry.ended === 'complete')).bytes_planned);
  assert.ok(bytes >= 20 * 1024, `${bytes} bytes`);
  await for_each(bytes, async (at) => {
    const cut = at % 2 ? 'rst' : 'fin';
    const seen = await stream({ ...recorded, framing: 'chunked', cut_body: at, cut });
    const is_an_error = seen.status === 502 && /api_error/.test(seen.text);
    if (is_an_error) return;
    assert.equal(seen.status, 200, `cut at ${at}`);
    const has_all = seen.text.length === whole.text.length && seen.text.includes('message_stop');
    assert.ok(!seen.is_whole || has_all, `a part looks whole: cut at ${at} by ${cut}`);
  });
  await simulator.waitUntilIdle();
  await expectAtLeastUsage(relay, [key], simulator);
});

test('a client that leaves after any event is charged what had been reported', async () => {
  const whole = await stream(recorded);
  const events = whole.text.split('\n\n').length - 1;
  assert.ok(events > 90);
  await for_each(events, async (index) => {
    const nonce = `event-${index}`;
    await stream({ ...recorded, delay: 2, nonce }, (text) => text.split('\n\n').length - 1 > index);
    await simulator.waitForEntry((entry) => entry.nonce === nonce, { deadlineMs: 5000 });
  });
  await simulator.waitUntilIdle();
  await expectAtLeastUsage(relay, [key], simulator);
  const { requests } = await relay.usage(key);
  assert.equal(requests, events + 1);
});

test('a client that leaves in silence, before the head or while it sends costs what it must', async () => {
  const left = new AbortController();
  const body = JSON.stringify(messageBody({ script: { head_delay: 5000, nonce: 'head' }, stream: true }));
  const answer = fetch(`${relay.url}/v1/messages`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-api-key': key },
    body,
    signal: left.signal,
  }).catch(() => 'left');
  await waitUntil(async () => (await simulator.totals()).in_flight === 1, { what: 'the request upstream' });
  const began = performance.now();
  left.abort();
  assert.equal(await answer, 'left');
  const entry = await simulator.waitForEntry(({ nonce }) => nonce === 'head');
  assert.equal(entry.ended, 'client_closed');
  assert.ok(performance.now() - began < 1000, 'the upstream is cancelled within a second');
  await waitUntil(async () => (await relay.usage(key)).input_tokens > 0, { what: 'the question, estimated' });
});
