// A PostgreSQL whose commits take two seconds each: nobody who asks for an answer notices.
// RELAY_SLOW_COMMIT_ANSWERS makes it longer.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';

import { messageClient } from '../lib/message_client.mjs';
import { startPostgres } from '../lib/postgres.mjs';
import { startRelay } from '../lib/relay.mjs';
import { startSimulator } from '../lib/simulator.mjs';
import { expectSameUsage } from '../lib/usage.mjs';

const answers = Number(process.env.RELAY_SLOW_COMMIT_ANSWERS ?? 400);
const commitSeconds = 2;
const paceMs = 10; // So that the relay has nothing else to do when it is asked.

let simulator;
let postgres;
let relay;
let key;
let client;
before(async () => {
  [simulator, postgres] = await Promise.all([startSimulator(), startPostgres()]);
  relay = await startRelay({ upstream: `${simulator.url}/v1`, env: postgres.environment });
  key = await relay.createKey({ name: 'asks' });
  client = messageClient(relay, key.api_key);
});
after(async () => {
  client?.close();
  await relay?.stop();
  await simulator?.stop();
  await postgres?.remove();
});

// Every transaction of the ledger's writer says how far a journal has been written.
const makeCommitsSlow = () =>
  postgres.sql(`
    CREATE FUNCTION dawdle() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN PERFORM pg_sleep(${commitSeconds}); RETURN NULL; END $$;
    CREATE CONSTRAINT TRIGGER dawdle AFTER INSERT OR UPDATE ON journal_positions
      DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION dawdle()`);

async function latencies() {
  const all = [];
  for (let i = 0; i < answers; ++i) {
    const began = performance.now();
    const { status } = await client.ask({ input: 3, output: 7 });
    all.push(performance.now() - began);
    assert.equal(status, 200);
    await pause(paceMs);
  }
  all.sort((a, b) => a - b);
  return { p50: all[Math.floor(answers * 0.5)], p99: all[Math.floor(answers * 0.99)] };
}

test('an exchange takes no longer where a commit takes two seconds, and is recorded', async (t) => {
  await latencies();
  const usual = await latencies();
  makeCommitsSlow();
  const slow = await latencies();
  const shown = ({ p50, p99 }) => `p50 ${p50.toFixed(2)} ms, p99 ${p99.toFixed(2)} ms`;
  t.diagnostic(`${answers} answers each: usual ${shown(usual)}; slow commits ${shown(slow)}`);
  const { requests } = await relay.usage(key.api_key);
  assert.ok(requests < 3 * answers, 'the ledger is behind');
  assert.ok(slow.p99 < usual.p99 + 50, 'nobody waits for a commit');
  await expectSameUsage(relay, [key.api_key], simulator, { deadlineMs: 30_000 });
});
