// Money: what exchanges cost is what the upstream's own figures come to, reckoned here once more.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';

import { relayBinary } from '../lib/binary.mjs';
import { messageBody } from '../lib/message.mjs';
import { seededRandom } from '../lib/random.mjs';
import { startRelay } from '../lib/relay.mjs';
import { startSimulator } from '../lib/simulator.mjs';
import { fromSimulator } from '../lib/usage.mjs';
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

const random = seededRandom();
const figure = (max) => random.below(max);
const pick = (list) => list[figure(list.length)];

// In micro-dollars per million tokens, so that all are whole: input, output, cache writes of five
// minutes and of an hour, cache reads.
const prices = {
  'claude-opus-5-5': { rates: [4_000_000, 20_000_000, 5_000_000, 8_000_000, 200_000], fast: 20_000, us: 11_000 },
  'claude-opus-5': { rates: [5_000_000, 25_000_000, 6_250_000, 10_000_000, 500_000], fast: 20_000, us: 11_000 },
  'claude-fable-5-1': { rates: [10_000_000, 50_000_000, 12_500_000, 20_000_000, 250_000], us: 11_000 },
  'claude-sonnet-5-5': { rates: [2_000_000, 10_000_000, 2_500_000, 4_000_000, 100_000], us: 11_000 },
  'claude-sonnet-4-5': {
    rates: [3_000_000, 15_000_000, 3_750_000, 6_000_000, 300_000],
    long: { above: 200_000, rates: [6_000_000, 22_500_000, 7_500_000, 12_000_000, 600_000] },
  },
  'claude-haiku-5-5': {
    rates: [100_000, 500_000, 125_000, 200_000, 10_000],
    long: { above: 100_000, rates: [500_000, 2_500_000, 625_000, 1_000_000, 50_000] },
    us: 11_000,
  },
  'claude-haiku-4-5': { rates: [1_000_000, 5_000_000, 1_250_000, 2_000_000, 100_000] },
};

// Nano-dollars, as docs/en/prices.md says.
function reckon(model, usage, script) {
  const price = prices[model.replace(/\[1m\]$/, '').replace(/-\d{8}$/, '')];
  if (price === undefined) return { cost: 0n, unpriced: true };
  const counts = [usage.input, usage.output, usage.cache_write_5m, usage.cache_write_1h, usage.cache_read];
  const prompt = counts.reduce((a, b) => a + b) - usage.output;
  const rates = price.long && prompt > price.long.above ? price.long.rates : price.rates;
  let sum = counts.reduce((all, count, i) => all + BigInt(count) * BigInt(rates[i]), 0n);
  let unpriced = false;
  let places = 1n;
  const multiply = (applies, factor) => {
    if (!applies) return;
    if (factor === undefined) unpriced = true;
    sum *= BigInt(factor ?? 10_000);
    places *= 10_000n;
  };
  multiply(script.speed === 'fast', price.fast);
  multiply(script.geo === 'us', price.us);
  multiply(script.tier === 'batch', 5_000);
  // A micro-dollar for a million tokens is a thousandth of a nano-dollar for one.
  const [numerator, denominator] = [sum, 1000n * places];
  return { cost: (2n * numerator + denominator) / (2n * denominator) + BigInt(usage.web_searches) * 10_000_000n, unpriced };
}

function mixed(i) {
  const model = pick([...Object.keys(prices), 'claude-sonnet-4-5-20250929', 'claude-opus-5-5[1m]', 'claude-unheard-of-9']);
  const script = {
    nonce: `cost-${i}`, deltas: 1 + figure(6), seed: i + 1,
    input: figure(3) === 0 ? 95_000 + figure(10_000) : figure(9_000),
    output: 1 + figure(3_000), cache_read: figure(6_000), cache_5m: figure(400), cache_1h: figure(400),
  };
  if (figure(9) === 0) script.input = 190_000 + figure(20_000);
  if (figure(4) === 0) script.model = pick(Object.keys(prices));
  if (figure(4) === 0) script.web_search = figure(5);
  if (figure(5) === 0) script.geo = pick(['us', 'global']);
  if (figure(6) === 0) script.speed = pick(['fast', 'standard']);
  if (figure(8) === 0) script.tier = pick(['batch', 'priority']);
  if (figure(9) === 0) Object.assign(script, { compaction_input: figure(5_000), compaction_output: figure(500) });
  if (figure(12) === 0) script.status = pick([400, 404, 413]);
  return { model, script, stream: figure(2) === 0 };
}

async function ask(url, own, { model, script, stream }) {
  const response = await fetch(`${url}/v1/messages`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-api-key': own, 'anthropic-version': '2023-06-01' },
    body: JSON.stringify(messageBody({ script, stream, model })),
  });
  const text = await response.text();
  return { status: response.status, id: response.headers.get('x-relay-request-id'), text };
}

// All lines of the ledger, oldest last.
async function ledger(of = relay) {
  const lines = [];
  for (let after = ''; after !== null;) {
    const page = await of.admin('GET', `/admin/logs?limit=500${after && `&after=${encodeURIComponent(after)}`}`);
    lines.push(...page.data);
    after = page.next ?? null;
  }
  return lines;
}

async function command(...args) {
  const all = [...args, '--data', relay.dataDirectory, '--listen', `127.0.0.1:${relay.port}`];
  return promisify(execFile)(relayBinary(), all, { cwd: relay.directory, encoding: 'utf8' });
}
const price = (...args) => command('price', ...args);

const asked = new Map(); // By the relay's id.

test('a thousand mixed exchanges cost what the upstream reported comes to', async () => {
  let next = 0;
  const worker = async () => {
    while (next < 1000) {
      const exchange = mixed(next++);
      asked.set((await ask(relay.url, key, exchange)).id, exchange);
    }
  };
  await Promise.all(Array.from({ length: 16 }, worker));
  const reported = new Map((await simulator.log()).map((entry) => [entry.nonce, entry]));
  const lines = await waitUntil(async () => {
    const all = await ledger();
    return all.length >= 1000 ? all : null;
  }, { what: 'the ledger' });
  assert.equal(lines.length, 1000);
  let sum = 0n;
  for (const line of lines) {
    const { model, script } = asked.get(line.request_id);
    const entry = reported.get(script.nonce);
    const wanted = script.status
      ? { cost: 0n, unpriced: false }
      : reckon(script.model ?? model, fromSimulator(entry.usage), script);
    assert.equal(BigInt(line.cost_nano_usd), wanted.cost, JSON.stringify({ model, script, line }));
    assert.equal(line.is_unpriced, wanted.unpriced, JSON.stringify({ model, script, line }));
    sum += wanted.cost;
  }
  const { totals } = await relay.admin('GET', '/admin/usage');
  assert.equal(BigInt(totals.cost_nano_usd), sum);
  assert.equal(totals.unpriced, lines.filter((line) => line.is_unpriced).length);
});

const countedCost = (metrics) =>
  [...metrics.matchAll(/^relay_cost_usd_total\{model="[^"]+"\} (\S+)$/gm)].reduce((all, [, value]) => all + Number(value), 0);

test('the metrics say the same, and name only models that have a price', async () => {
  const text = (await relay.call('GET', '/metrics')).body;
  const sum = countedCost(text);
  const { totals } = await relay.admin('GET', '/admin/usage');
  assert.ok(Math.abs(sum - Number(totals.cost_nano_usd) / 1e9) < 1e-6, `${sum} ${totals.cost_nano_usd}`);
  assert.match(text, /^relay_unpriced_requests_total\{model="other"\} [1-9]/m);
  assert.doesNotMatch(text, /unheard/);
});

test('price check names what has no price; price set and reprice charge for it, once', async () => {
  await assert.rejects(price('check'), (error) => /claude-unheard-of-9/.test(error.stdout));
  const before = (await relay.admin('GET', '/admin/usage')).totals;
  const unknown = (await ledger()).filter((line) => line.is_unpriced && line.model === 'claude-unheard-of-9' && !line.cost_nano_usd);
  const wanted = unknown.reduce((sum, line) => sum + BigInt(line.total_tokens) * 1000n, 0n);

  const rates = ['--input', '1', '--output', '1', '--cache-write-5m', '1', '--cache-write-1h', '1', '--cache-read', '1'];
  await price('set', 'claude-unheard-of-9', ...rates, '--web-search', '0', '--us', '1', '--batch', '1', '--fast', '1', '--valid-from', '2026-01-01');
  const { stdout: list } = await price('list', '--json');
  assert.ok(JSON.parse(list).data.some((row) => row.origin === 'stored' && row.models[0] === 'claude-unheard-of-9'));

  const range = ['--from', '2026-01-01', '--json'];
  const dry = JSON.parse((await price('reprice', ...range, '--dry-run')).stdout);
  assert.equal((await relay.admin('GET', '/admin/usage')).totals.cost_nano_usd, before.cost_nano_usd);
  const counted = countedCost((await relay.call('GET', '/metrics')).body);
  const done = JSON.parse((await price('reprice', ...range)).stdout);
  assert.equal(countedCost((await relay.call('GET', '/metrics')).body), counted, 'corrections are in the ledger only');
  assert.equal(done.corrected, dry.corrected);
  const after_it = (await relay.admin('GET', '/admin/usage')).totals;
  assert.equal(BigInt(after_it.cost_nano_usd) - BigInt(before.cost_nano_usd), wanted);
  assert.equal(before.unpriced - after_it.unpriced, unknown.length);
  assert.equal(after_it.requests, before.requests);
  const again = JSON.parse((await price('reprice', ...range)).stdout);
  assert.equal(again.corrected, 0);
  const audit = (await relay.admin('GET', '/admin/audit?action=price.')).data.map((row) => row.action);
  assert.deepEqual(audit, ['price.reprice', 'price.set']);
});

test('usage summary tells apart what it is asked to, also where there is one group', async () => {
  const { stdout } = await command('usage', 'summary', '--model', 'claude-opus-5-5', '--by', 'model');
  assert.match(stdout, /^claude-opus-5-5 +[1-9]/m);
  assert.doesNotMatch((await command('usage', 'summary')).stdout, /^all /m);
});

test('a price that is set counts from the next request on', async () => {
  const rates = ['--input', '7', '--output', '0', '--cache-write-5m', '0', '--cache-write-1h', '0', '--cache-read', '0'];
  await price('set', 'claude-house-1', ...rates);
  const { id } = await ask(relay.url, key, { model: 'claude-house-1', script: { input: 1000, output: 5 } });
  const line = await waitUntil(async () => (await ledger()).find((each) => each.request_id === id), { what: 'the line' });
  assert.equal(line.cost_nano_usd, 7_000_000);
  assert.equal(line.is_unpriced, false);
});

test('kill -9 keeps what was owed in money', async () => {
  const own = (await relay.createKey()).api_key;
  const { id } = await ask(relay.url, own, { model: 'claude-haiku-4-5', script: { input: 1000, output: 100, cache_read: 0, cache_5m: 0, cache_1h: 0 } });
  const response = await fetch(`${relay.url}/v1/messages`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-api-key': own },
    body: JSON.stringify(messageBody({ model: 'claude-haiku-4-5', stream: true, script: { input: 500, deltas: 400, delay: 20 } })),
  });
  const reader = response.body.getReader();
  for (let text = ''; !text.includes('content_block_delta');) text += Buffer.from((await reader.read()).value).toString();
  await relay.kill();
  await reader.cancel().catch(() => {});
  relay = await relay.restart();
  const lines = await waitUntil(async () => {
    const all = (await ledger()).filter((line) => line.outcome === 'abandoned' || line.request_id === id);
    return all.length === 2 ? all : null;
  }, { what: 'the recovered ledger' });
  assert.equal(lines.find((line) => line.request_id === id).cost_nano_usd, 1000 * 1000 + 100 * 5000);
  const abandoned = lines.find((line) => line.outcome === 'abandoned');
  assert.ok(abandoned.cost_nano_usd >= 500 * 1000, JSON.stringify(abandoned));
  assert.notEqual(abandoned.price_version, 0);
});
