// Batches: what their results cost is charged once, to who created them, however often and by
// whomever results are fetched; in every store.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { messageBody } from '../lib/message.mjs';
import { startRelay } from '../lib/relay.mjs';
import { startSimulator } from '../lib/simulator.mjs';
import { stores } from '../lib/stores.mjs';
import { fromRelay, fromSimulator } from '../lib/usage.mjs';
import { waitUntil } from '../lib/wait.mjs';

const script = { input: 1000, output: 100, cache_read: 0, cache_5m: 0, cache_1h: 0 };
const costOfOne = (1000 * 1000 + 100 * 5000) / 2; // Nano-dollars, of claude-haiku-4-5, at half the price.

for (const [name, openStore] of stores) {
  describe(name, () => {
    let simulator;
    let store;
    let relay;
    before(async () => {
      [simulator, store] = await Promise.all([startSimulator(), openStore()]);
      relay = await startRelay({ upstream: `${simulator.url}/v1`, env: store.environment });
    });
    after(async () => {
      await relay?.stop();
      await simulator?.stop();
      await store?.remove();
    });

    const newKey = async (members) => (await relay.createKey(members)).api_key;

    async function call(key, path, options = {}) {
      const headers = { 'x-api-key': key, 'anthropic-version': '2023-06-01', 'content-type': 'application/json' };
      return fetch(`${relay.url}/v1/messages/batches${path}`, { ...options, headers: { ...headers, ...options.headers } });
    }

    // A batch of so many requests that has ended, every tenth with an error: its id.
    async function endedBatch(key, size, more = {}) {
      const requests = Array.from({ length: size }, (_, i) => ({
        custom_id: `${i % 10 === 9 ? 'errored' : 'request'}-${i}`,
        params: messageBody({ model: 'claude-haiku-4-5', script: { ...script, ...more } }),
      }));
      const created = await call(key, '', { method: 'POST', body: JSON.stringify({ requests }) });
      assert.equal(created.status, 200);
      const { id } = await created.json();
      for (let status = ''; status !== 'ended';) status = (await (await call(key, `/${id}`)).json()).processing_status;
      return id;
    }

    const fetchAll = async (key, id) => (await call(key, `/${id}/results`)).text();

    const isCharged = (key, answered) =>
      waitUntil(async () => {
        const usage = await relay.usage(key);
        return usage.input_tokens === 1000 * answered && usage.output_tokens === 100 * answered;
      }, { what: `${answered} results` });

    const lines = async () => (await relay.admin('GET', '/admin/logs?limit=500')).data;

    test('results are charged to who created the batch, once, at half the price', async () => {
      const creator = await newKey({ token_limit: 1_000_000 });
      const other = await newKey();
      await simulator.reset();
      const id = await endedBatch(creator, 40);
      assert.equal((await relay.usage(creator)).input_tokens, 0);

      const first = await fetchAll(other, id);
      assert.equal(first.trim().split('\n').length, 40);
      await isCharged(creator, 36);
      await simulator.waitUntilIdle();
      const { batch_usage: usage } = await simulator.totals();
      assert.deepEqual(fromRelay(await relay.usage(creator)), fromSimulator(usage));

      // Again, by both, at the same time.
      const again = await Promise.all([fetchAll(creator, id), fetchAll(other, id), fetchAll(creator, id)]);
      for (const text of again) assert.ok(text === first);
      await fetchAll(creator, await endedBatch(creator, 1)); // Behind the others in the ledger.
      await isCharged(creator, 37);
      assert.equal((await relay.usage(other)).total_tokens, 0);

      const charged = (await lines()).filter((line) => line.endpoint === 'batches' && line.total_tokens > 0);
      assert.equal(charged.length, 37);
      for (const line of charged) assert.equal(line.cost_nano_usd, costOfOne);

      const quota = await relay.call('GET', '/api/usage/quota', { headers: { 'x-api-key': creator } });
      assert.equal(quota.body.tokens.total.used, 37 * 1100);
      assert.equal(quota.body.tokens.day.used, 37 * 1100);
    });

    test('a client that leaves in the middle is charged for what was there, and the rest later', async () => {
      const key = await newKey();
      const id = await endedBatch(key, 100);
      const aborter = new AbortController();
      const response = await call(key, `/${id}/results`, { signal: aborter.signal, headers: { 'x-sim': 'delay=20' } });
      const reader = response.body.getReader();
      let text = '';
      while (text.split('\n').length <= 20) text += Buffer.from((await reader.read()).value).toString();
      aborter.abort();
      const some = await waitUntil(async () => {
        const usage = await relay.usage(key);
        return usage.input_tokens >= 18_000 ? usage : null;
      }, { what: 'the first results' });
      assert.ok(some.input_tokens < 90_000, JSON.stringify(some));
      await fetchAll(key, id);
      await isCharged(key, 90);
    });

    test('kill -9 in the middle loses nothing and charges nothing twice', async () => {
      const key = await newKey({ token_limit: 1_000_000 });
      const id = await endedBatch(key, 100);
      const other = await newKey();
      for (let kill = 1; kill <= 3; ++kill) {
        const response = await call(other, `/${id}/results`, { headers: { 'x-sim': 'delay=10' } });
        const reader = response.body.getReader();
        let text = '';
        while (text.split('\n').length <= 20 * kill) text += Buffer.from((await reader.read()).value).toString();
        await relay.kill();
        await reader.cancel().catch(() => {});
        relay = await relay.restart();
        const seen = text.split('\n').slice(0, -1).filter((line) => line.includes('succeeded')).length;
        assert.ok((await relay.usage(key)).input_tokens >= 1000 * seen);
      }
      await fetchAll(other, id);
      await isCharged(key, 90);
      await fetchAll(key, id);
      await relay.kill();
      relay = await relay.restart();
      await isCharged(key, 90);
      assert.equal((await relay.usage(other)).total_tokens, 0);
      const quota = await relay.call('GET', '/api/usage/quota', { headers: { 'x-api-key': key } });
      assert.equal(quota.body.tokens.total.used, 90 * 1100);
    });

    test('a batch of many results is charged whole while the ledger keeps up', async () => {
      const key = await newKey();
      const id = await endedBatch(key, 10_000, { deltas: 1 });
      await Promise.all([fetchAll(key, id), fetchAll(key, id), fetchAll(key, id)]);
      await isCharged(key, 9_000);
    });
  });
}
