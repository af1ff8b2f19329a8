// T13: ten thousand wrong keys a second cost what ten thousand requests without a key cost, and
// nothing is hashed slowly for any of them. Both kinds of load take turns, so that what the machine
// is busy with otherwise, this driver among it, weighs on both alike.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import http from 'node:http';
import { after, before, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';

import { isSanitized } from '../lib/binary.mjs';
import { messageBody } from '../lib/message.mjs';
import { seededRandom } from '../lib/random.mjs';
import { startRelay } from '../lib/relay.mjs';
import { startSimulator } from '../lib/simulator.mjs';
import { waitUntil } from '../lib/wait.mjs';

const perSecond = 10_000;
const connections = 10;
const tickMs = 10;
const turnMs = 1_500;
const turns = 6;
const attempts = 3;
const growthMax = 1.1;
const slowHashMs = 20; // Half of what one takes on a fast machine.

const random = seededRandom();
let simulator;
let relay;
let key;
before(async () => {
  simulator = await startSimulator();
  relay = await startRelay({ upstream: `${simulator.url}/v1`, args: ['--log-level', 'warning'] });
  key = (await relay.createKey()).api_key;
});
after(async () => {
  await relay?.stop();
  await simulator?.stop();
});

const digits = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const base62 = (length) => Array.from({ length }, () => random.pick(digits)).join('');

function crc32(text) {
  let crc = -1;
  for (const byte of Buffer.from(text)) {
    crc ^= byte;
    for (let bit = 0; bit < 8; ++bit) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return ~crc >>> 0;
}

function wellFormedKey(publicId = base62(10)) {
  const body = `sk-proxy-${publicId}${base62(32)}`;
  let sum = crc32(body);
  let checksum = '';
  for (let i = 0; i < 6; ++i, sum = Math.floor(sum / 62)) checksum = digits[sum % 62] + checksum;
  return body + checksum;
}

// Right in form, of an id that exists, of a wrong checksum, too short, too long, and none at all.
const wrongKeys = () => [
  wellFormedKey(),
  wellFormedKey(),
  wellFormedKey(key.slice(9, 19)),
  `sk-proxy-${base62(48)}`,
  `sk-proxy-${base62(random.below(40))}`,
  base62(120),
];

const requests = (fields) =>
  Buffer.from(fields.map((field) => `GET /v1/models HTTP/1.1\r\nhost: x\r\n${field}\r\n`).join(''));

// So many requests a second over a few connections, answers unread but for their number.
async function load(batches) {
  const load = { answered: 0, isOver: false };
  const sockets = await Promise.all(
    Array.from({ length: connections }, async () => {
      const socket = connect({ port: relay.port, host: '127.0.0.1', noDelay: true });
      await new Promise((resolve, reject) => socket.once('connect', resolve).once('error', reject));
      socket.setEncoding('latin1').on('data', (data) => (load.answered += data.split('HTTP/1.1 4').length - 1));
      return socket;
    }),
  );
  const began = performance.now();
  let sent = 0;
  load.done = (async () => {
    while (!load.isOver) {
      const due = ((performance.now() - began) / 1000) * perSecond;
      for (const socket of sockets) {
        if (sent >= due || socket.writableLength > 0) continue;
        const batch = random.pick(batches);
        socket.write(batch.bytes);
        sent += batch.count;
      }
      await pause(tickMs / 2);
    }
    await waitUntil(() => load.answered >= sent, { what: 'the answers', deadlineMs: 30_000 });
    sockets.forEach((socket) => socket.destroy());
    return sent;
  })();
  return load;
}

function batchesOf(fieldsOf) {
  return Array.from({ length: 50 }, () => {
    const fields = Array.from({ length: (perSecond * tickMs) / 1000 / connections }, fieldsOf);
    return { bytes: requests(fields), count: fields.length };
  });
}

const cpuMs = () => {
  const fields = readFileSync(`/proc/${relay.pid}/stat`, 'utf8').split(') ')[1].split(' ');
  return (Number(fields[11]) + Number(fields[12])) * 10;
};

const agent = new http.Agent({ keepAlive: true, maxSockets: 4 });
const good = JSON.stringify(messageBody({ script: { input: 10, output: 5 } }));
const ask = () =>
  new Promise((resolve, reject) => {
    const began = performance.now();
    const headers = { 'x-api-key': key, 'content-type': 'application/json', 'content-length': good.length };
    const request = http.request(`${relay.url}/v1/messages`, { agent, method: 'POST', headers }, (response) => {
      response.resume().once('end', () => resolve({ status: response.statusCode, ms: performance.now() - began }));
    });
    request.once('error', reject).end(good);
  });

// The times of good requests under a load, and what each request of the load cost the relay.
async function turn(batches) {
  const cpuBefore = cpuMs();
  const under = await load(batches);
  const until = performance.now() + turnMs;
  const times = [];
  const worker = async () => {
    while (performance.now() < until) {
      const answer = await ask();
      assert.equal(answer.status, 200);
      times.push(answer.ms);
      await pause(1);
    }
  };
  await Promise.all(Array.from({ length: 4 }, worker));
  under.isOver = true;
  const sent = await under.done;
  return { times, sent, cpu: cpuMs() - cpuBefore };
}

const p99 = (times) => times.sort((a, b) => a - b)[Math.floor(times.length * 0.99)];
const median = (values) => values.sort((a, b) => a - b)[Math.floor(values.length / 2)];

test('wrong keys cost what requests without one cost, and are never hashed slowly', async (t) => {
  const guesses = batchesOf(() => `x-api-key: ${random.pick(wrongKeys())}\r\n`);
  const nothing = batchesOf(() => '');
  await turn(nothing); // Warms both ends.
  let growth;
  for (let attempt = 0; attempt < attempts; ++attempt) {
    const under = { guesses: [], nothing: [] };
    for (let i = 0; i < turns; ++i) {
      const order = i % 2 === 0 ? ['guesses', 'nothing'] : ['nothing', 'guesses'];
      for (const which of order) under[which].push(await turn(which === 'guesses' ? guesses : nothing));
    }
    const cost = under.guesses.map(({ cpu, sent }) => cpu / sent);
    t.diagnostic(`${Math.round(median(under.guesses.map(({ sent }) => sent)) / (turnMs / 1000))} wrong keys a second, ${(1000 * median(cost)).toFixed(1)} us each, good ones among it`);
    assert.ok(median(cost) < slowHashMs / 100, 'not one in a hundred is hashed slowly');
    growth = median(under.guesses.map(({ times }) => p99(times))) / median(under.nothing.map(({ times }) => p99(times)));
    t.diagnostic(`p99 of good requests grows by ${((growth - 1) * 100).toFixed(1)} %`);
    if (growth < growthMax || isSanitized()) return; // Whose time is not the relay's.
  }
  assert.fail(`p99 grew by ${((growth - 1) * 100).toFixed(1)} % three times`);
});
