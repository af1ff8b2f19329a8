// Advisors, which the upstream asks while it answers: each is a line of the ledger by its own price,
// counts against the limits of the key, and is charged once, also by a relay that is killed.
import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, test } from 'node:test';

import { messageBody } from '../lib/message.mjs';
import { startRelay } from '../lib/relay.mjs';
import { startSimulator } from '../lib/simulator.mjs';
import { expectSameUsage } from '../lib/usage.mjs';
import { waitUntil } from '../lib/wait.mjs';

const model = 'claude-haiku-4-5'; // 1,000 nano-dollars for a token of the question, 5,000 of the answer,
const advisor_model = 'claude-opus-5-5'; // and 4,000 and 20,000.
const own = { input: 100, output: 50, cache_read: 0, cache_5m: 0, cache_1h: 0 };
const advice = { advisor_model, advisor_input: 3000, advisor_output: 200 };
const ownCost = 100 * 1_000 + 50 * 5_000;
const adviceCost = 3000 * 4_000 + 200 * 20_000;

let simulator;
let relay;
before(async () => (simulator = await startSimulator()));
beforeEach(async () => {
  await simulator.reset();
  relay = await startRelay({ upstream: `${simulator.url}/v1` });
});
afterEach(() => relay?.stop());
after(() => simulator?.stop());

const ask = (key, script, { stream = false } = {}) =>
  fetch(`${relay.url}/v1/messages`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-api-key': key, 'anthropic-version': '2023-06-01' },
    body: JSON.stringify(messageBody({ script: { ...own, ...script }, stream, model })),
  });

async function linesOf({ id }, count) {
  const lines = async () => (await relay.admin('GET', `/admin/logs?key=${id}`)).data;
  await waitUntil(async () => (await lines()).length >= count, { what: `${count} lines` });
  const all = await lines();
  assert.equal(all.length, count);
  const [advisors, others] = [true, false].map((is) => all.filter(({ endpoint }) => (endpoint === 'advisor') === is));
  return { advisors, others };
}

for (const stream of [false, true]) {
  test(`advice for ${stream ? 'a stream' : 'a whole answer'} is a line of its own, by its own price`, async () => {
    const key = await relay.createKey();
    const answer = await ask(key.api_key, advice, { stream });
    assert.match(await answer.text(), /advisor_message/);
    const { advisors, others } = await linesOf(key, 2);
    const [[line], [exchange]] = [advisors, others];
    assert.deepEqual([line.served_model, line.input_tokens, line.output_tokens], [advisor_model, 3000, 200]);
    assert.deepEqual([line.cost_nano_usd, line.is_estimated, line.is_unpriced], [adviceCost, false, false]);
    assert.deepEqual([exchange.served_model, exchange.input_tokens, exchange.output_tokens], [model, 100, 50]);
    assert.deepEqual([exchange.cost_nano_usd, exchange.is_estimated], [ownCost, false]);
    assert.equal(line.request_id, exchange.request_id);
    await expectSameUsage(relay, [key.api_key], simulator);
  });
}

test('advice of a model that is not named has no price', async () => {
  const key = await relay.createKey();
  await (await ask(key.api_key, { ...advice, advisor_model: '' })).text();
  const { advisors } = await linesOf(key, 2);
  assert.deepEqual([advisors[0].cost_nano_usd, advisors[0].is_unpriced], [0, true]);
});

test('advice counts against the limits of the key', async () => {
  const limits = { usd_limit: 0.01, token_limit: 100_000 };
  const key = await relay.createKey(limits);
  const answer = await ask(key.api_key, advice, { stream: true });
  assert.equal(answer.status, 200);
  await answer.text();
  await linesOf(key, 2);
  const quota = await waitUntil(
    async () => {
      const { body } = await relay.call('GET', '/api/usage/quota', { headers: { 'x-api-key': key.api_key } });
      return body.tokens.total.used === 3350 ? body : null;
    },
    { what: 'the charge' },
  );
  assert.equal(quota.usd.total.used, (ownCost + adviceCost) / 1e9);
  const refused = await ask(key.api_key, {});
  assert.equal(refused.status, 402);
  await refused.text();
});

test('a relay that is killed has charged advice once', async () => {
  const key = await relay.createKey();
  const answer = await ask(key.api_key, { ...advice, stall_events: 4 }, { stream: true });
  const reader = answer.body.getReader();
  for (let text = ''; !text.includes('content_block_delta');) text += Buffer.from((await reader.read()).value).toString();
  await relay.kill();
  await reader.closed.catch(() => {});
  relay = await relay.restart();
  const { advisors, others } = await linesOf(key, 2);
  assert.deepEqual([advisors[0].input_tokens, advisors[0].output_tokens, advisors[0].cost_nano_usd], [3000, 200, adviceCost]);
  assert.deepEqual([others[0].input_tokens, others[0].outcome], [100, 'abandoned']);
});
