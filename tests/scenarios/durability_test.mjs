// journal.sync: each, through the whole relay: every answer is as ever, and nothing that was answered
// is missing after a kill.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { forEach, messageClient } from '../lib/message_client.mjs';
import { startRelay } from '../lib/relay.mjs';
import { startSimulator } from '../lib/simulator.mjs';
import { expectSameUsage } from '../lib/usage.mjs';

let simulator;
let relay;
before(async () => {
  simulator = await startSimulator();
  relay = await startRelay({ upstream: `${simulator.url}/v1`, config: 'journal: { sync: each }' });
});
after(async () => {
  await relay?.stop();
  await simulator?.stop();
});

test('answers are whole and charged, also after a kill, where each waits for the disk', async () => {
  const key = (await relay.createKey()).api_key;
  const client = messageClient(relay, key);
  await forEach(600, 32, async (i) => {
    const answer = await client.ask({ deltas: 3, input: 7, output: 5 }, { stream: i % 2 === 0 });
    assert.equal(answer.status, 200);
    assert.ok(answer.isWhole);
  });
  client.close();
  await relay.kill();
  relay = await relay.restart();
  await expectSameUsage(relay, [key], simulator);
  assert.equal((await relay.usage(key)).requests, 600);
  assert.match((await relay.call('GET', '/metrics')).body, /^relay_journal_unsynced_ends_total 0$/m);
});

test('an idle moment is enough to stop in', async () => {
  const key = (await relay.createKey()).api_key;
  const client = messageClient(relay, key);
  assert.equal((await client.ask({})).status, 200);
  const refused = await client.ask({ status: 400 });
  assert.equal(refused.status, 400, 'a refusal of the upstream waits and passes, too');
  client.close();
  assert.deepEqual(await relay.stop(), { code: 0, signal: null });
  relay = undefined;
});
