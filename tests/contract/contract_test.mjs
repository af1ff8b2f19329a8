// Every route of the binary, and every answer of it held against api/openapi.yaml.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { messageBody } from '../lib/message.mjs';
import { adminPassword, startRelay } from '../lib/relay.mjs';
import { startSimulator } from '../lib/simulator.mjs';
import { waitUntil } from '../lib/wait.mjs';
import { Contract, document } from './contract.mjs';

const contract = new Contract();
const nobody = '00000000-0000-4000-8000-000000000000';
const basic = (password) => ({ authorization: `Basic ${Buffer.from(`admin:${password}`).toString('base64')}` });

let simulator;
let relay;
before(async () => {
  simulator = await startSimulator();
  relay = await startRelay({ upstream: `${simulator.url}/v1` });
});
after(async () => {
  await relay?.stop();
  await simulator?.stop();
});

// Asks, holds the answer against the contract, and gives its body.
async function ask(method, path, status, { body, headers = {} } = {}) {
  const answer = await relay.call(method, path, { body, headers });
  assert.equal(answer.status, status, `${method} ${path}: ${JSON.stringify(answer.body)}`);
  contract.check(method, path, answer, body);
  if (path.startsWith('/admin') || path.startsWith('/api')) {
    if (status < 300) assert.equal(answer.headers.get('cache-control'), 'no-store');
  }
  return answer.body;
}
const admin = async (method, path, status, body) =>
  ask(method, path, status, { body, headers: { authorization: `Bearer ${await relay.adminToken()}` } });
const member = (key, path, status) => ask('GET', path, status, { headers: { 'x-api-key': key } });

async function converse(key, script = {}) {
  const response = await fetch(`${relay.url}/v1/messages`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-api-key': key },
    body: JSON.stringify(messageBody({ script, stream: true })),
  });
  await response.text();
}

test('what is served at /openapi.json is api/openapi.yaml', async () => {
  assert.deepEqual(await ask('GET', '/openapi.json', 200), document);
});

test('the examples of the contract are what its schemas say', () => contract.checkExamples());

test('health, readiness and metrics', async () => {
  await ask('GET', '/health', 200);
  await ask('GET', '/ready', 200);
  await ask('GET', '/metrics', 200);
});

test('sessions', async () => {
  await ask('POST', '/admin/login', 200, { headers: basic(adminPassword) });
  await ask('POST', '/admin/login', 401, { headers: basic('wrong') });
  await ask('GET', '/admin/api-keys', 401);
});

test('admin tokens', async () => {
  const made = await admin('POST', '/admin/tokens', 201, { name: 'ci', expires_in_days: 1 });
  const headers = { authorization: `Bearer ${made.token}` };
  await ask('GET', '/admin/tokens', 200, { headers });
  await admin('POST', '/admin/tokens', 400, { name: '' });
  await admin('DELETE', `/admin/tokens/${made.id}`, 204);
  await admin('DELETE', `/admin/tokens/${made.id}`, 404);
  await ask('GET', '/admin/tokens', 401, { headers });
});

const everyTerm = {
  name: 'alice', description: 'for tests', owner: 'research', tags: ['研发', 'b'],
  token_limit: 1e9, token_limit_5h: 2, token_limit_day: 3, token_limit_week: 4, token_limit_month: 5,
  usd_limit: 0.000000001, usd_limit_5h: 1e-7, usd_limit_day: 0.1, usd_limit_week: 12.5, usd_limit_month: 9007199.254740993,
  rate_limit_tier: 'basic', concurrency: 6, allowed_models: ['claude-haiku-*'], allowed_ips: ['10.0.0.0/8', '2001:db8::1'],
  allowed_domains: ['example.com', '*.example.org:8443'], expires_at: '2099-01-31T00:00:00.000Z', days_from_first_use: 30,
  on_abort: 'cancel', hold: 'strict',
};

test('a key carries every term, and echoes it', async () => {
  const made = await admin('POST', '/admin/api-keys', 201, everyTerm);
  for (const [name, value] of Object.entries(everyTerm)) assert.deepEqual(made[name], value, name);
  const none = Object.fromEntries(Object.keys(everyTerm).filter((name) => name !== 'name').map((name) => [name, null]));
  const bare = await admin('PATCH', `/admin/api-keys/${made.id}`, 200, none);
  for (const name of Object.keys(none)) {
    assert.deepEqual(bare[name], { tags: [], allowed_models: [], allowed_ips: [], allowed_domains: [], hold: 'estimate' }[name] ?? null, name);
  }
  assert.equal(bare.name, 'alice');
});

test('a key from its creation to its end', async () => {
  const { id, api_key } = await admin('POST', '/admin/api-keys', 201, { name: 'bob' });
  await admin('GET', `/admin/api-keys/${id}`, 200);
  const rotated = await admin('POST', `/admin/api-keys/${id}/rotate`, 200, { grace_seconds: 0 });
  await member(api_key, '/api/usage', 401);
  await member(rotated.api_key, '/api/usage', 200);
  const again = await admin('POST', `/admin/api-keys/${id}/rotate`, 200);
  assert.ok(again.previous_secret_valid_until);
  await member(rotated.api_key, '/api/usage', 200);
  await admin('POST', `/admin/api-keys/${id}/disable`, 200);
  await member(again.api_key, '/api/usage', 401);
  await admin('POST', `/admin/api-keys/${id}/enable`, 200);
  await member(again.api_key, '/api/usage', 200);
  await admin('DELETE', `/admin/api-keys/${id}`, 204);
  await member(again.api_key, '/api/usage', 401);
  await member(rotated.api_key, '/api/usage', 401);
});

test('several keys at once', async () => {
  const { data } = await admin('POST', '/admin/api-keys/batch', 201, { name: 'course', count: 12, tags: ['course'] });
  assert.equal(data[11].name, 'course-12');
  await member(data[11].api_key, '/api/usage', 200);
  const page = await admin('GET', '/admin/api-keys?tag=course&limit=5&sort=name&order=asc', 200);
  assert.equal(page.data[0].name, 'course-01');
  const rest = await admin('GET', `/admin/api-keys?tag=course&limit=10&sort=name&order=asc&after=${encodeURIComponent(page.next)}`, 200);
  assert.equal(rest.data.length, 7);
  assert.ok(Array.isArray(await admin('GET', '/admin/api-keys', 200)));
});

test('what is wrong with a request is said', async () => {
  for (const body of [{}, { name: 'a', token_limt: 5 }, { name: 'a', usd_limit: 1.0000000001 }, { name: 'a', rate_limit_tier: 'gold' }]) {
    await admin('POST', '/admin/api-keys', 400, body);
  }
  await admin('POST', '/admin/api-keys/batch', 400, { name: 'a', count: 501 });
  await admin('GET', '/admin/api-keys?statsu=active', 400);
  await admin('PATCH', `/admin/api-keys/${nobody}`, 404, { owner: 'x' });
  await admin('PATCH', `/admin/api-keys/${nobody}`, 400, { is_active: false });
  await admin('POST', `/admin/api-keys/${nobody}/rotate`, 400, { grace_seconds: -1 });
  for (const action of ['rotate', 'disable', 'enable']) await admin('POST', `/admin/api-keys/${nobody}/${action}`, 404);
  await admin('GET', `/admin/api-keys/${nobody}`, 404);
  await admin('DELETE', `/admin/api-keys/${nobody}`, 404);
});

test('tiers', async () => {
  const { data } = await admin('GET', '/admin/tiers', 200);
  assert.deepEqual(data.map(({ name, is_configured }) => [name, is_configured]), [['basic', true], ['premium', true]]);
  await admin('PUT', '/admin/tiers/gold', 201, { requests: 10, tokens_per_minute: 1000 });
  await admin('PUT', '/admin/tiers/gold', 200, { requests: 10, period_seconds: 1, count_tokens_requests: 5 });
  await admin('PUT', '/admin/tiers/gold', 400, { requests: 0 });
  await admin('GET', '/admin/tiers/gold', 200);
  const { id } = await admin('POST', '/admin/api-keys', 201, { name: 'carol', rate_limit_tier: 'gold' });
  await admin('DELETE', '/admin/tiers/gold', 409);
  await admin('DELETE', `/admin/api-keys/${id}`, 204);
  await admin('DELETE', '/admin/tiers/gold', 204);
  await admin('GET', '/admin/tiers/gold', 404);
  await admin('DELETE', '/admin/tiers/gold', 404);
});

const flat = (model, dollars) => ({
  models: [model], input: dollars, output: dollars, cache_write_5m: dollars, cache_write_1h: dollars, cache_read: dollars,
});

test('prices', async () => {
  const before = (await admin('GET', '/admin/prices', 200)).data;
  const full = {
    ...flat('house-1', 0.000000001), web_search: '10', us: 1.1, batch: '0.5', valid_from: '2026-01-01', valid_to: '2026-10-07T16:00:00Z',
    long_prompt: { ...flat('', 1), models: undefined, above: 100000 }, fast: { ...flat('', 2), models: undefined },
    source: 'https://example.com/价格', checked_on: '2026-11-22',
  };
  const { data } = await admin('PUT', '/admin/prices', 200, { data: [JSON.parse(JSON.stringify(full)), flat('house-2', 3)] });
  assert.equal(data.length, before.length + 2);
  const [shown] = data.filter(({ models }) => models[0] === 'house-1');
  assert.equal(shown.input, 1e-9);
  assert.deepEqual(shown.fast, { input: 2, output: 2, cache_write_5m: 2, cache_write_1h: 2, cache_read: 2 });
  assert.equal(shown.valid_to, '2026-10-07T16:00:00.000Z');
  const own = data.filter(({ origin }) => origin === 'stored');
  assert.deepEqual((await admin('PUT', '/admin/prices', 200, { data: own })).data, data);
  for (const wrong of [{ rows: [] }, { data: before }, { data: [{ ...flat('a', 1), inptu: 1 }] }, { data: [flat('a', 1), flat('a', 2)] }]) {
    await admin('PUT', '/admin/prices', 400, wrong);
  }
  await admin('PUT', '/admin/prices', 200, { data: [] });
  const set = (await admin('POST', '/admin/prices', 200, flat('house-4', 4))).data;
  assert.equal(set.length, before.length + 1);
  await admin('POST', '/admin/prices', 400, { data: [flat('house-4', 4)] });
  await admin('PUT', '/admin/prices', 200, { data: [] });
});

test('a quota, of a key with limits, exhausted and expired', async () => {
  const { id, api_key } = await admin('POST', '/admin/api-keys', 201, {
    name: 'fay', token_limit: 2000, usd_limit_day: 1.5, concurrency: 4, rate_limit_tier: 'basic', days_from_first_use: 1,
  });
  const quota = (status = 200) => member(api_key, '/api/usage/quota', status);
  const fresh = await quota();
  assert.deepEqual(fresh.tokens.total, { limit: 2000, used: 0, held: 0, remaining: 2000, reset: null });
  assert.equal(fresh.usd.day.remaining, 1.5);
  assert.equal(fresh.rate.requests.remaining, fresh.rate.requests.limit);
  assert.equal(fresh.expires_at, null);
  await converse(api_key, { input: 100, output: 1950, cache_read: 0, cache_5m: 0, cache_1h: 0 });
  const used = await waitUntil(async () => {
    const now = await quota();
    return now.concurrency.running === 0 && now.tokens.total.held === 0 ? now : null;
  }, { what: 'the end of the exchange' });
  assert.equal(used.tokens.month.used, 2050);
  assert.equal(used.tokens.total.remaining, 0);
  assert.equal(used.rate.requests.remaining, used.rate.requests.limit - 1);
  assert.ok(used.usd.day.used > 0);
  assert.ok(used.expires_at);
  const expires_at = new Date(Date.now() + 300).toISOString();
  await admin('PATCH', `/admin/api-keys/${id}`, 200, { expires_at });
  await waitUntil(async () => (await admin('GET', `/admin/api-keys/${id}`, 200)).status === 'expired', { what: 'its expiry' });
  assert.equal((await quota()).expires_at, expires_at);
  await member(api_key, '/api/usage/quota?key=x', 400);
  await admin('POST', `/admin/api-keys/${id}/disable`, 200);
  await quota(401);
  await admin('DELETE', `/admin/api-keys/${id}`, 204);
  await quota(401);
});

test('charging anew, also in the quota', async () => {
  const { id, api_key } = await admin('POST', '/admin/api-keys', 201, { name: 'erin', usd_limit: 100, usd_limit_5h: 50 });
  await converse(api_key, { input: 1000, output: 1000, model: 'house-3' });
  await waitUntil(async () => (await admin('GET', `/admin/logs?key=${id}`, 200)).data.length === 1, { what: 'the entry' });
  await admin('PUT', '/admin/prices', 200, { data: [flat('house-3', 3)] });
  const dry = await admin('POST', '/admin/prices/reprice?from=2026-01-01&dry_run=true', 200);
  assert.equal(dry.next, null);
  assert.ok(dry.corrected >= 1);
  assert.deepEqual(await admin('POST', '/admin/prices/reprice?from=2026-01-01', 200), dry);
  assert.equal((await admin('POST', '/admin/prices/reprice?from=2026-01-01', 200)).corrected, 0);
  const { usd } = await member(api_key, '/api/usage/quota', 200);
  const { cost_nano_usd } = await member(api_key, '/api/usage', 200);
  for (const window of ['total', '5h', 'day', 'week', 'month']) assert.equal(usd[window].used, cost_nano_usd / 1e9, window);
  assert.ok((await admin('GET', `/admin/logs?key=${id}&outcome=adjusted`, 200)).data[0].cost_nano_usd > 0);
  await admin('POST', '/admin/prices/reprice', 400);
  await admin('PUT', '/admin/prices', 200, { data: [] });
});

test('reports', async () => {
  const { id, api_key } = await admin('POST', '/admin/api-keys', 201, { name: 'dora', tags: ['x'] });
  await converse(api_key, { input: 11, output: 7 });
  await converse(api_key, { input: 5, output: 3 });
  await converse(api_key, { status: 400 });
  const logs = await waitUntil(async () => {
    const page = await admin('GET', `/admin/logs?key=${id}`, 200);
    return page.data.length === 3 ? page : null;
  }, { what: 'the entries' });
  const sum = (name) => logs.data.reduce((all, row) => all + row[name], 0);
  for (const by of ['key', 'model', 'tag', 'tier', 'outcome', 'key,model']) {
    for (const bucket of ['none', 'hour', 'day', 'month']) {
      const report = await admin('GET', `/admin/usage?by=${by}&bucket=${bucket}&tz=Asia/Shanghai&key=${id}`, 200);
      assert.equal(report.totals.input_tokens, 16);
      assert.equal(report.totals.cost_nano_usd, sum('cost_nano_usd'));
      assert.equal(report.totals.requests, 3);
    }
  }
  assert.equal((await admin('GET', `/admin/logs?key=${id}&outcome=refused&status=4xx`, 200)).data.length, 1);
  await admin('GET', '/admin/logs?client=localhost', 400);
  await admin('GET', '/admin/usage?by=colour', 400);

  const total = await member(api_key, '/api/usage', 200);
  assert.equal(total.input_tokens, 16);
  const daily = await member(api_key, '/api/usage/daily?tz=Asia/Shanghai&by_model=true', 200);
  assert.equal(daily.data.length, 30);
  assert.equal(daily.totals.total_tokens, total.total_tokens);
  assert.equal(daily.totals.cost_nano_usd, total.cost_nano_usd);
  const own = await member(api_key, '/api/usage/logs?limit=2', 200);
  assert.equal(own.data.length, 2);
  const rest = await member(api_key, `/api/usage/logs?limit=2&after=${encodeURIComponent(own.next)}`, 200);
  assert.equal(rest.data.length, 1);
  await member(api_key, '/api/usage/logs?key=x', 400);
  await member(api_key, '/api/usage/daily?from=never', 400);
  for (const path of ['/api/usage', '/api/usage/daily', '/api/usage/logs', '/api/usage/quota']) {
    await ask('GET', path, 200, { headers: { authorization: `Bearer ${api_key}` } });
    await ask('GET', path, 401);
  }
});

test('audit', async () => {
  const first = await admin('GET', '/admin/audit?limit=2', 200);
  const second = await admin('GET', `/admin/audit?limit=500&after=${encodeURIComponent(first.next)}`, 200);
  const actions = new Set([...first.data, ...second.data].map(({ action }) => action));
  for (const action of document.components.schemas.AuditAction.enum) {
    if (/^(password|logout|tier)/.test(action)) continue;
    assert.ok(actions.has(action), action);
  }
  await admin('GET', '/admin/audit?from=never', 400);
  assert.ok(!JSON.stringify([first, second]).match(/sk-(proxy|admin)-[0-9A-Za-z]{20}|\$2[aby]\$/));
});

test('upstreams and system', async () => {
  const { data } = await admin('GET', '/admin/upstreams', 200);
  assert.equal(data.length, 1);
  assert.ok(!JSON.stringify(data).includes(simulator.credential));
  const system = await admin('GET', '/admin/system', 200);
  assert.ok(system.config.some(({ path, source }) => path === 'data_dir' && source.includes('--data')));
  assert.ok(!JSON.stringify(system).includes(simulator.credential));
  assert.ok(!JSON.stringify(system).includes(adminPassword));
});

test('a new password and the end of all sessions', async () => {
  await admin('POST', '/admin/password', 400, { current: adminPassword, new: 'short' });
  await admin('POST', '/admin/password', 403, { current: 'wrong', new: 'staple battery horse' });
  const before = { authorization: `Bearer ${await relay.adminToken()}` };
  await admin('POST', '/admin/password', 204, { current: adminPassword, new: 'staple battery horse' });
  await ask('POST', '/admin/logout', 401, { headers: before });
  const { access_token } = await ask('POST', '/admin/login', 200, { headers: basic('staple battery horse') });
  const headers = { authorization: `Bearer ${access_token}` };
  await ask('POST', '/admin/logout', 204, { headers });
  await ask('GET', '/admin/tiers', 401, { headers });
  while ((await relay.call('POST', '/admin/login', { headers: basic('guess') })).status !== 429);
  await ask('POST', '/admin/login', 429, { headers: basic('guess') });
});

test('every operation of the contract was driven', () => {
  assert.deepEqual(contract.unseen(), []);
});
