// Who guesses keys has to wait; who has one does not, at whatever address.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { messageBody } from '../lib/message.mjs';
import { startRelay } from '../lib/relay.mjs';
import { startSimulator } from '../lib/simulator.mjs';

let simulator;
let relay;
let key;
before(async () => {
  simulator = await startSimulator();
  relay = await startRelay({ upstream: `${simulator.url}/v1` });
  key = (await relay.createKey()).api_key;
});
after(async () => {
  await relay?.stop();
  await simulator?.stop();
});

const ask = (headers) => relay.call('POST', '/v1/messages', { headers, body: messageBody({}) });

test('beyond twenty wrong keys a minute their address waits, on every path that takes a key', async () => {
  for (let i = 0; i < 20; ++i) {
    assert.equal((await ask({ 'x-api-key': `sk-proxy-wrong-${i}` })).status, 401);
  }
  const late = await ask({ authorization: 'Bearer sk-proxy-another' });
  assert.equal(late.status, 429);
  assert.equal(late.body.error.type, 'rate_limit_error');
  const wait = Number(late.headers.get('retry-after'));
  assert.ok(wait >= 1 && wait <= 60, `${wait}`);
  assert.equal((await relay.call('GET', '/api/usage', { headers: { 'x-api-key': 'wrong' } })).status, 429);
});

test('a valid key is served all the while, and a request without one is told that it has none', async () => {
  assert.equal((await ask({ 'x-api-key': key })).status, 200);
  assert.equal((await relay.call('GET', '/api/usage', { headers: { 'x-api-key': key } })).status, 200);
  assert.equal((await ask({})).status, 401);
});

test('failures are counted for the operator, by realm', async () => {
  await relay.call('POST', '/admin/login', { headers: { authorization: 'Basic YTpi' } });
  const { body } = await relay.call('GET', '/metrics');
  assert.match(body, /^relay_auth_failures_total{realm="key"} 22$/m);
  assert.match(body, /^relay_auth_failures_total{realm="admin"} 1$/m);
});
