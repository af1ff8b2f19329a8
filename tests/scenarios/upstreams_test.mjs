// What upstreams do wrong, and what a client sees of it.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { messageBody } from '../lib/message.mjs';
import { startRelay } from '../lib/relay.mjs';
import { startSimulator } from '../lib/simulator.mjs';
import { waitUntil } from '../lib/wait.mjs';

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

// Throws where the answer is visibly cut.
async function ask(script, stream = false) {
  const response = await fetch(`${relay.url}/v1/messages`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-api-key': key },
    body: JSON.stringify(messageBody({ script, stream })),
  });
  return { status: response.status, headers: response.headers, text: await response.text() };
}

test('an answer that is no HTTP becomes 502 or is visibly cut, and its connection is not used again', async (t) => {
  for (const { name } of await simulator.catalogue()) {
    await t.test(name, async () => {
      const outcome = await ask({ bad: name }).then((a) => a.status, () => 'cut');
      assert.ok([200, 204, 304, 502, 'cut'].includes(outcome), `${outcome}`);
      const next = await ask({ nonce: `after-${name}` });
      assert.equal(next.status, 200);
      assert.ok(next.text.includes(`after-${name}`), 'somebody else\'s answer');
    });
  }
});

test('a stream that is cut at any event never looks complete', async () => {
  for (let events = 0; events < 12; ++events) {
    const outcome = await ask({ deltas: 8, cut_events: events }, true).then((a) => a, () => 'cut');
    if (outcome === 'cut') continue;
    assert.ok(outcome.status !== 200 || !outcome.text.includes('event: message_stop') || events >= 11, `cut after ${events}: ${outcome.status}`);
  }
});

test('statuses worth another try are tried again, others are not', async () => {
  for (const status of [429, 500, 502, 503, 504, 529]) {
    const answer = await ask({ id: `again-${status}`, status, fail_times: 1 });
    assert.equal(answer.status, 200, `${status}`);
  }
  const before_it = (await simulator.totals()).requests;
  assert.equal((await ask({ status: 400 })).status, 400);
  assert.equal((await simulator.totals()).requests, before_it + 1);
});

test('a stream that begins overloaded is tried again', async () => {
  const answer = await ask({ id: 'first-event', error_event: 0, error: 'overloaded_error', fail_times: 1, deltas: 3 }, true);
  assert.equal(answer.status, 200);
  assert.match(answer.text, /message_stop/);
  assert.doesNotMatch(answer.text, /overloaded/);
});

test('our own credential is our own problem', async () => {
  const answer = await ask({ status: 401, error: 'authentication_error' });
  assert.equal(answer.status, 502);
});

test('the upstream\'s key and cookies never reach a client', async () => {
  const answer = await ask({ status: 400, message: simulator.credential });
  const seen = answer.text + [...answer.headers].flat().join();
  assert.ok(!seen.includes(simulator.credential));
  assert.equal(answer.headers.get('set-cookie'), null);
  assert.equal(answer.headers.get('anthropic-organization-id'), null);
});

test('compressed answers pass unchanged and are metered', async () => {
  for (const encoding of ['gzip', 'br', 'zstd', 'deflate']) {
    key = (await relay.createKey()).api_key;
    await ask({ encoding, input: 321, output: 123 }, true);
    const used = await waitUntil(async () => {
      const now = await relay.usage(key);
      return now.requests === 1 ? now : null;
    }, { what: 'the charge' });
    assert.equal(used.input_tokens, 321, encoding);
    assert.equal(used.output_tokens, 123, encoding);
  }
});

test('a relay without an upstream says so, charges nothing and goes on', async () => {
  const lonely = await startRelay({ env: { UPSTREAM_API_KEY: '' } });
  const { api_key: own } = await lonely.createKey();
  for (const path of ['/v1/models', '/v1/messages', '/v1/messages/count_tokens', '/v1/files']) {
    const body = path === '/v1/models' ? undefined : JSON.stringify(messageBody({}));
    const answer = await fetch(lonely.url + path, {
      method: body ? 'POST' : 'GET',
      headers: { 'content-type': 'application/json', 'x-api-key': own },
      body,
    });
    assert.equal(answer.status, 502, path);
    assert.match((await answer.json()).error.message, /no upstream yet.*UPSTREAM_API_KEY/);
  }
  assert.equal((await lonely.usage(own)).requests, 0);
  await lonely.stop();
});
