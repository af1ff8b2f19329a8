// Logs in files: moved away and SIGHUP sent, as logrotate does, the relay goes on in new ones.
// Logs on a standard error that nobody reads: the relay goes on without, and ends when it is told to.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import { forEach, messageClient } from '../lib/message_client.mjs';
import { startRelay } from '../lib/relay.mjs';
import { startSimulator } from '../lib/simulator.mjs';
import { waitUntil } from '../lib/wait.mjs';

let simulator;
before(async () => (simulator = await startSimulator()));
after(() => simulator?.stop());

const lines = (file) => (existsSync(file) ? readFileSync(file, 'utf8').split('\n').length - 1 : 0);

test('a log that was moved away is opened anew on SIGHUP, and no request notices', async () => {
  await simulator.reset();
  const config = 'log: { file: relay.log, access_file: access.log }';
  const relay = await startRelay({ upstream: `${simulator.url}/v1`, config });
  const key = (await relay.createKey()).api_key;
  const client = messageClient(relay, key);
  const [access, moved] = ['access.log', 'access.log.1'].map((name) => join(relay.directory, name));

  assert.equal((await client.ask({ deltas: 1 })).status, 200);
  await waitUntil(() => lines(access) === 1, { what: 'the line of the first exchange' });
  let running;
  await new Promise((onData) => {
    running = client.ask({ deltas: 20, delay: 50 }, { stream: true, onData });
  });
  renameSync(access, moved);
  relay.signal('SIGHUP');
  await waitUntil(() => existsSync(access), { what: 'the new file' });

  assert.ok((await running).isWhole);
  await waitUntil(() => lines(access) === 1, { what: 'the line of the exchange that was running' });
  assert.equal(lines(moved), 1);
  client.close();
  assert.deepEqual(await relay.stop(), { code: 0, signal: null });
});

test('a relay whose standard error is a full pipe ends on SIGTERM', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'relay-test-'));
  const pipe = join(directory, 'pipe');
  execFileSync('mkfifo', [pipe]);
  const relay = await startRelay({
    upstream: `${simulator.url}/v1`,
    under: ['sh', '-c', 'exec "$@" 2<>"$0"', pipe],
    env: { RELAY_AUTH_FAILURES_PER_MINUTE: '0' },
  });
  const path = `/v1/${'y'.repeat(230)}`;
  await forEach(300, 10, () => relay.call('GET', path)); // More than 64 KiB.

  const told = performance.now();
  assert.deepEqual(await relay.stop(), { code: 0, signal: null });
  const ended_after = performance.now() - told;
  assert.ok(ended_after < 10_000, `it ended after ${ended_after} ms`);
  rmSync(directory, { recursive: true });
});
