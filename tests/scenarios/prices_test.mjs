// Prices of a running relay: as many as the contract says, and set by several at once.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';

import { relayBinary } from '../lib/binary.mjs';
import { RawClient } from '../lib/raw_client.mjs';
import { startRelay } from '../lib/relay.mjs';
import { upstreamCredential } from '../lib/simulator.mjs';

let relay;
before(async () => {
  relay = await startRelay();
});
after(async () => {
  await relay?.stop();
});

const row = (model) => ({
  models: [model], input: 1.25, output: 6.25, cache_write_5m: 1.5625, cache_write_1h: 2.5, cache_read: 0.125,
  source: '价格'.repeat(250),
});
const stored = async () => (await relay.admin('GET', '/admin/prices')).data.filter(({ origin }) => origin === 'stored');

// Only the head: what is refused by its length alone is not read.
async function refusalOf(authorization, length) {
  const client = await RawClient.connect(relay.port);
  await client.send(
    'PUT /admin/prices HTTP/1.1\r\nhost: relay\r\ncontent-type: application/json\r\n' +
      `authorization: ${authorization}\r\ncontent-length: ${length}\r\n\r\n`,
  );
  const answer = await client.receive('PUT');
  client.reset();
  return { status: answer.status, message: JSON.parse(answer.body).error.message };
}

test('the table may have a thousand rows', async () => {
  await relay.admin('PUT', '/admin/prices', { data: Array.from({ length: 1000 }, (_, i) => row(`house-${i}`)) });
  assert.equal((await stored()).length, 1000);
  await relay.admin('PUT', '/admin/prices', { data: [] });
});

test('a larger one is refused with what to do, and a large one read from nobody who may not put it', async () => {
  const { status, message } = await refusalOf(`Bearer ${await relay.adminToken()}`, 9 << 20);
  assert.equal(status, 413);
  assert.match(message, /more than 8192 KiB.*prices\.file/);
  assert.equal((await refusalOf('Bearer nobody', 4 << 20)).status, 401);
});

test('of prices that are set at once none is lost', async () => {
  const models = Array.from({ length: 12 }, (_, i) => `at-once-${i}`);
  const rates = ['--input', '1', '--output', '5', '--cache-write-5m', '1', '--cache-write-1h', '2', '--cache-read', '0.1'];
  await Promise.all(
    models.map((model) =>
      promisify(execFile)(relayBinary(), ['price', 'set', model, ...rates, '--data', relay.dataDirectory], {
        env: { PATH: process.env.PATH, UPSTREAM_API_KEY: upstreamCredential, RELAY_LISTEN: `127.0.0.1:${relay.port}` },
      }),
    ),
  );
  assert.deepEqual((await stored()).flatMap((each) => each.models).sort(), models.sort());
});
