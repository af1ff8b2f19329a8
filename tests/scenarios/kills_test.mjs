// kill -9 at random moments: what was finished is in the ledger once and as the upstream reported it,
// what was running is there at most once, and the next start is quick.
//
// RELAY_KILLS and RELAY_RECOVERED_ENTRIES make it longer.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { after, afterEach, before, beforeEach, test } from 'node:test';

import { isSanitized } from '../lib/binary.mjs';
import { forEach, messageClient } from '../lib/message_client.mjs';
import { seededRandom } from '../lib/random.mjs';
import { startRelay } from '../lib/relay.mjs';
import { startSimulator } from '../lib/simulator.mjs';
import { fromRelay, fromSimulator } from '../lib/usage.mjs';

const kills = Number(process.env.RELAY_KILLS ?? 10);
const recoveredEntries = Number(process.env.RELAY_RECOVERED_ENTRIES ?? 10_000);
const streamsAtOnce = 200;
const piecesMax = 6_000; // Of answers, between a start and a kill.
// A short run shares the machine with others; who asks for a long one gives it one of its own.
const recoveryMsPerEntry = (process.env.RELAY_RECOVERED_ENTRIES ? 1_000 : 10_000) / 100_000;

let simulator;
let relay;
before(async () => (simulator = await startSimulator()));
beforeEach(async () => {
  await simulator.reset();
  relay = await startRelay({ upstream: `${simulator.url}/v1` });
});
afterEach(() => relay?.kill()); // Only a test that failed has left one.
after(() => simulator?.stop());

async function timedRestart() {
  const began = performance.now();
  relay = await relay.restart();
  return performance.now() - began;
}

const requestId = ({ headers }) => headers['x-relay-request-id'];

// Streams without a pause until `pieces` pieces of answers have come, and kills the relay just then.
async function streamUntilKilled(key, { pieces, name, script }) {
  const client = messageClient(relay, key);
  const finished = [];
  let [running, runningAtKill, seen] = [0, null, 0];
  const onData = () => {
    if (++seen !== pieces) return;
    runningAtKill = running;
    relay.signal('SIGKILL');
  };
  const worker = async (n) => {
    for (let i = 0; runningAtKill === null; ++i) {
      const nonce = `${name}-${n}-${i}`;
      ++running;
      const answer = await client.ask({ ...script(), nonce }, { stream: true, onData });
      --running;
      if (answer.text.includes('message_stop')) finished.push({ nonce, request: requestId(answer) });
    }
  };
  await Promise.all(Array.from({ length: streamsAtOnce }, (_, n) => worker(n)));
  await relay.exited;
  client.close();
  return { finished, runningAtKill };
}

// What the simulator reported since it was last asked, by nonce.
async function reports(since) {
  await simulator.waitUntilIdle();
  const entries = await simulator.log(since);
  return { usage: new Map(entries.map(({ nonce, usage }) => [nonce, usage])), next: since + entries.length };
}

async function allEntries() {
  const entries = [];
  for (let page = { has_more: true, next: '' }; page.has_more;) {
    page = await relay.admin('GET', `/admin/logs?limit=500&after=${encodeURIComponent(page.next)}`);
    entries.push(...page.data);
  }
  return entries;
}

function expectInLedger(entries, finished) {
  const byRequest = new Map(entries.map((entry) => [entry.request_id, entry]));
  assert.equal(byRequest.size, entries.length, 'an exchange is in the ledger twice');
  for (const { request, nonce, usage } of finished) {
    const entry = byRequest.get(request);
    assert.ok(entry, `${nonce} is not in the ledger`);
    assert.deepEqual(fromRelay(entry), fromSimulator(usage), nonce);
    assert.equal(entry.is_estimated, false, nonce);
    byRequest.delete(request);
  }
  // Whoever saw none of its end owes something all the same.
  for (const entry of byRequest.values()) assert.ok(entry.total_tokens > 0, JSON.stringify(entry));
}

async function countedAsRecovered() {
  const { body } = await relay.call('GET', '/metrics');
  const lines = [...body.matchAll(/^relay_usage_recovered_total\{kind="(?:ended|abandoned)"\} (\d+)$/gm)];
  assert.equal(lines.length, 2);
  return lines.reduce((all, [, count]) => all + Number(count), 0);
}

test(`${kills} kills under ${streamsAtOnce} streams lose no finished answer and charge none twice`, async (t) => {
  const random = seededRandom();
  const script = () => ({
    input: 1 + random.below(1000), output: 1 + random.below(100), cache_read: random.below(50),
    deltas: 12, delay: 2,
  });
  const key = (await relay.createKey({ token_limit: 10 ** 12 })).api_key;
  const finished = [];
  let [requests, orphans, running, slowest] = [0, 0, 0, 0];
  let since = (await simulator.totals()).next_seq;

  for (let kill = 0; kill < kills; ++kill) {
    const pieces = 1 + random.below(piecesMax);
    const round = await streamUntilKilled(key, { pieces, name: `k${kill}`, script });
    const { usage, next } = await reports(since);
    since = next;
    finished.push(...round.finished.map((each) => ({ ...each, usage: usage.get(each.nonce) })));

    slowest = Math.max(slowest, await timedRestart());
    const recovered = (await relay.usage(key)).requests;
    const unfinished = recovered - requests - round.finished.length;
    assert.ok(unfinished >= 0, `${-unfinished} finished answers are lost`);
    assert.ok(unfinished <= round.runningAtKill, `${unfinished} of ${round.runningAtKill} streams`);
    const counted = await countedAsRecovered();
    assert.ok(counted >= unfinished, `${counted} recovered by the metrics, ${unfinished} by the ledger`);
    [requests, orphans, running] = [recovered, orphans + unfinished, running + round.runningAtKill];
  }

  assert.ok(orphans > 0, 'no kill met a stream');
  expectInLedger(await allEntries(), finished);
  const quota = await relay.call('GET', '/api/usage/quota', { headers: { 'x-api-key': key } });
  const { total_tokens: used } = await relay.usage(key);
  assert.equal(quota.body.tokens.total.used, used);
  assert.equal(quota.body.tokens.total.held, 0);
  await relay.stop();
  t.diagnostic(`${finished.length} finished, ${orphans} of ${running} running at a kill in the ledger,
    slowest start ${Math.round(slowest)} ms`.replace(/\s+/g, ' '));
});

// Keeps the relay from writing to its database, until what it gives is called.
async function lockDatabase(t) {
  const program =
    'import sqlite3, sys; database = sqlite3.connect(sys.argv[1], isolation_level=None); ' +
    'database.execute("BEGIN IMMEDIATE"); print("locked", flush=True); sys.stdin.read()';
  const locker = spawn('python3', ['-c', program, join(relay.dataDirectory, 'relay.db')]);
  t.after(() => locker.kill());
  await once(locker.stdout, 'data');
  return async () => {
    locker.stdin.end();
    await once(locker, 'close');
  };
}

test(`${recoveredEntries} entries in a journal are recovered soon`, async (t) => {
  const key = (await relay.createKey()).api_key;
  await relay.kill();
  const emptyMs = await timedRestart();

  const unlock = await lockDatabase(t);
  const client = messageClient(relay, key, { connectionsMax: 32 });
  await forEach(recoveredEntries, 32, async () => {
    const { status } = await client.ask({ input: 5, output: 2, cache_read: 0, cache_5m: 0, cache_1h: 0, deltas: 1 });
    assert.equal(status, 200);
  });
  client.close();
  await relay.kill();
  await unlock();

  const fullMs = await timedRestart();
  const usage = await relay.usage(key);
  assert.equal(usage.requests, recoveredEntries);
  assert.equal(usage.total_tokens, 7 * recoveredEntries);
  t.diagnostic(`a start took ${Math.round(fullMs)} ms, and ${Math.round(emptyMs)} ms with an empty journal`);
  const allowed = recoveryMsPerEntry * recoveredEntries;
  if (!isSanitized()) assert.ok(fullMs - emptyMs < allowed, `${fullMs - emptyMs} ms, of ${allowed} ms`);
  await relay.stop();
});
