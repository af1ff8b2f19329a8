// The official SDK through the relay: what it reads must be what it reads from the upstream itself.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import Anthropic, { toFile } from '@anthropic-ai/sdk';

import { open_world } from './world.mjs';

let world;
let client;
before(async () => {
  world = await open_world();
  client = new Anthropic({ baseURL: world.url, apiKey: world.key });
});
after(() => world.close());

const ask = (content, more = {}) => ({
  model: 'claude-opus-5-5',
  max_tokens: 256,
  messages: [{ role: 'user', content }],
  ...more,
});

test('a message arrives whole and is charged as reported', async () => {
  const before_it = await world.usage();
  const message = await client.messages.create(ask('[[sim: input=11, output=22, cache_read=3, cache_5m=4]] hi'));
  assert.equal(message.role, 'assistant');
  assert.equal(message.usage.output_tokens, 22);
  const used = await world.usage_since(before_it);
  assert.equal(used.input_tokens, 11);
  assert.equal(used.output_tokens, 22);
  assert.equal(used.cache_read_input_tokens, 3);
  assert.equal(used.requests, 1);
});

test('a stream is the upstream\'s, event for event', async () => {
  const marker = '[[sim: nonce=sdk-stream, deltas=40, text=mix]]';
  const events = [];
  for await (const event of await client.messages.create(ask(marker, { stream: true }))) events.push(event);
  const direct = new Anthropic({ baseURL: world.upstream_url, apiKey: world.credential });
  const expected = [];
  for await (const event of await direct.messages.create(ask(marker, { stream: true }))) expected.push(event);
  const without_id = (list) => JSON.parse(JSON.stringify(list).replaceAll(/msg_[A-Za-z0-9]+/g, 'msg'));
  assert.deepEqual(without_id(events), without_id(expected));
});

test('the stream helper assembles thinking and tool use', async () => {
  const stream = client.messages.stream(ask('[[sim: tool=1, thinking_deltas=3]] weather?', {
    tools: [{ name: 'weather', description: 'd', input_schema: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] } }],
  }));
  const message = await stream.finalMessage();
  assert.equal(message.stop_reason, 'tool_use');
  assert.ok(message.content.some((block) => block.type === 'tool_use' && block.name === 'weather'));
  assert.ok(message.content.some((block) => block.type === 'thinking'));
});

test('tokens are counted, models are listed page by page', async () => {
  const counted = await client.messages.countTokens({ model: 'claude-opus-5-5', messages: [{ role: 'user', content: 'hi' }] });
  assert.ok(counted.input_tokens > 0);
  const ids = [];
  for await (const model of client.models.list({ limit: 5 })) ids.push(model.id);
  assert.ok(ids.length > 5);
  assert.equal(new Set(ids).size, ids.length);
});

test('results of a batch are fetched through the relay', async () => {
  const batch = await client.messages.batches.create({
    requests: [{ custom_id: 'one', params: { model: 'claude-opus-5-5', max_tokens: 16, messages: [{ role: 'user', content: 'hi' }] } }],
  });
  let seen = batch;
  for (let i = 0; i < 20 && seen.processing_status !== 'ended'; ++i) seen = await client.messages.batches.retrieve(batch.id);
  assert.equal(seen.processing_status, 'ended');
  assert.ok(seen.results_url.startsWith(world.url), seen.results_url);
  const results = [];
  for await (const line of await client.messages.batches.results(batch.id)) results.push(line);
  assert.equal(results[0].custom_id, 'one');
  assert.equal(results[0].result.type, 'succeeded');
});

test('a file goes up and comes down again', async () => {
  const content = Buffer.alloc(3_000_000, 'relay ');
  const file = await client.beta.files.upload({ file: await toFile(content, 'big.txt', { type: 'text/plain' }) });
  const back = await client.beta.files.download(file.id);
  const bytes = Buffer.from(await back.arrayBuffer());
  assert.ok(bytes.equals(content));
  await client.beta.files.delete(file.id);
});

test('an error of the upstream keeps its class and its request id', async () => {
  await assert.rejects(
    client.messages.create(ask('[[sim: status=400, error=invalid_request_error, message=no such thing]]')),
    (error) => error instanceof Anthropic.BadRequestError && /no such thing/.test(error.message) && Boolean(error.requestID),
  );
});

test('an unknown key is refused once, not retried', async () => {
  const seen = await world.requests_seen();
  const stranger = new Anthropic({ baseURL: world.url, apiKey: 'sk-proxy-nobody' });
  const begun = Date.now();
  await assert.rejects(stranger.messages.create(ask('hi')), Anthropic.AuthenticationError);
  assert.ok(Date.now() - begun < 2000);
  assert.equal(await world.requests_seen(), seen);
});

test('the relay retries so that the client need not', async () => {
  const once = new Anthropic({ baseURL: world.url, apiKey: world.key, maxRetries: 0 });
  const message = await once.messages.create(ask('[[sim: id=retry-sdk, status=529, error=overloaded_error, fail_times=2]]'));
  assert.equal(message.type, 'message');
});

test('an aborted stream is cancelled upstream within a second and charged', async () => {
  const before_it = await world.usage();
  const stream = await client.messages.create(ask('[[sim: nonce=abort-sdk, deltas=500, delay=20, input=77]]', { stream: true }));
  let events = 0;
  for await (const _ of stream) {
    if (++events === 10) break;
  }
  stream.controller.abort();
  const begun = Date.now();
  const entry = await world.wait_for_entry((e) => e.nonce === 'abort-sdk' && e.ended === 'client_closed', 5000);
  assert.ok(entry && Date.now() - begun < 1000, 'the upstream heard of it in time');
  const used = await world.usage_since(before_it);
  assert.equal(used.input_tokens, 77);
  assert.equal(used.requests, 1);
});

test('a cut stream never looks complete', async () => {
  const stream = client.messages.stream(ask('[[sim: deltas=20, cut_events=8]]'));
  await assert.rejects(stream.finalMessage());
});

test('200 streams at once are each the right one', async () => {
  const one = async (i) => {
    const nonce = `par-${i}`;
    let text = '';
    const stream = client.messages.stream(ask(`[[sim: nonce=${nonce}, deltas=15, delay=5]]`));
    stream.on('text', (delta) => { text += delta; });
    await stream.finalMessage();
    assert.ok(text.includes(nonce), `${nonce} in ${text.slice(0, 80)}`);
  };
  await Promise.all(Array.from({ length: 200 }, (_, i) => one(i)));
});
