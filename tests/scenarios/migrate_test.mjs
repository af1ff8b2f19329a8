// The schema of the store: shown, taken down and up again, and left alone when it is not ours.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

import { runCommand } from '../lib/command.mjs';
import { startRelay } from '../lib/relay.mjs';

const query = (file, text) =>
  execFileSync('python3', ['-c', 'import sqlite3, sys; c = sqlite3.connect(sys.argv[1]); c.execute(sys.argv[2]); c.commit()', file, text]);

const migrate = (relay, ...args) => {
  const { status, out, err } = runCommand(['migrate', ...args, '--json', '--data', relay.dataDirectory]);
  return { status, err, said: status === 0 ? JSON.parse(out) : null };
};

test('a schema goes down and up again, and what was there is kept beside it', async () => {
  let relay = await startRelay();
  await relay.createKey({ name: 'alice' });
  const { said: status } = migrate(relay, 'status');
  assert.ok(status.ok);
  assert.deepEqual(new Set(status.steps.map(({ state }) => state)), new Set(['applied']));

  const used = migrate(relay, 'down', '1', '--yes');
  assert.equal(used.status, 1, 'not under a relay that runs');
  assert.match(used.err, /in use by process/);

  await relay.kill();
  assert.equal(migrate(relay, 'down', '1').status, 2, 'not without --yes');
  const { said: down } = migrate(relay, 'down', '1', '--yes');
  assert.equal(down.from, status.version);
  assert.equal(down.to, 1);
  assert.ok(down.copy.startsWith(join(relay.dataDirectory, `relay.db.schema-${status.version}-`)));
  assert.ok(existsSync(down.copy));

  relay = await relay.restart();
  assert.match(relay.output(), /migrated the database.*relay\.db\.schema-1-/);
  assert.equal((await relay.admin('GET', '/admin/api-keys'))[0].name, 'alice');
  assert.equal((await relay.stop()).code, 0);
});

test('a relay does not start on a schema that it does not know, and says what to do', async () => {
  const relay = await startRelay();
  await relay.kill();
  const database = join(relay.dataDirectory, 'relay.db');
  const serve = () => runCommand(['serve', '--listen', '127.0.0.1:0', '--data', relay.dataDirectory], { env: { ADMIN_PASSWORD: 'correct horse battery staple' } });

  query(database, "INSERT INTO schema_migrations VALUES (1000, 'later', 0, 0)");
  const newer = serve();
  assert.equal(newer.status, 1);
  assert.match(newer.err, /schema 1000.*`relay-station migrate down \d+`/);
  assert.equal(migrate(relay, 'status').status, 1);

  query(database, 'DELETE FROM schema_migrations WHERE version = 1000');
  query(database, 'UPDATE schema_migrations SET checksum = 7 WHERE version = 1');
  const edited = serve();
  assert.equal(edited.status, 1);
  assert.match(edited.err, /migration 1 .*`relay-station migrate status`/);
});
