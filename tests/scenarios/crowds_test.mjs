// More than there is room for: large bodies, slow readers, endless lines, more connections than
// descriptors. Memory and processor stay within bounds, and all is as before when they have gone.
//
// RELAY_SLOW_READERS makes it longer.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { after, afterEach, before, beforeEach, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';

import { isSanitized } from '../lib/binary.mjs';
import { messageBody, messageRequest } from '../lib/message.mjs';
import { messageClient } from '../lib/message_client.mjs';
import { cpuSeconds, openDescriptors, peakBytes } from '../lib/process_state.mjs';
import { startRelay } from '../lib/relay.mjs';
import { startSimulator } from '../lib/simulator.mjs';
import { expectSameUsage } from '../lib/usage.mjs';
import { waitUntil } from '../lib/wait.mjs';

const mib = 1024 * 1024;
const slowReaders = Number(process.env.RELAY_SLOW_READERS ?? 150);

let simulator;
let relay;
let key;
before(async () => (simulator = await startSimulator()));
beforeEach(() => simulator.reset());
afterEach(() => relay?.kill()); // Only a test that failed has left one.
after(() => simulator?.stop());

async function start(options = {}) {
  relay = await startRelay({ upstream: `${simulator.url}/v1`, ...options });
  key = (await relay.createKey()).api_key;
}

function expectMemoryWithin(bytes, t) {
  const peak = peakBytes(relay.pid);
  t.diagnostic(`at most ${Math.round(peak / mib)} MiB, of ${Math.round(bytes / mib)} MiB`);
  if (!isSanitized()) assert.ok(peak <= bytes, `${peak / mib} MiB`);
}

test('two hundred bodies of 32 MiB at once are served as far as there is memory for bodies', async (t) => {
  const [budget, size, clients] = [256 * mib, 32 * mib, 200];
  await start({ env: { RELAY_LIMITS_REQUEST_BODIES: '256MiB' } });
  const atRest = peakBytes(relay.pid);
  const script = { input: 7, output: 5, deltas: 1 };
  const client = messageClient(relay, key);
  const body = Buffer.from(JSON.stringify(messageBody({ script, text: 'x'.repeat(size - 1024) })));
  const answers = await Promise.all(Array.from({ length: clients }, () => client.ask(script, { body })));
  const told = answers.filter(({ status }) => status !== 0);
  for (const { status, headers, text: said } of told) {
    assert.ok([200, 503].includes(status), `${status} ${said}`);
    if (status === 503) assert.ok(headers['retry-after'], said);
  }
  const served = told.filter(({ status }) => status === 200).length;
  t.diagnostic(`${served} served, ${told.length - served} told to come later, ${clients - told.length} cut`);
  assert.equal(told.length, clients, 'some were told nothing');
  assert.ok(served >= budget / size / 2, `${served} served`);
  expectMemoryWithin(atRest + 1.5 * budget, t); // malloc keeps some of what was let go.

  const again = await client.ask(script, { body });
  assert.equal(again.status, 200, again.text);
  client.close();
  await expectSameUsage(relay, [key], simulator);
  await relay.stop();
});

// Asks for a stream, and takes nothing in before it is told to. Gives the end of the answer then.
async function slowReader(script) {
  const socket = connect(relay.port, '127.0.0.1');
  await once(socket, 'connect');
  socket.pause();
  socket.write(messageRequest({ key, script, stream: true, headers: [['connection', 'close']] }));
  return async () => {
    let tail = '';
    socket.on('data', (data) => (tail = (tail + data.toString('latin1')).slice(-500)));
    socket.resume();
    await once(socket, 'close');
    return tail;
  };
}

test(`${slowReaders} readers that take nothing in hold the upstream back, and get all of it later`, async (t) => {
  await start();
  const atRest = peakBytes(relay.pid);
  const readers = [];
  for (let i = 0; i < slowReaders; ++i) {
    readers.push(await slowReader({ text_bytes: 4 * mib, deltas: 1_000, input: 3, output: 4 }));
  }
  await waitUntil(async () => {
    const { in_flight: running, requests: ended } = await simulator.totals();
    return running + ended === slowReaders;
  }, { what: 'all of them', deadlineMs: 60_000 });
  let used = -1;
  await waitUntil(async () => {
    const before = used;
    used = cpuSeconds(relay.pid);
    return used === before;
  }, { what: 'everybody to wait', deadlineMs: 60_000 });
  // Of some, the kernel has taken all there is.
  const { in_flight: heldBack } = await simulator.totals();
  assert.ok(heldBack > 0.8 * slowReaders, `${heldBack} held back`);
  expectMemoryWithin(atRest + 32 * mib + slowReaders * 0.5 * mib, t);

  for (let i = 0; i < slowReaders; i += 10) {
    const tails = await Promise.all(readers.slice(i, i + 10).map((read) => read()));
    for (const tail of tails) assert.match(tail, /message_stop[^]*\r\n0\r\n\r\n$/);
  }
  await expectSameUsage(relay, [key], simulator);
  await relay.stop();
});

test('an event of 64 MiB passes without being held', async (t) => {
  await start();
  const atRest = peakBytes(relay.pid);
  const client = messageClient(relay, key);
  let bytes = 0;
  const answer = await client.ask(
    { huge_line: 64 * mib, input: 11, output: 13 }, { stream: true, onData: (data) => (bytes += data.length) },
  );
  client.close();
  assert.ok(answer.isWhole && bytes > 64 * mib, `${bytes} bytes`);
  await expectSameUsage(relay, [key], simulator);
  expectMemoryWithin(atRest + 32 * mib, t);
  await relay.stop();
});

test('more connections than descriptors wait without a busy loop, and are no burden when gone', async (t) => {
  const [descriptors, reserved, windowMs] = [128, 32, 2_000];
  await start({ under: ['prlimit', `--nofile=${descriptors}`, '--'] });
  const client = messageClient(relay, key, { connectionsMax: 1 });
  const ask = async (by) => (await by.ask({ input: 1, output: 1, deltas: 1 })).status;
  assert.equal(await ask(client), 200);

  const crowd = Array.from({ length: 300 }, () => connect(relay.port, '127.0.0.1').on('error', () => {}));
  await Promise.all(crowd.map((socket) => once(socket, 'connect')));
  await waitUntil(() => openDescriptors(relay.pid) >= descriptors - reserved, { what: 'the shortage' });
  const before = cpuSeconds(relay.pid);
  await pause(windowMs); // What is measured is that nothing happens in it.
  const share = (cpuSeconds(relay.pid) - before) / (windowMs / 1000);
  assert.ok(openDescriptors(relay.pid) < descriptors, 'some are left for upstreams and the store');
  assert.ok(share < 0.1, `${100 * share} % of a processor`);
  assert.equal(await ask(client), 200, 'who is inside is served');

  for (const socket of crowd) socket.destroy();
  const gone = performance.now();
  const newcomer = messageClient(relay, key);
  assert.equal(await ask(newcomer), 200);
  const servedMs = performance.now() - gone;
  t.diagnostic(`${100 * share} % of a processor in between, served again after ${Math.round(servedMs)} ms`);
  assert.ok(servedMs < 1_000, `${servedMs} ms`);
  for (const each of [client, newcomer]) each.close();
  await expectSameUsage(relay, [key], simulator);
  await relay.stop();
});
