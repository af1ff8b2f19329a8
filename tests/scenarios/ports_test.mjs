// Where the relay listens, nobody else does.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { startRelay } from '../lib/relay.mjs';

test('a second relay does not share the port of the first one, and says why', async () => {
  const first = await startRelay();
  const second = startRelay({ listen: `127.0.0.1:${first.port}` });
  await assert.rejects(second, /Cannot listen on 127\.0\.0\.1:\d+: Address already in use/);
  await first.stop();
});

test('nor does its admin API', async () => {
  const first = await startRelay();
  const config = `admin: { bind: ["127.0.0.1:${first.port}"] }`;
  await assert.rejects(startRelay({ config }), /Address already in use.*admin\.bind/);
  await first.stop();
});
