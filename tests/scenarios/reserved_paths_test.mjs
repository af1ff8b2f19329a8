// The paths that are the relay's own: each has one owner, whatever the method.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { RawClient } from '../lib/raw_client.mjs';
import { startRelay } from '../lib/relay.mjs';
import { startSimulator } from '../lib/simulator.mjs';

const methods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'];
const reading = 'GET, HEAD';

// What each path takes, and as whom to ask.
const paths = [
  { path: '/', allow: reading },
  { path: '/health', allow: reading },
  { path: '/ready', allow: reading },
  { path: '/metrics', allow: reading },
  { path: '/api/usage', allow: reading, as: 'member' },
  { path: '/admin/login', allow: 'POST' },
  { path: '/admin/api-keys', as: 'admin' },
  { path: '/admin/api-keys/00000000-0000-4000-8000-000000000000', as: 'admin' },
  { path: '/admin/api-keys/00000000-0000-4000-8000-000000000000/disable', as: 'admin' },
];

let simulator;
let relay;
let credentials;
before(async () => {
  simulator = await startSimulator();
  relay = await startRelay({ upstream: `${simulator.url}/v1` });
  credentials = {
    admin: { authorization: `Bearer ${await relay.adminToken()}` },
    member: { 'x-api-key': (await relay.createKey()).api_key },
  };
});
after(async () => {
  await relay?.stop();
  await simulator?.stop();
});

for (const { path, allow, as } of paths) {
  test(`${path} says which methods it takes, and takes them`, async () => {
    const refused = await relay.call('PUT', path, { headers: credentials[as] });
    assert.equal(refused.status, 405);
    const allowed = refused.headers.get('allow');
    assert.ok(allowed, 'a 405 says what is allowed');
    if (allow) assert.equal(allowed, allow);
    for (const method of methods) {
      const answer = await relay.call(method, path, { headers: credentials[as] });
      assert.equal(answer.status === 405, !allowed.split(', ').includes(method), `${method}: ${answer.status}`);
      if (answer.status === 405) assert.equal(answer.headers.get('allow'), allowed);
    }
  });
}

test('methods that no path takes are answered with those that some take', async () => {
  for (const line of ['TRACE / HTTP/1.1', 'CONNECT example.com:443 HTTP/1.1']) {
    const client = await RawClient.connect(relay.port);
    await client.send(`${line}\r\nhost: a\r\n\r\n`);
    const answer = await client.receive();
    assert.equal(answer.status, 405);
    assert.match(answer.header('allow'), /^GET, HEAD, POST/);
    client.close();
  }
});

test('no request for a reserved path reaches the upstream', async () => {
  const { requests } = await simulator.totals();
  assert.equal(requests, 0);
});
