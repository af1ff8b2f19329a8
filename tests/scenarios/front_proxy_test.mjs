// Behind a front proxy: who a client is, is what the proxies say that the operator lists.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { messageBody } from '../lib/message.mjs';
import { startRelay } from '../lib/relay.mjs';
import { startSimulator } from '../lib/simulator.mjs';
import { waitUntil } from '../lib/wait.mjs';

const operator = '203.0.113.1';
let simulator;
let relay;
let key;
before(async () => {
  simulator = await startSimulator();
  relay = await startRelay({
    upstream: `${simulator.url}/v1`,
    env: {
      RELAY_TRUSTED_PROXIES: '127.0.0.1, 10.0.0.0/8',
      RELAY_ADMIN_ALLOW: `127.0.0.1, ${operator}`,
      RELAY_METRICS_ALLOW: operator,
    },
  });
  key = (await relay.createKey()).api_key;
});
after(async () => {
  await relay?.stop();
  await simulator?.stop();
});

const from = (hops, more = {}) => ({ 'x-forwarded-for': hops, ...more });
const ask = (headers) => relay.call('POST', '/v1/messages', { headers, body: messageBody({}) });

test('the access log names the client, not the proxy', async () => {
  await ask(from('198.51.100.99, 198.51.100.7, 10.0.0.9', { 'x-api-key': key }));
  await waitUntil(() => relay.output().includes('198.51.100.7'), { what: 'the line of the access log' });
  assert.ok(!relay.output().includes('198.51.100.99'), 'what the client said of itself');
});

test('wrong keys are counted by client', async () => {
  for (let i = 0; i < 20; ++i) assert.equal((await ask(from('198.51.100.8', { 'x-api-key': 'wrong' }))).status, 401);
  assert.equal((await ask(from('198.51.100.8', { 'x-api-key': 'wrong' }))).status, 429);
  assert.equal((await ask(from('1.2.3.4, 198.51.100.8', { 'x-api-key': 'wrong' }))).status, 429);
  assert.equal((await ask(from('198.51.100.9', { 'x-api-key': 'wrong' }))).status, 401);
});

test('what an address may do is what the client\'s may', async () => {
  const status = async (path, headers) => (await relay.call('GET', path, { headers })).status;
  const admin = { authorization: `Bearer ${await relay.adminToken()}` };
  assert.equal(await status('/admin/api-keys', from(operator, admin)), 200);
  assert.equal(await status('/admin/api-keys', from('198.51.100.7', admin)), 403);
  assert.equal(await status('/admin/api-keys', from(`${operator}, 198.51.100.7`, admin)), 403);
  assert.equal(await status('/admin/api-keys', from('garbage', admin)), 403);
  assert.equal(await status('/admin/api-keys', from('198.51.100.7', { ...admin, 'x-real-ip': operator })), 403);
  assert.equal(await status('/metrics', from(operator)), 200);
  assert.equal(await status('/metrics', from('198.51.100.7')), 403);
  assert.equal(await status('/metrics', {}), 403);
});

test('links in answers lead back by the way the client came', async () => {
  const headers = from('198.51.100.7', { 'x-api-key': key, 'x-forwarded-proto': 'https', 'x-forwarded-host': 'relay.example.com' });
  const params = messageBody({});
  const body = { requests: [{ custom_id: 'a', params }] };
  const created = await relay.call('POST', '/v1/messages/batches', { headers, body });
  assert.equal(created.status, 200);
  const batch = await waitUntil(async () => {
    const { body: seen } = await relay.call('GET', `/v1/messages/batches/${created.body.id}`, { headers });
    return seen.results_url ? seen : null;
  }, { what: 'the batch to end' });
  assert.ok(batch.results_url.startsWith('https://relay.example.com/v1/'), batch.results_url);
});

test('without listed proxies nobody\'s word is taken', async () => {
  const other = await startRelay({ upstream: `${simulator.url}/v1`, env: { RELAY_METRICS_ALLOW: operator } });
  assert.equal((await other.call('GET', '/metrics', { headers: from(operator) })).status, 403);
  await other.stop();
});
