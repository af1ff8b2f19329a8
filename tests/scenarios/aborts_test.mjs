// Clients that leave at any moment, by the thousand: nothing that was taken for them stays taken, and
// what they had been told is charged.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';

import { messageRequest } from '../lib/message.mjs';
import { forEach } from '../lib/message_client.mjs';
import { seededRandom } from '../lib/random.mjs';
import { RawClient } from '../lib/raw_client.mjs';
import { startRelay } from '../lib/relay.mjs';
import { startSimulator } from '../lib/simulator.mjs';
import { waitUntil } from '../lib/wait.mjs';

const aborts = 2000;
const abortsAtOnce = 50;
const exchangesMax = 100;
const latestMs = 60; // Into what it is doing, a client leaves.
const input = 1234;

let simulator;
let relay;
let key;
before(async () => {
  simulator = await startSimulator();
  relay = await startRelay({
    upstream: `${simulator.url}/v1`,
    config: `limits: { exchanges: ${exchangesMax}, connections_per_address: 1000 }`,
  });
  const terms = { token_limit: 10 ** 9, token_limit_day: 10 ** 9, usd_limit: 10 ** 6, concurrency: exchangesMax };
  key = (await relay.createKey(terms)).api_key;
});
after(async () => {
  await relay?.stop();
  await simulator?.stop();
});

const usage = { input, start_output: 1 };
const long = { ...usage, deltas: 500 }; // At least half a second.
const stalled = { ...usage, deltas: 40, stall_events: 3 };

async function send(client, script) {
  await client.send(messageRequest({ key, script, stream: true }));
  return client.receive('POST', { until: (answer) => answer.bodyBytes > 0 });
}

// What a client does before it leaves. Gives whether it has been told what its question costs.
const told = (answer) => answer.text().includes('message_start');
const stages = {
  async sending(client, random) {
    const bytes = messageRequest({ key, text: 'x'.repeat(20_000), script: long, stream: true });
    await client.send(bytes.subarray(0, random.below(bytes.length)));
    await pause(random.below(latestMs));
    return false;
  },
  async 'before the head'(client, random) {
    await client.send(messageRequest({ key, script: { ...usage, head_delay: 60_000 }, stream: true }));
    await pause(random.below(latestMs));
    return false;
  },
  async 'in the stream'(client, random) {
    const answer = await send(client, { ...long, delay: random.between(1, 5) });
    await pause(random.below(latestMs));
    return told(answer);
  },
  async 'in silence'(client, random) {
    const answer = await send(client, stalled);
    await pause(random.below(latestMs));
    return told(answer);
  },
};

// Which have been told what they cost, by stage.
async function leaveAtRandom(count, random) {
  const seen = Object.fromEntries(Object.keys(stages).map((stage) => [stage, { left: 0, told: 0 }]));
  await forEach(count, abortsAtOnce, async () => {
    const stage = random.pick(Object.keys(stages));
    const client = await RawClient.connect(relay.port);
    const isTold = await stages[stage](client, random);
    client[random.pick(['reset', 'close', 'finish'])]();
    await client.ended();
    client.close();
    seen[stage].left += 1;
    seen[stage].told += isTold ? 1 : 0;
  });
  return seen;
}

const nothing = { exchanges: 0, running: 0, held: 0, upstream: 0, atSimulator: 0 };
async function taken() {
  const metrics = (await relay.call('GET', '/metrics')).body;
  const quota = (await relay.call('GET', '/api/usage/quota', { headers: { 'x-api-key': key } })).body;
  const upstreams = (await relay.admin('GET', '/admin/upstreams')).data;
  const windows = [...Object.values(quota.tokens), ...Object.values(quota.usd)];
  return {
    descriptors: Number(/^process_open_fds (\d+)$/m.exec(metrics)[1]),
    exchanges: Number(/^relay_inflight_requests (\d+)$/m.exec(metrics)[1]),
    running: quota.concurrency.running,
    held: windows.reduce((sum, { held }) => sum + held, 0),
    upstream: upstreams.reduce((sum, { in_flight: running }) => sum + running, 0),
    atSimulator: (await simulator.totals()).in_flight,
  };
}

// Gives how many descriptors are open then, at most `descriptorsMax`.
async function expectNothingTaken(descriptorsMax = Infinity) {
  let now;
  const isGivenBack = async () => {
    now = await taken();
    return now.descriptors <= descriptorsMax && Object.keys(nothing).every((name) => now[name] === 0);
  };
  await waitUntil(isGivenBack, { deadlineMs: 5000 }).catch(() => {});
  const { descriptors, ...rest } = now;
  assert.deepEqual(rest, nothing);
  assert.ok(descriptors <= descriptorsMax, `${descriptors} descriptors, not ${descriptorsMax}`);
  return descriptors;
}

// Every permit can be had again, and no more than all.
async function takeAll() {
  const clients = await Promise.all(
    Array.from({ length: exchangesMax + 1 }, () => RawClient.connect(relay.port)),
  );
  const more = clients.pop();
  for (const answer of await Promise.all(clients.map((client) => send(client, stalled)))) {
    assert.equal(answer.status, 200);
  }
  const refused = await send(more, stalled);
  assert.ok([429, 503].includes(refused.status), `${refused.status}`);
  for (const client of [...clients, more]) client.reset();
}

test(`nothing stays taken after ${aborts} clients have left at any moment`, async (t) => {
  const random = seededRandom();
  await leaveAtRandom(abortsAtOnce, random); // What is opened once is open now.
  const descriptors = await expectNothingTaken();
  const earlier = await relay.usage(key);

  const began = performance.now();
  const seen = await leaveAtRandom(aborts, random);
  t.diagnostic(`${Math.round(performance.now() - began)} ms: ${JSON.stringify(seen)}`);
  await expectNothingTaken(descriptors);
  await takeAll();
  await expectNothingTaken(descriptors);

  const toldInAll = Object.values(seen).reduce((sum, stage) => sum + stage.told, 0);
  assert.ok(toldInAll > aborts / 4, `${toldInAll} were told what they cost`);
  const isCharged = (now) =>
    now.requests - earlier.requests >= toldInAll + exchangesMax &&
    now.input_tokens - earlier.input_tokens >= input * (toldInAll + exchangesMax);
  await waitUntil(async () => isCharged(await relay.usage(key)), { what: 'all of them to be charged' });
});
