// What is taken from a key is taken at once; what runs already runs to its end.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { messageBody } from '../lib/message.mjs';
import { startRelay } from '../lib/relay.mjs';
import { startSimulator } from '../lib/simulator.mjs';
import { waitUntil } from '../lib/wait.mjs';

const takesEffectMs = 100;

let simulator;
let relay;
before(async () => {
  simulator = await startSimulator();
  relay = await startRelay({ upstream: `${simulator.url}/v1`, args: ['--loops', '2'] });
});
after(async () => {
  await relay?.stop();
  await simulator?.stop();
});

const ask = (key, script = {}, more = {}) =>
  fetch(`${relay.url}/v1/messages`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-api-key': key.api_key },
    body: JSON.stringify(messageBody({ script: { input: 10, output: 5, ...script }, ...more })),
  });

async function streams(key, count, nonce) {
  const running = Array.from({ length: count }, (_, i) =>
    ask(key, { deltas: 30, delay: 30, nonce: `${nonce}-${i}` }, { stream: true }).then((response) => response.text()),
  );
  await waitUntil(async () => (await simulator.totals()).in_flight >= count, { what: 'running streams' });
  return running;
}

// Asks again and again from before the change until long after it. Nothing that was sent
// takesEffectMs after the change was made is admitted, on whatever loop it arrives.
async function expectTaken(key, change, status) {
  let changedAt = Infinity;
  const late = [];
  let refused = 0;
  let isOver = false;
  const worker = async () => {
    while (!isOver) {
      const sent = performance.now();
      const response = await ask(key);
      await response.arrayBuffer();
      if (response.status === 200 && sent > changedAt + takesEffectMs) late.push(sent - changedAt);
      if (response.status === 200) continue;
      // A deleted key is a wrong one: who goes on with it is soon asked to wait.
      assert.ok([status, ...(status === 401 ? [429] : [])].includes(response.status), `${response.status}`);
      ++refused;
    }
  };
  const workers = Array.from({ length: 8 }, worker);
  await change();
  changedAt = performance.now();
  await waitUntil(() => refused > 200 && performance.now() > changedAt + 2 * takesEffectMs, { what: 'refusals' });
  isOver = true;
  await Promise.all(workers);
  assert.deepEqual(late, []);
}

for (const [name, change, status] of [
  ['disabled', (key) => relay.admin('POST', `/admin/api-keys/${key.id}/disable`), 401],
  ['deleted', (key) => relay.admin('DELETE', `/admin/api-keys/${key.id}`), 401],
  ['given no more tokens', (key) => relay.admin('PATCH', `/admin/api-keys/${key.id}`, { token_limit: 0 }), 402],
  ['left without its models', (key) => relay.admin('PATCH', `/admin/api-keys/${key.id}`, { allowed_models: ['claude-haiku-*'] }), 403],
]) {
  test(`a key that is ${name} begins nothing any more, and ends what it has begun`, async () => {
    const key = await relay.createKey({});
    const running = await streams(key, 6, name);
    await expectTaken(key, () => change(key), status);
    for (const text of await Promise.all(running)) assert.match(text, /message_stop/);
  });
}

test('a body that comes after its key was taken away is not forwarded', async () => {
  const key = await relay.createKey({});
  let send;
  const body = new ReadableStream({ start: (controller) => (send = controller) });
  const text = JSON.stringify(messageBody({ script: { nonce: 'too-late' } }));
  send.enqueue(Buffer.from(text.slice(0, 20)));
  const answer = fetch(`${relay.url}/v1/messages`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-api-key': key.api_key },
    body,
    duplex: 'half',
  });
  await relay.admin('POST', `/admin/api-keys/${key.id}/disable`);
  send.enqueue(Buffer.from(text.slice(20)));
  send.close();
  assert.equal((await answer).status, 401);
  assert.ok(!(await simulator.log()).some((entry) => entry.nonce === 'too-late'));
});
