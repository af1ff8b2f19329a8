// libpq, with the libraries that it needs in turn, is loaded where the database is PostgreSQL and
// nowhere else: a relay on SQLite neither has it in its memory nor needs it to be installed.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import { relayBinary } from '../lib/binary.mjs';
import { runCommand } from '../lib/command.mjs';
import { messageClient } from '../lib/message_client.mjs';
import { adminPassword, startRelay } from '../lib/relay.mjs';
import { startSimulator } from '../lib/simulator.mjs';

const told = { LD_DEBUG: 'files' }; // The loader then says what it loads.
const loadedLater = (output, library) =>
  output.split('\n').filter((line) => line.includes(library) && line.includes('dynamically loaded')).length;

let simulator;
let directory;
let broken; // As if no libpq were installed: the loader finds this one first, and cannot use it.
let onPostgres; // A server that nobody runs.
before(async () => {
  simulator = await startSimulator();
  directory = mkdtempSync(join(tmpdir(), 'relay-libpq-'));
  writeFileSync(join(directory, 'libpq.so.5'), '');
  broken = { LD_LIBRARY_PATH: directory };
  onPostgres = {
    DATABASE_URL: `postgresql://relay@/relay?host=${directory}`,
    SECRET_KEY: '6f1e0c4bb1a9d3c27e58f09a4d2b7c81',
    ADMIN_PASSWORD: adminPassword,
  };
});
after(async () => {
  await simulator?.stop();
  rmSync(directory, { recursive: true, force: true });
});

async function serveOnce(relay) {
  const client = messageClient(relay, (await relay.createKey()).api_key);
  assert.equal((await client.ask()).status, 200);
  client.close();
}

test('the program is not linked to it', () => {
  const section = execFileSync('readelf', ['--dynamic', relayBinary()], { encoding: 'utf8' });
  assert.match(section, /NEEDED.*libsqlite3/);
  assert.doesNotMatch(section, /libpq/);
});

test('a relay on SQLite serves without loading it', async () => {
  const relay = await startRelay({ upstream: `${simulator.url}/v1`, env: told });
  await serveOnce(relay);
  await relay.stop();
  assert.match(relay.output(), /calling init: .*libsqlite3/);
  assert.doesNotMatch(relay.output(), /libpq/);
});

test('a relay on SQLite serves where there is none', async () => {
  const relay = await startRelay({ upstream: `${simulator.url}/v1`, env: broken });
  await serveOnce(relay);
  await relay.stop();
});

test('a relay on PostgreSQL loads it once, however often it asks for its database', async () => {
  const relay = await startRelay({
    upstream: `${simulator.url}/v1`,
    env: { ...told, ...onPostgres },
    ready: /waiting for the database on http:\/\/(\S+?):(\d+)/,
  });
  relay.signal('SIGTERM');
  assert.deepEqual(await relay.exited, { code: 0, signal: null });
  rmSync(relay.directory, { recursive: true, force: true });
  assert.equal(loadedLater(relay.output(), 'libpq.so.5'), 1);
});

for (const command of [
  ['serve'],
  ['migrate', 'up'],
  ['migrate', 'status'],
  ['fsck'],
  ['key', 'list'],
  ['usage', 'summary'],
  ['tier', 'list'],
  ['price', 'list'],
]) {
  test(`where there is none, ${command.join(' ')} on PostgreSQL says what to do`, () => {
    const data = join(directory, 'data');
    const ended = runCommand([...command, '--data', data], { env: { ...broken, ...onPostgres } });
    assert.equal(ended.status, 1, ended.err);
    assert.match(ended.err, /libpq 14 or newer is needed: apt-get install libpq5 \(.*libpq\.so\.5: /);
  });
}
