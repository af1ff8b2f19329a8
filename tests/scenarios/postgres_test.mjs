// A relay on a real PostgreSQL, which goes away and comes back. RELAY_OUTAGE_SECONDS and
// RELAY_OUTAGE_RATE, exchanges a second, make it longer and harder.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';

import { runCommand } from '../lib/command.mjs';
import { messageClient } from '../lib/message_client.mjs';
import { startPostgres } from '../lib/postgres.mjs';
import { adminPassword, startRelay } from '../lib/relay.mjs';
import { startSimulator } from '../lib/simulator.mjs';
import { expectSameUsage } from '../lib/usage.mjs';
import { waitUntil } from '../lib/wait.mjs';

const outageMs = 1000 * Number(process.env.RELAY_OUTAGE_SECONDS ?? 4);
const rate = Number(process.env.RELAY_OUTAGE_RATE ?? 100);
const runningMax = 500; // A machine that cannot serve as many is asked for fewer.
const caughtUpMs = 10_000;
const takesEffectMs = 1000;

let simulator;
let postgres;
let relay;
before(async () => {
  [simulator, postgres] = await Promise.all([startSimulator(), startPostgres()]);
  relay = await startRelay({ upstream: `${simulator.url}/v1`, env: postgres.environment });
});
after(async () => {
  for (const client of clients.values()) client.close();
  await relay?.stop();
  await simulator?.stop();
  await postgres?.remove();
});

const command = (...args) => runCommand(args, { env: postgres.environment });

const clients = new Map();
function ask(key, script = {}) {
  if (!clients.has(key)) clients.set(key, messageClient(relay, key.api_key));
  return clients.get(key).ask({ deltas: 5, ...script }, { stream: true });
}

// Asks at `rate` until `work` is done, whose argument tells how many were answered.
async function underLoad(keys, work) {
  const failed = [];
  const running = new Set();
  let [asked, answered] = [0, 0];
  const began = performance.now();
  const askOnce = async () => {
    const script = { delay: 5, input: 1 + (asked % 50), output: 7 };
    const { status, text, error } = await ask(keys[asked++ % keys.length], script);
    if (status === 200 && text.includes('message_stop')) ++answered;
    else failed.push(`${status} ${error} ${text.slice(0, 200)}`);
  };
  const pacer = setInterval(() => {
    const due = ((performance.now() - began) / 1000) * rate;
    while (asked < due && running.size < runningMax) {
      const one = askOnce();
      running.add(one);
      one.then(() => running.delete(one));
    }
  }, 5);
  try {
    await waitUntil(() => answered >= 50, { what: 'answers before it' });
    await work(() => answered);
  } finally {
    clearInterval(pacer);
  }
  await Promise.all(running);
  assert.deepEqual(failed, []);
  return { answered, perSecond: asked / ((performance.now() - began) / 1000) };
}

test('no exchange fails and none is lost while the database is away', async (t) => {
  const keys = await Promise.all(['a', 'b', 'c'].map((name) => relay.createKey({ name })));
  const timesItListened = () => relay.output().split('changes made elsewhere are heard of').length - 1;
  await waitUntil(() => timesItListened() === 1, { what: 'the relay to listen' });
  let cameBack;
  const { answered, perSecond } = await underLoad(keys, async (count) => {
    await postgres.stop();
    const before = count();
    await pause(outageMs);
    assert.ok(count() > before + 50, 'it goes on without it');
    await postgres.start();
    cameBack = performance.now();
    const then = count();
    await waitUntil(() => count() >= then + 50, { what: 'answers after it' });
    await waitUntil(() => timesItListened() === 2, { what: 'the relay to listen again' });
  });
  await expectSameUsage(relay, keys.map((key) => key.api_key), simulator, { deadlineMs: 6 * caughtUpMs });
  const lateMs = Math.round(performance.now() - cameBack);
  t.diagnostic(`${answered} exchanges, ${Math.round(perSecond)} a second, none failed`);
  t.diagnostic(`the ledger had them all ${lateMs} ms after the return`);
  assert.ok(lateMs < caughtUpMs);
  const requests = await Promise.all(keys.map(async (key) => (await relay.usage(key.api_key)).requests));
  assert.equal(requests.reduce((a, b) => a + b), answered);
  const check = command('fsck', '--json');
  assert.equal(check.status, 0, check.out + check.err);
});

test('a key that is disabled in the database is refused by the relay that runs', async () => {
  const key = await relay.createKey({ name: 'short' });
  assert.equal((await ask(key)).status, 200);
  const disabled = command('key', 'disable', key.id);
  assert.equal(disabled.status, 0, disabled.err);
  const refused = await waitUntil(
    async () => {
      const { status } = await ask(key);
      return status === 200 ? null : status;
    },
    { deadlineMs: takesEffectMs, what: 'a refusal' },
  );
  assert.ok([401, 403].includes(refused), `${refused}`);
});

test('its schema is shown, and not taken down under it', () => {
  const status = command('migrate', 'status', '--json');
  assert.equal(status.status, 0, status.err);
  assert.ok(JSON.parse(status.out).steps.every(({ state }) => state === 'applied'));
  const down = command('migrate', 'down', '0', '--yes');
  assert.equal(down.status, 1);
  assert.match(down.err, /a relay uses the database/);
});

test('a relay that cannot start says what to do', async () => {
  const serve = () => runCommand(['serve', '--listen', '127.0.0.1:0', '--data', relay.dataDirectory + '2'], {
    env: { ...postgres.environment, ADMIN_PASSWORD: adminPassword },
    cwd: relay.directory,
  });
  postgres.sql("INSERT INTO schema_migrations VALUES (1000, 'later', 0, 0)");
  const newer = serve();
  assert.equal(newer.status, 1);
  assert.match(newer.err, /schema 1000.*`relay-station migrate down \d+`/);
  postgres.sql('DELETE FROM schema_migrations WHERE version = 1000');
});
