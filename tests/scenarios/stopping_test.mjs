// SIGTERM: the port closes at once, what runs may end, and what does not end in time is told so.
import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { after, before, test } from 'node:test';

import { messageBody, messageRequest } from '../lib/message.mjs';
import { forEach } from '../lib/message_client.mjs';
import { RawClient } from '../lib/raw_client.mjs';
import { startRelay } from '../lib/relay.mjs';
import { startSimulator } from '../lib/simulator.mjs';
import { expectSameUsage } from '../lib/usage.mjs';
import { waitUntil } from '../lib/wait.mjs';

let simulator;
before(async () => (simulator = await startSimulator()));
after(() => simulator?.stop());

const isRefused = (port) =>
  new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1' });
    socket.on('connect', () => socket.destroy() && resolve(false));
    socket.on('error', () => resolve(true));
  });

async function begin(relay, key, script) {
  const client = await RawClient.connect(relay.port);
  await client.send(messageRequest({ key, script, stream: true }));
  await client.receive('POST', { until: (answer) => answer.bodyBytes > 0 });
  return client;
}

test('streams that end in time end whole, behind a port that is closed', async () => {
  await simulator.reset();
  const relay = await startRelay({ upstream: `${simulator.url}/v1` });
  const key = (await relay.createKey()).api_key;
  const streams = [];
  await forEach(500, 50, async () => streams.push(await begin(relay, key, { deltas: 60, delay: 100 })));

  relay.signal('SIGTERM');
  const told = performance.now();
  await waitUntil(() => isRefused(relay.port), { what: 'the port to close' });
  const closed_after = performance.now() - told;
  assert.ok(closed_after < 1000, `the port closed after ${closed_after} ms`);

  for (const stream of streams) {
    const answer = await stream.receive('POST', { deadlineMs: 30_000 });
    assert.ok(answer.isDone, 'a stream was cut');
    assert.match(answer.text(), /message_stop/);
  }
  assert.deepEqual(await relay.exited, { code: 0, signal: null });
  const again = await relay.restart();
  await expectSameUsage(again, [key], simulator);
  await again.stop();
});

// Who began to ask before the port was closed, and is read to the end after it, is told.
test('while it stops it is neither healthy nor ready', async () => {
  const relay = await startRelay({ upstream: `${simulator.url}/v1` });
  const asking = await Promise.all(['/health', '/ready'].map(async (path) => {
    const client = await RawClient.connect(relay.port);
    const request = `GET ${path} HTTP/1.1\r\nhost: relay\r\n\r\n`;
    await client.send(request + request.slice(0, -1)); // One write: with the first it has the second.
    assert.equal((await client.receive('GET')).status, 200, path);
    return client;
  }));

  relay.signal('SIGTERM');
  await waitUntil(() => isRefused(relay.port), { what: 'the port to close' });
  const answers = await Promise.all(asking.map(async (client) => {
    await client.send('\n');
    return client.receive('GET');
  }));
  assert.deepEqual(answers.map((answer) => [answer.status, JSON.parse(answer.text())]), [
    [503, { status: 'stopping' }],
    [503, { status: 'not ready', reasons: ['the relay is stopping'] }],
  ]);
  assert.deepEqual(await relay.exited, { code: 0, signal: null });
});

test('at the deadline a stream ends with an error event, and not as if it were whole', async () => {
  const relay = await startRelay({ upstream: `${simulator.url}/v1`, env: { RELAY_TIMEOUTS_SHUTDOWN_DRAIN: '1s' } });
  const key = (await relay.createKey()).api_key;
  const stream = await begin(relay, key, { deltas: 2000, delay: 50, input: 77 });
  relay.signal('SIGTERM');
  const answer = await stream.receive('POST', { deadlineMs: 10_000 });
  assert.ok(!answer.isDone);
  assert.match(answer.text(), /event: error\ndata: {"type":"error","error":{"type":"overloaded_error"/);
  assert.deepEqual(await relay.exited, { code: 0, signal: null });

  const again = await relay.restart();
  const used = await again.usage(key);
  assert.equal(used.input_tokens, 77);
  await again.stop();
});

test('a second SIGTERM ends at once, and what was used is not forgotten', async () => {
  const relay = await startRelay({ upstream: `${simulator.url}/v1` });
  const key = (await relay.createKey()).api_key;
  await begin(relay, key, { deltas: 2000, delay: 50, input: 78 });
  relay.signal('SIGTERM');
  await waitUntil(() => isRefused(relay.port), { what: 'the port to close' });
  relay.signal('SIGTERM');
  assert.equal((await relay.exited).signal, 'SIGTERM');

  const again = await relay.restart();
  const used = await waitUntil(async () => {
    const usage = await again.usage(key);
    return usage.requests === 1 ? usage : null;
  }, { what: 'the recovered ledger' });
  assert.equal(used.input_tokens, 78);
  await again.stop();
});

test('exchanges beyond limits.exchanges are turned away for a moment', async () => {
  const relay = await startRelay({ upstream: `${simulator.url}/v1`, env: { RELAY_LIMITS_EXCHANGES: '2' } });
  const key = (await relay.createKey()).api_key;
  const ask = () => relay.call('POST', '/v1/messages', { headers: { 'x-api-key': key }, body: messageBody({}) });
  const streams = await Promise.all([1, 2].map(() => begin(relay, key, { deltas: 2000, delay: 50 })));
  const refused = await ask();
  assert.equal(refused.status, 503);
  assert.equal(refused.body.error.type, 'overloaded_error');
  assert.equal(refused.headers.get('retry-after'), '1');

  for (const stream of streams) stream.reset();
  await waitUntil(async () => (await ask()).status === 200, { what: 'room' });
  await relay.stop();
});
