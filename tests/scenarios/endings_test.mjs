// Every way in which a stream can end too early: what was reported before the end is charged, and no
// client takes a part of an answer for the whole. RELAY_EVERY_CUT makes it longer: 20 KiB of each kind
// of answer, and each byte cut in both ways.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import http from 'node:http';
import net from 'node:net';
import { after, before, beforeEach, test } from 'node:test';

import { messageBody } from '../lib/message.mjs';
import { startRelay } from '../lib/relay.mjs';
import { startSimulator } from '../lib/simulator.mjs';
import { expectAtLeastUsage } from '../lib/usage.mjs';
import { waitUntil } from '../lib/wait.mjs';

const isLong = Boolean(process.env.RELAY_EVERY_CUT);

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
const stream = (script, until) => ask({ script, stream: true }, until);

function ask(question, until = () => false) {
  const body = JSON.stringify(messageBody(question));
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

// Cuts that the answer survives whole are those behind its end: what is planned counts its head, too.
async function expectNoPartLooksWhole(question, { bytesMin, cutsOf }) {
  const whole = await ask(question);
  assert.equal(whole.status, 200);
  assert.ok(whole.is_whole);
  const bytes = Number((await simulator.waitForEntry((entry) => entry.ended === 'complete')).bytes_planned);
  assert.ok(bytes >= bytesMin, `${bytes} bytes`);
  const places = Array.from({ length: bytes }, (_, at) => cutsOf(at).map((cut) => ({ at, cut }))).flat();
  await for_each(places.length, async (index) => {
    const { at, cut } = places[index];
    const seen = await ask({ ...question, script: { ...question.script, cut_body: at, cut } });
    const is_an_error = seen.status === 502 && /api_error/.test(seen.text);
    if (is_an_error) return;
    assert.equal(seen.status, 200, `cut at ${at}`);
    const has_all = seen.text.length === whole.text.length && seen.text.endsWith(whole.text.slice(-16));
    assert.ok(!seen.is_whole || has_all, `a part looks whole: cut at ${at} by ${cut}`);
  });
  await simulator.waitUntilIdle();
  await expectAtLeastUsage(relay, [key], simulator);
}

const bothCuts = () => ['fin', 'rst'];

test('a stream that the upstream cuts at any byte is charged and never looks whole', () =>
  expectNoPartLooksWhole(
    { script: { ...recorded, framing: 'chunked' }, stream: true },
    { bytesMin: 20 * 1024, cutsOf: isLong ? bothCuts : (at) => [at % 2 ? 'rst' : 'fin'] },
  ));

test('so is an answer in one piece', () =>
  expectNoPartLooksWhole(
    { script: { ...figures, text_bytes: isLong ? 20 * 1024 : 512, framing: 'length', seed: 7 } },
    { bytesMin: 1024, cutsOf: bothCuts },
  ));

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

// Leaves when `when` says so, and looks how long the upstream took to hear of it.
async function leave(script, when) {
  const left = new AbortController();
  const answer = fetch(`${relay.url}/v1/messages`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-api-key': key },
    body: JSON.stringify(messageBody({ script, stream: true })),
    signal: left.signal,
  });
  const ended = answer.then((response) => when(response)).catch(() => 'left');
  await waitUntil(async () => (await simulator.totals()).in_flight === 1, { what: 'the request upstream' });
  if (when === never) left.abort();
  await ended;
  const began = performance.now();
  left.abort();
  const entry = await simulator.waitForEntry(({ nonce }) => nonce === script.nonce);
  assert.equal(entry.ended, 'client_closed');
  assert.ok(performance.now() - began < 1000, 'the upstream is cancelled within a second');
}
const never = () => {};

test('a client that leaves before the head costs its question, estimated', async () => {
  await leave({ head_delay: 5000, nonce: 'head' }, never);
  await waitUntil(async () => (await relay.usage(key)).input_tokens > 0, { what: 'the question, estimated' });
});

test('a client that leaves in silence costs what was reported before it', async () => {
  const events = 3;
  await leave({ ...recorded, stall_events: events, stall: 60_000, nonce: 'silence' }, async (response) => {
    const reader = response.body.getReader();
    let text = '';
    while (text.split('\n\n').length <= events) text += Buffer.from((await reader.read()).value).toString();
  });
  await waitUntil(async () => (await relay.usage(key)).requests === 1, { what: 'the charge' });
  await expectAtLeastUsage(relay, [key], simulator);
});

test('a client that leaves while it sends, or says that it will send no more, costs nothing', async () => {
  const body = JSON.stringify(messageBody());
  const head = ['POST /v1/messages HTTP/1.1', 'host: relay', `x-api-key: ${key}`, 'content-type: application/json'];
  for (const leaves of ['end', 'resetAndDestroy']) {
    for (let sent = 0; sent < body.length; sent += 7) {
      const socket = net.connect({ port: relay.port, host: '127.0.0.1' });
      socket.on('error', () => {});
      socket.resume();
      await once(socket, 'connect');
      const request = [...head, `content-length: ${body.length}`, '', body.slice(0, sent)].join('\r\n');
      await new Promise((resolve) => socket.write(request, resolve));
      socket[leaves]();
      await once(socket, 'close');
    }
  }
  assert.equal((await simulator.totals()).requests, 0, 'nobody upstream has heard of it');
  assert.equal((await relay.usage(key)).total_tokens, 0);
  await waitUntil(async () => /^relay_inflight_requests 0$/m.test((await relay.call('GET', '/metrics')).body), {
    what: 'nothing left running',
  });
});
