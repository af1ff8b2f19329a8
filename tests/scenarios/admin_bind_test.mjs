// admin.bind: the admin API has a port of its own, and is nowhere else.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { createServer } from 'node:net';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';

import { relayBinary } from '../lib/binary.mjs';
import { messageBody } from '../lib/message.mjs';
import { startRelay } from '../lib/relay.mjs';
import { startSimulator } from '../lib/simulator.mjs';

const freePort = () =>
  new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });

let simulator;
let relay;
let key;
let adminPort;
before(async () => {
  simulator = await startSimulator();
  adminPort = await freePort();
  relay = await startRelay({ upstream: `${simulator.url}/v1`, env: { RELAY_ADMIN_BIND: `127.0.0.1:${adminPort}` } });
  key = (await relay.createKey()).api_key;
});
after(async () => {
  await relay?.stop();
  await simulator?.stop();
});

test('it says where it is', () => {
  assert.match(relay.output(), new RegExp(`admin API on http://127.0.0.1:${adminPort}`));
});

test('on the ports of clients it is not there, for nobody', async () => {
  const authorization = `Bearer ${await relay.adminToken()}`;
  for (const path of ['/admin', '/admin/', '/admin/login', '/admin/api-keys', '/console', '/console/index.html']) {
    for (const method of ['GET', 'POST']) {
      const response = await fetch(relay.url + path, { method, headers: { authorization } });
      assert.equal(response.status, 404, `${method} ${path}`);
      await response.arrayBuffer();
    }
  }
});

test('on its own port nothing is forwarded', async () => {
  const response = await fetch(`http://127.0.0.1:${adminPort}/v1/messages`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-api-key': key },
    body: JSON.stringify(messageBody({})),
  });
  assert.equal(response.status, 404);
});

test('clients are served as ever, and both ports say that all is well', async () => {
  const answer = await relay.call('POST', '/v1/messages', { headers: { 'x-api-key': key }, body: messageBody({}) });
  assert.equal(answer.status, 200);
  for (const port of [relay.port, adminPort]) {
    assert.equal((await fetch(`http://127.0.0.1:${port}/health`)).status, 200);
  }
});

test('the command line finds it there', async () => {
  const { stdout } = await promisify(execFile)(relayBinary(), ['key', 'list', '--json', '--data', relay.dataDirectory], {
    cwd: relay.directory,
    env: { ...process.env, RELAY_ADMIN_BIND: `127.0.0.1:${adminPort}` },
  });
  assert.ok(stdout.includes('"test"'), stdout);
});
