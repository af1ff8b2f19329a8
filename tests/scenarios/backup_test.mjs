// A copy of the store that is made while the relay runs, and put back.
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import { runCommand } from '../lib/command.mjs';
import { messageClient } from '../lib/message_client.mjs';
import { expectSoundBooks, startRelay } from '../lib/relay.mjs';
import { startSimulator } from '../lib/simulator.mjs';
import { waitUntil } from '../lib/wait.mjs';

let simulator;
let relay;
before(async () => {
  simulator = await startSimulator();
  relay = await startRelay({ upstream: `${simulator.url}/v1` });
});
after(async () => {
  await relay?.stop();
  await simulator?.stop();
});

const command = (...args) => runCommand([...args, '--data', relay.dataDirectory]);

test('a backup under load is whole, and restored it is what the relay goes on from', async () => {
  const key = (await relay.createKey()).api_key;
  const client = messageClient(relay, key);
  let [isDone, asked] = [false, 0];
  const worker = async () => {
    while (!isDone) {
      assert.equal((await client.ask({ deltas: 1, input: 3, output: 2 })).status, 200);
      ++asked;
    }
  };
  const load = Promise.all(Array.from({ length: 8 }, worker));
  await waitUntil(() => asked >= 100, { what: 'exchanges before the backup' });
  const copy = join(relay.directory, 'copy.db');
  const made = command('backup', copy);
  assert.equal(made.status, 0, made.err);
  const then = asked;
  await waitUntil(() => asked >= then + 100, { what: 'exchanges after the backup' });
  isDone = true;
  await load;
  client.close();
  await waitUntil(async () => (await relay.usage(key)).requests === asked, { what: 'the charges' });

  const used = command('restore', copy);
  assert.notEqual(used.status, 0, 'not under a relay that runs');
  await relay.kill();
  const restored = command('restore', copy);
  assert.equal(restored.status, 0, restored.err);
  expectSoundBooks(relay.dataDirectory);
  const kept = readdirSync(relay.dataDirectory).filter((name) => /^relay\.db\.\D/.test(name));
  assert.ok(kept.length >= 1, 'the old database is kept');

  relay = await relay.restart();
  const { requests, total_tokens: tokens } = await relay.usage(key);
  // What the copy lacks may still be in the journal.
  assert.ok(requests >= 1 && requests <= asked, `${requests} of ${asked}`);
  assert.ok(tokens >= 5 * requests);
});
