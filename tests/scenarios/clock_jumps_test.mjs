// The wall clock jumps: by a day and back, over the ends of summer time and over a leap day. Days are
// cut as the calendar says, no total is wrong, and neither a rate nor a session can be had back by it.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { isSanitized } from '../lib/binary.mjs';
import { messageClient } from '../lib/message_client.mjs';
import { adminPassword, startRelay } from '../lib/relay.mjs';
import { startSimulator } from '../lib/simulator.mjs';
import { stores } from '../lib/stores.mjs';
import { expectSameUsage } from '../lib/usage.mjs';
import { waitUntil } from '../lib/wait.mjs';
import { wallClock } from '../lib/wall_clock.mjs';

const config = `
time_zone: Europe/Berlin
rate_limit:
  by_tier:
    slow: { requests: 5, period: 1h }
`;
const start = '2027-01-12T12:00:00Z';
const skip = isSanitized() && 'libfaketime and a sanitizer do not go together';
const jumpMs = 30_000; // A step has to be done within this, or it is in another day.

// [instant, date in Berlin]
const calendars = {
  'a day ahead and back': [
    ['2027-01-12T12:00:00Z', '2027-01-12'],
    ['2027-01-13T12:00:00Z', '2027-01-13'],
    ['2027-01-12T12:00:10Z', '2027-01-12'],
    ['2027-01-11T12:00:00Z', '2027-01-11'],
    ['2027-01-12T12:00:20Z', '2027-01-12'],
  ],
  'into summer time': [
    ['2027-03-27T22:59:30Z', '2027-03-27'],
    ['2027-03-27T23:00:10Z', '2027-03-28'],
    ['2027-03-28T00:59:30Z', '2027-03-28'],
    ['2027-03-28T01:00:10Z', '2027-03-28'],
    ['2027-03-28T21:59:30Z', '2027-03-28'],
    ['2027-03-28T22:00:10Z', '2027-03-29'],
  ],
  'out of summer time': [
    ['2027-10-30T21:59:30Z', '2027-10-30'],
    ['2027-10-30T22:00:10Z', '2027-10-31'],
    ['2027-10-31T00:59:30Z', '2027-10-31'],
    ['2027-10-31T01:00:10Z', '2027-10-31'],
    ['2027-10-31T22:59:30Z', '2027-10-31'],
    ['2027-10-31T23:00:10Z', '2027-11-01'],
  ],
  'over a leap day': [
    ['2028-02-28T22:59:30Z', '2028-02-28'],
    ['2028-02-28T23:00:10Z', '2028-02-29'],
    ['2028-02-29T22:59:30Z', '2028-02-29'],
    ['2028-02-29T23:00:10Z', '2028-03-01'],
  ],
};

const dayAfter = (date, days) => new Date(Date.parse(date) + days * 86_400_000).toISOString().slice(0, 10);

for (const [name, openStore] of stores) {
  describe(name, { skip }, () => {
    const clock = wallClock();
    let store;
    let simulator;
    let relay;
    let keys;
    before(async () => {
      [simulator, store] = await Promise.all([startSimulator(), openStore()]);
      clock.set(start);
      relay = await startRelay({
        upstream: `${simulator.url}/v1`,
        config,
        env: { ...store.environment, ...clock.environment },
      });
      // Now: the session that makes them ends with the first jump.
      const made = [...Object.keys(calendars), 'running', 'restarted'].map((each) => relay.createKey({ name: each }));
      const slow = ['used', 'fresh'].map((each) => relay.createKey({ name: each, rate_limit_tier: 'slow' }));
      keys = Object.fromEntries((await Promise.all([...made, ...slow])).map((key) => [key.name, key.api_key]));
    });
    after(async () => {
      await relay?.stop();
      await simulator?.stop();
      await store?.remove();
      clock.remove();
    });

    // Until the relay itself says that it is then.
    async function jumpTo(instant) {
      clock.set(instant);
      await waitUntil(async () => {
        const { headers } = await relay.call('GET', '/live');
        return Math.abs(Date.parse(headers.get('date')) - Date.parse(instant)) < jumpMs;
      }, { what: `the relay to be at ${instant}` });
    }

    const script = { input: 100, output: 10, cache_read: 0, cache_5m: 0, cache_1h: 0, deltas: 2 };
    async function ask(key) {
      const client = messageClient(relay, key);
      const { status, isWhole } = await client.ask(script);
      client.close();
      assert.ok(isWhole);
      return status;
    }
    const get = async (path, key) => {
      const { status, body } = await relay.call('GET', path, { headers: { 'x-api-key': key } });
      assert.equal(status, 200, JSON.stringify(body));
      return body;
    };
    const areCharged = (key, requests) =>
      waitUntil(async () => (await relay.usage(key)).requests === requests, { what: `${requests} charges` });

    for (const [calendar, steps] of Object.entries(calendars)) {
      test(`${calendar}, each day has what was used in it`, async () => {
        const key = keys[calendar];
        const expected = new Map();
        for (const [instant, date] of steps) {
          await jumpTo(instant);
          for (let i = 0; i <= expected.size; ++i) {
            assert.equal(await ask(key), 200);
            expected.set(date, (expected.get(date) ?? 0) + 1);
          }
          const asked = [...expected.values()].reduce((a, b) => a + b);
          await areCharged(key, asked);
          const entries = (await get('/api/usage/logs?limit=500', key)).data;
          assert.ok(entries.every(({ duration_ms: ms, first_byte_ms: first }) => ms < jumpMs && first < jumpMs));
          assert.ok(entries.some(({ started_at: at }) => Math.abs(Date.parse(at) - Date.parse(instant)) < jumpMs));
        }
        const dates = [...expected.keys()].sort();
        const [from, to] = [dayAfter(dates[0], -1), dayAfter(dates.at(-1), 1)];
        const { data, totals } = await get(`/api/usage/daily?from=${from}&to=${to}`, key);
        const days = Array.from({ length: data.length }, (_, i) => dayAfter(from, i));
        assert.deepEqual(data.map((day) => day.date), days);
        assert.equal(days.at(-1), to);
        for (const day of data) {
          const requests = expected.get(day.date) ?? 0;
          assert.equal(day.requests, requests, day.date);
          assert.equal(day.total_tokens, 110 * requests, day.date);
        }
        const sums = await relay.usage(key);
        for (const of of [totals, sums]) assert.equal(of.total_tokens, 110 * of.requests);
        assert.equal(totals.requests, sums.requests);
      });
    }

    test('no jump gives a rate limit back, and none takes it away', async () => {
      const admitted = async (key, tries) => {
        let count = 0;
        for (let i = 0; i < tries; ++i) {
          const status = await ask(key);
          assert.ok([200, 429].includes(status), `${status}`);
          count += status === 200 ? 1 : 0;
        }
        return count;
      };
      await jumpTo(start);
      assert.equal(await admitted(keys.used, 6), 5);
      for (const instant of ['2027-01-13T12:00:00Z', '2028-02-29T12:00:00Z', start, '2027-01-11T12:00:00Z']) {
        await jumpTo(instant);
        assert.equal(await admitted(keys.used, 2), 0, instant);
      }
      assert.equal(await admitted(keys.fresh, 6), 5);
    });

    test('a session that was ended stays ended', async () => {
      await jumpTo(start);
      const basic = Buffer.from(`admin:${adminPassword}`).toString('base64');
      const login = await relay.call('POST', '/admin/login', { headers: { authorization: `Basic ${basic}` } });
      const headers = { authorization: `Bearer ${login.body.access_token}` };
      const status = async (method, path) => (await relay.call(method, path, { headers })).status;
      assert.equal(await status('GET', '/admin/api-keys'), 200);
      assert.ok((await status('POST', '/admin/logout')) < 300);
      for (const instant of [start, '2027-01-13T12:00:00Z', start, '2027-01-11T12:00:00Z', start]) {
        await jumpTo(instant);
        assert.equal(await status('GET', '/admin/api-keys'), 401, instant);
      }
    });

    test('a stream that runs meanwhile is whole, and lasted as long as it did', async () => {
      await jumpTo(start);
      const client = messageClient(relay, keys.running);
      const running = client.ask({ ...script, deltas: 120, delay: 50 }, { stream: true });
      await waitUntil(async () => (await simulator.totals()).in_flight > 0, { what: 'a running stream' });
      for (const instant of ['2027-01-13T12:00:00Z', '2027-01-11T12:00:00Z']) await jumpTo(instant);
      assert.ok((await simulator.totals()).in_flight > 0, 'the jumps were while it ran');
      const answer = await running;
      client.close();
      assert.ok(answer.isWhole);
      assert.match(answer.text, /message_stop/);
      await areCharged(keys.running, 1);
      const [entry] = (await get('/api/usage/logs', keys.running)).data;
      assert.equal(entry.total_tokens, 110);
      assert.ok(entry.duration_ms > 5_000 && entry.duration_ms < 60_000, `${entry.duration_ms} ms`);
      assert.equal(entry.started_at.slice(0, 10), '2027-01-12');
    });

    test('a relay that starts before what it has written has the same books', async () => {
      const used = async () => get('/api/usage/daily?from=2027-01-10&to=2027-01-15', keys.restarted);
      await jumpTo('2027-01-13T12:00:00Z');
      assert.equal(await ask(keys.restarted), 200);
      await areCharged(keys.restarted, 1);
      const before = await used();
      clock.set('2027-01-12T12:00:00Z');
      await relay.kill();
      relay = await relay.restart();
      assert.deepEqual(await used(), before);
      assert.equal(await ask(keys.restarted), 200);
      await areCharged(keys.restarted, 2);
      const after = await used();
      assert.deepEqual(after.data.map((day) => day.requests), [0, 0, 1, 1, 0, 0]);
      await expectSameUsage(relay, Object.values(keys), simulator);
    });
  });
}
