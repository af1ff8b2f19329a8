// A relay that starts before its PostgreSQL does: it waits, says so to whoever asks, and serves soon
// after the database is there. One that the database refuses ends and says why.
import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { after, before, test } from 'node:test';

import { runCommand } from '../lib/command.mjs';
import { messageBody } from '../lib/message.mjs';
import { forEach, messageClient } from '../lib/message_client.mjs';
import { startPostgres } from '../lib/postgres.mjs';
import { adminPassword, startRelay } from '../lib/relay.mjs';
import { startSimulator } from '../lib/simulator.mjs';
import { expectSameUsage } from '../lib/usage.mjs';
import { waitUntil } from '../lib/wait.mjs';

const upWithinMs = 2000;
const endsWithinMs = 2000;
const waiting = /waiting for the database on http:\/\/(\S+?):(\d+)/;

let simulator;
let postgres;
before(async () => {
  [simulator, postgres] = await Promise.all([startSimulator(), startPostgres()]);
});
after(async () => {
  await simulator?.stop();
  await postgres?.remove();
});

const options = () => ({ upstream: `${simulator.url}/v1`, env: postgres.environment });
const times = (relay, text) => relay.output().split(text).length - 1;

async function ask(relay, key, script = {}) {
  const client = messageClient(relay, key);
  const answer = await client.ask(script, { stream: true });
  client.close();
  return answer;
}

async function expectToSayThatItWaits(relay, key) {
  const health = await relay.call('GET', '/health');
  assert.equal(health.status, 503);
  assert.deepEqual(health.body, { status: 'database away' });
  const ready = await relay.call('GET', '/ready');
  assert.equal(ready.status, 503);
  assert.deepEqual(ready.body, { status: 'not ready', reasons: ['the database cannot be reached'] });
  assert.equal((await relay.call('GET', '/metrics')).status, 200);

  const headers = { 'x-api-key': key };
  const long = messageBody({ text: 'x'.repeat(2 ** 20) });
  for (const [method, path, body] of [
    ['POST', '/v1/messages', messageBody()],
    ['POST', '/v1/messages', long],
    ['GET', '/v1/models'],
    ['GET', '/api/usage'],
    ['POST', '/admin/login', {}],
    ['GET', '/'],
  ]) {
    const answer = await relay.call(method, path, { headers, body });
    assert.equal(answer.status, 503, `${method} ${path}`);
    assert.equal(answer.body.type, 'error');
    assert.equal(answer.body.error.type, 'overloaded_error');
    assert.match(answer.body.error.message, /database cannot be reached/);
    assert.ok(Number(answer.headers.get('retry-after')) >= 1);
    assert.equal(answer.headers.get('request-id'), answer.body.request_id);
  }
}

test('it serves soon after its database is there, and charges what an earlier one left', async (t) => {
  const earlier = await startRelay(options());
  const key = (await earlier.createKey()).api_key;
  await postgres.stop();
  await forEach(20, 4, async () => assert.equal((await ask(earlier, key)).status, 200));
  await earlier.kill();

  const relay = await earlier.restart({ ready: waiting });
  await expectToSayThatItWaits(relay, key);
  assert.equal(times(relay, 'the database cannot be reached: waiting for it'), 1);
  await postgres.start();
  const began = performance.now();
  await waitUntil(async () => (await ask(relay, key)).status === 200, { what: 'an answer' });
  const lateMs = Math.round(performance.now() - began);
  t.diagnostic(`an exchange was served ${lateMs} ms after the return`);
  assert.ok(lateMs < upWithinMs, `${lateMs} ms`);
  assert.equal((await relay.call('GET', '/health')).status, 200);
  await waitUntil(() => times(relay, `listening on http://127.0.0.1:${relay.port}`) > 0, {
    what: 'the log to name the same port',
  });
  assert.equal(times(relay, 'the database can be reached'), 1);
  await expectSameUsage(relay, [key], simulator);
  await relay.stop();
});

test('the ports of operators say so, too', async () => {
  await postgres.stop();
  const relay = await startRelay({ ...options(), config: 'admin: { bind: "127.0.0.1:0" }', ready: waiting });
  await postgres.start();
  await waitUntil(() => relay.output().includes('listening on'), { what: 'the relay to serve' });
  assert.match(relay.output(), /admin API on/);
  await relay.stop();
});

for (const signal of ['SIGTERM', 'SIGINT']) {
  test(`${signal} ends it while it waits`, async () => {
    await postgres.stop();
    const relay = await startRelay({ ...options(), ready: waiting });
    const began = performance.now();
    relay.signal(signal);
    assert.deepEqual(await relay.exited, { code: 0, signal: null });
    assert.ok(performance.now() - began < endsWithinMs);
    rmSync(relay.directory, { recursive: true, force: true });
    await postgres.start();
  });
}

test('a database that refuses it ends it, and it says what to do', () => {
  const file = postgres.sql('SHOW hba_file').trim();
  postgres.sql("CREATE ROLE stranger LOGIN PASSWORD 'right'");
  postgres.sql(`COPY (VALUES ('local all stranger scram-sha-256'), ('local all all trust')) TO '${file}'`);
  postgres.sql('SELECT pg_reload_conf()');
  const as = (user) => postgres.environment.DATABASE_URL.replace('relay@', user);
  for (const [url, why] of [
    [as('stranger:wrong@'), /password authentication failed/],
    [as('nobody@'), /role "nobody" does not exist/],
    [as('relay@').replace('/postgres?', '/nothing?'), /database "nothing" does not exist/],
  ]) {
    const ended = runCommand(['serve', '--listen', '127.0.0.1:0', '--data', '/nonexistent'], {
      env: { ...postgres.environment, DATABASE_URL: url, ADMIN_PASSWORD: adminPassword },
    });
    assert.equal(ended.status, 1);
    assert.match(ended.err, why);
    assert.match(ended.err, /correct DATABASE_URL/);
  }
});
