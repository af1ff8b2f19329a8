// What a key may do and how much, through the whole relay: each restriction trips with its own
// answer, which says what to do, whichever field the key comes in.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { messageBody } from '../lib/message.mjs';
import { startRelay } from '../lib/relay.mjs';
import { startSimulator } from '../lib/simulator.mjs';
import { waitUntil } from '../lib/wait.mjs';

const config = `
trusted_proxies: ["127.0.0.0/8"]
ratelimit_headers: own
rate_limit:
  by_tier:
    slow: { requests: 2, period: 1h, count_tokens_requests: 3 }
    narrow: { requests: 1000, period: 1m, tokens_per_minute: 2000 }
`;

let simulator;
let relay;
before(async () => {
  simulator = await startSimulator();
  relay = await startRelay({ upstream: `${simulator.url}/v1`, config });
});
after(async () => {
  await relay?.stop();
  await simulator?.stop();
});

// A message that uses 150 tokens and holds at least the 64 of its answer.
const message = (more = {}, script = {}) => ({
  ...messageBody({ script: { input: 100, output: 50, cache_read: 0, cache_5m: 0, cache_1h: 0, ...script } }),
  max_tokens: 64,
  ...more,
});

const used = async (id, tokens) =>
  waitUntil(async () => (await relay.admin('GET', `/admin/api-keys/${id}`)).tokens_used >= tokens, { what: 'the charge' });

for (const [style, credential] of [
  ['x-api-key', (key) => ({ 'x-api-key': key })],
  ['Bearer', (key) => ({ authorization: `Bearer ${key}` })],
]) {
  const keyed = async (terms) => {
    const key = await relay.createKey(terms);
    const send = (method, path, { headers = {}, ...rest } = {}) =>
      relay.call(method, path, { headers: { ...credential(key.api_key), ...headers }, ...rest });
    return {
      id: key.id,
      send,
      ask: (more, script, headers) => send('POST', '/v1/messages', { body: message(more, script), headers }),
      count: () => send('POST', '/v1/messages/count_tokens', { body: { model: 'claude-sonnet-5', messages: [{ role: 'user', content: 'x' }] } }),
    };
  };
  const expectError = (answer, status, type, ...says) => {
    assert.equal(answer.status, status, JSON.stringify(answer.body));
    assert.equal(answer.body.type, 'error');
    assert.equal(answer.body.error.type, type);
    for (const text of says) assert.match(answer.body.error.message, text);
  };
  const expectFinal = (answer) => {
    assert.equal(answer.headers.get('x-should-retry'), 'false');
    assert.equal(answer.headers.get('retry-after'), null);
  };

  test(`${style}: a key of which only the name is said has no limit`, async () => {
    const key = await keyed({});
    const answers = await Promise.all(Array.from({ length: 150 }, () => key.ask({}, { delay: 1 })));
    assert.ok(answers.every((answer) => answer.status === 200));
    assert.equal(answers[0].headers.get('anthropic-ratelimit-requests-limit'), null);
  });

  for (const [window, name, begins] of [
    ['token_limit', /in all/, /does not begin anew/],
    ['token_limit_5h', /in 5 hours/, /There will be enough at \d{4}-/],
    ['token_limit_day', /a day/, /begins anew at \d{4}-.*T00:00:00/],
    ['token_limit_week', /a week/, /begins anew at \d{4}-.*T00:00:00/],
    ['token_limit_month', /a month/, /begins anew at \d{4}-.*-01T00:00:00/],
  ]) {
    test(`${style}: ${window} ends with 402, and says how it stands`, async () => {
      const key = await keyed({ [window]: 250 });
      assert.equal((await key.ask()).status, 200);
      const refused = await key.ask();
      expectError(refused, 402, 'billing_error', /250 tokens/, /150 tokens/, name, begins, /ask whoever gave you the key/);
      expectFinal(refused);
      assert.equal((await key.count()).status, 200, 'counting is free');
      assert.equal((await key.send('GET', '/v1/models')).status, 200);
      const empty = await keyed({ [window]: 150 });
      assert.equal((await empty.ask()).status, 200);
      expectError(await empty.send('POST', '/v1/messages/batches', { body: { requests: [] } }), 402, 'billing_error');
      const chat = { model: 'claude-sonnet-5', max_tokens: 64, messages: [{ role: 'user', content: 'x' }] };
      expectError(await empty.send('POST', '/v1/chat/completions', { body: chat }), 402, 'billing_error');
    });
  }

  for (const window of ['usd_limit', 'usd_limit_5h', 'usd_limit_day', 'usd_limit_week', 'usd_limit_month']) {
    test(`${style}: ${window} ends with 402`, async () => {
      const key = await keyed({ [window]: 0.0005 });
      const refused = await key.ask({ model: 'claude-opus-4-5', max_tokens: 1024 });
      expectError(refused, 402, 'billing_error', /\$0\.0005/, /This request needs up to \$0\.\d+/);
      expectFinal(refused);
    });
  }

  test(`${style}: too many requests wait exactly as long as they are told`, async () => {
    const key = await keyed({ rate_limit_tier: 'slow' });
    assert.equal((await key.ask()).status, 200);
    const second = await key.ask();
    assert.equal(second.headers.get('anthropic-ratelimit-requests-limit'), '2');
    assert.equal(second.headers.get('anthropic-ratelimit-requests-remaining'), '0');
    assert.ok(Date.parse(second.headers.get('anthropic-ratelimit-requests-reset')) > Date.now());
    const refused = await key.ask();
    expectError(refused, 429, 'rate_limit_error', /2 requests in 3600 s/, /Try again in \d+ s/);
    const wait = Number(refused.headers.get('retry-after'));
    assert.ok(wait > 1790 && wait <= 1800, `${wait}`);
    assert.equal(refused.headers.get('x-should-retry'), null);
    assert.equal(refused.headers.get('anthropic-ratelimit-requests-remaining'), '0');

    for (let i = 0; i < 3; ++i) assert.equal((await key.count()).status, 200, 'counting is counted apart');
    expectError(await key.count(), 429, 'rate_limit_error', /3 requests to count tokens/);
  });

  test(`${style}: tokens by the minute are limited`, async () => {
    const key = await keyed({ rate_limit_tier: 'narrow' });
    assert.equal((await key.ask({}, { input: 1990 })).status, 200);
    const refused = await key.ask();
    expectError(refused, 429, 'rate_limit_error', /2000 tokens in 60 s/);
    assert.ok(Number(refused.headers.get('retry-after')) >= 1);
    assert.equal(refused.headers.get('anthropic-ratelimit-tokens-limit'), '2000');
  });

  test(`${style}: only so many exchanges run at once`, async () => {
    const key = await keyed({ concurrency: 1 });
    const nonce = `concurrency-${style}`;
    const running = key.ask({ stream: true }, { deltas: 20, delay: 50, nonce });
    await waitUntil(async () => (await simulator.totals()).in_flight > 0, { what: 'a running exchange' });
    const refused = await key.ask();
    expectError(refused, 429, 'rate_limit_error', /1 requests? running at once/, /Try again when one of them has ended/);
    assert.ok(Number(refused.headers.get('retry-after')) >= 1);
    assert.equal((await running).status, 200);
    assert.equal((await key.ask()).status, 200);
  });

  test(`${style}: what running exchanges hold comes back`, async () => {
    const key = await keyed({ token_limit: 200, hold: 'strict' });
    const small = { max_tokens: 1, messages: [{ role: 'user', content: '[[sim: input=10, output=1, delay=50, deltas=10]]' }] };
    const running = key.ask({ ...small, stream: true });
    await waitUntil(async () => (await simulator.totals()).in_flight > 0, { what: 'a running exchange' });
    const refused = await key.ask(small);
    expectError(refused, 402, 'billing_error', /still running hold/, /Try again when they have ended/);
    assert.equal(refused.headers.get('x-should-retry'), 'true');
    assert.equal((await running).status, 200);
    assert.equal((await key.ask(small)).status, 200);
  });

  test(`${style}: a key is for its models only`, async () => {
    const key = await keyed({ allowed_models: ['claude-haiku-*', 'claude-sonnet-5'] });
    assert.equal((await key.ask({ model: 'claude-haiku-4-5' })).status, 200);
    const refused = await key.ask({ model: 'claude-opus-4-5' });
    expectError(refused, 403, 'permission_error', /claude-opus-4-5/, /claude-haiku-\*/);
    expectFinal(refused);
    assert.equal((await key.send('GET', '/v1/models/claude-opus-4-6')).status, 200);
    const batch = await key.send('POST', '/v1/messages/batches', { body: { requests: [] } });
    expectError(batch, 403, 'permission_error', /does not see which models/);
  });

  test(`${style}: a key is for its addresses only`, async () => {
    const key = await keyed({ allowed_ips: ['10.0.0.0/8', '2001:db8::/32'] });
    const from = (address) => key.ask({}, {}, address === null ? {} : { 'x-forwarded-for': address });
    for (const address of ['10.1.2.3', '2001:db8::7', '1.2.3.4, 10.1.2.3']) assert.equal((await from(address)).status, 200, address);
    for (const address of ['192.0.2.1', '10.1.2.3, 192.0.2.1', '2001:db9::1', 'unknown', null]) {
      const refused = await from(address);
      expectError(refused, 403, 'permission_error', /may not be used from/);
      expectFinal(refused);
    }
  });

  test(`${style}: a key is for its web pages only`, async () => {
    const key = await keyed({ allowed_domains: ['app.example.com', '*.example.org:8443'] });
    const from = (headers) => key.ask({}, {}, headers);
    for (const headers of [{ origin: 'https://app.example.com' }, { referer: 'https://app.example.com/page' }, { origin: 'https://a.example.org:8443' }]) {
      assert.equal((await from(headers)).status, 200, JSON.stringify(headers));
    }
    for (const headers of [
      {}, { origin: 'null' }, { origin: 'https://app.example.com.evil.com' }, { origin: 'https://evil-app.example.com' },
      { origin: 'https://app.example.com@evil.com' }, { origin: 'https://a.example.org' }, { origin: 'https://app.example.com.' },
      { origin: 'https://evil.com', referer: 'https://app.example.com/' },
    ]) {
      const refused = await from(headers);
      expectError(refused, 403, 'permission_error', /app\.example\.com/, /Origin/);
      expectFinal(refused);
    }
  });

  test(`${style}: a key expires`, async () => {
    const key = await keyed({ expires_at: new Date(Date.now() + 700).toISOString() });
    assert.equal((await key.ask()).status, 200);
    const refused = await waitUntil(async () => {
      const answer = await key.ask();
      return answer.status === 401 && answer;
    }, { what: 'the expiry' });
    expectError(refused, 401, 'authentication_error', /expired at \d{4}-/, /new one/);
    expectFinal(refused);
  });

  test(`${style}: a key that is disabled is refused, and works again when it is enabled`, async () => {
    const key = await keyed({});
    await relay.admin('POST', `/admin/api-keys/${key.id}/disable`);
    const refused = await key.ask();
    expectError(refused, 401, 'authentication_error', /disabled/, /enable/);
    expectFinal(refused);
    await relay.admin('POST', `/admin/api-keys/${key.id}/enable`);
    assert.equal((await key.ask()).status, 200);
  });

  test(`${style}: two hundred requests at the edge of a limit stay within it`, async () => {
    for (const hold of ['strict', 'estimate']) {
      const key = await keyed({ token_limit: 3_000, hold });
      // Uses what it holds at most, and as nearly as a question of so many bytes allows.
      const content = '[[sim: input=150, output=10, cache_read=0, cache_5m=0, cache_1h=0]]';
      const body = { max_tokens: 10, messages: [{ role: 'user', content }] };
      const answers = await Promise.all(Array.from({ length: 200 }, () => key.ask(body)));
      const admitted = answers.filter((answer) => answer.status === 200).length;
      assert.ok(answers.every((answer) => [200, 402].includes(answer.status)));
      assert.ok(admitted > 0 && admitted < 200, `${admitted}`);
      await used(key.id, admitted * 160);
      const { tokens_used } = await relay.admin('GET', `/admin/api-keys/${key.id}`);
      assert.equal(tokens_used, admitted * 160, 'what was admitted is what was charged');
      // In `estimate` by what every running exchange used beyond its hold, and no more: I5.
      if (hold === 'strict') assert.ok(tokens_used <= 3_000, `${tokens_used}`);
      else assert.ok(tokens_used <= 3_000 + admitted * 160, `${tokens_used}`);
    }
  });
}

test('every refusal is counted by its reason', async () => {
  const { body } = await relay.call('GET', '/metrics');
  for (const reason of ['quota', 'cost', 'rate', 'concurrency', 'model', 'ip', 'domain', 'expired', 'disabled']) {
    assert.match(body, new RegExp(`^relay_denied_total{reason="${reason}"} [1-9]`, 'm'), reason);
  }
});

test('the part of its limit that a key has used is a metric', async () => {
  const { id } = await relay.createKey({ name: 'measured', token_limit: 600 });
  const key = await relay.createKey({ name: 'measured too', token_limit_day: 600, token_limit: 6_000 });
  const answer = await relay.call('POST', '/v1/messages', { headers: { 'x-api-key': key.api_key }, body: message() });
  assert.equal(answer.status, 200);
  const { body } = await relay.call('GET', '/metrics');
  assert.match(body, new RegExp(`^token_quota_usage_ratio{key_id="${id}",key_name="measured"} 0$`, 'm'));
  assert.match(body, new RegExp(`^token_quota_usage_ratio{key_id="${key.id}",key_name="measured too"} 0.25$`, 'm'));
  assert.match(body, /^relay_input_estimate_ratio{family="sonnet"} /m);
});

test('limits count what was used before a restart, and before a crash', async () => {
  let current = await startRelay({ upstream: `${simulator.url}/v1`, config });
  const key = await current.createKey({ token_limit_day: 400, token_limit_5h: 400, token_limit: 400 });
  const ask = async () =>
    (await current.call('POST', '/v1/messages', { headers: { 'x-api-key': key.api_key }, body: message() })).status;
  assert.equal(await ask(), 200);
  await current.kill();
  current = await current.restart();
  assert.equal(await ask(), 200);
  await current.kill();
  current = await current.restart();
  assert.equal(await ask(), 402);
  await current.stop();
});
