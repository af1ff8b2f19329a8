// Vercel's ai and OpenAI's SDK through the relay.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { createAnthropic } from '@ai-sdk/anthropic';
import { generateText, streamText } from 'ai';
import OpenAI from 'openai';

import { open_world } from './world.mjs';

let world;
before(async () => { world = await open_world(); });
after(() => world.close());

test('ai: a text is generated', async () => {
  const anthropic = createAnthropic({ baseURL: `${world.url}/v1`, apiKey: world.key });
  const result = await generateText({ model: anthropic('claude-opus-5-5'), prompt: '[[sim: input=9, output=21]] hi' });
  assert.ok(result.text.length > 0);
  assert.equal(result.usage.outputTokens, 21);
});

test('ai: a text is streamed', async () => {
  const anthropic = createAnthropic({ baseURL: `${world.url}/v1`, apiKey: world.key });
  const result = streamText({ model: anthropic('claude-opus-5-5'), prompt: '[[sim: deltas=30, nonce=ai-stream]] hi' });
  let text = '';
  for await (const part of result.textStream) text += part;
  assert.ok(text.includes('ai-stream'), text.slice(0, 80));
});

test('openai: a completion is made and charged', async () => {
  const openai = new OpenAI({ baseURL: `${world.url}/v1`, apiKey: world.key });
  const before_it = await world.usage();
  const completion = await openai.chat.completions.create({
    model: 'claude-opus-5-5',
    messages: [{ role: 'user', content: '[[sim: input=13, output=5]] hi' }],
  });
  assert.ok(completion.choices[0].message.content.length > 0);
  const used = await world.usage_since(before_it);
  assert.equal(used.total_tokens, completion.usage.total_tokens);
});

test('openai: a completion is streamed with its usage', async () => {
  const openai = new OpenAI({ baseURL: `${world.url}/v1`, apiKey: world.key });
  const before_it = await world.usage();
  const stream = await openai.chat.completions.create({
    model: 'claude-opus-5-5',
    stream: true,
    stream_options: { include_usage: true },
    messages: [{ role: 'user', content: '[[sim: deltas=12, input=31, output=17]] hi' }],
  });
  let usage = null;
  let text = '';
  for await (const chunk of stream) {
    text += chunk.choices[0]?.delta?.content ?? '';
    if (chunk.usage) usage = chunk.usage;
  }
  assert.ok(text.length > 0);
  const used = await world.usage_since(before_it);
  assert.equal(used.completion_tokens, usage.completion_tokens);
  assert.equal(used.prompt_tokens, usage.prompt_tokens);
});
