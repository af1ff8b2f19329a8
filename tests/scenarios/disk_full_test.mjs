// A full disk: running streams are charged, what cannot be recorded is not begun and is told so, and
// when there is room again the books are right. Needs root, to mount a disk of its own.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, statfsSync, unlinkSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';

import { messageBody } from '../lib/message.mjs';
import { startRelay } from '../lib/relay.mjs';
import { startSimulator } from '../lib/simulator.mjs';
import { expectSameUsage } from '../lib/usage.mjs';
import { waitUntil } from '../lib/wait.mjs';

const disk_bytes = 96 * 1024 * 1024; // The journal's first segment, and what the store makes of it.
const is_root = process.getuid() === 0;

function mount() {
  const directory = mkdtempSync(join(tmpdir(), 'relay-disk-'));
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${disk_bytes}`, 'tmpfs', directory]);
  return {
    directory,
    fill() {
      const { bavail, bsize } = statfsSync(directory);
      writeFileSync(join(directory, 'filler'), Buffer.alloc(bavail * bsize));
    },
    make_room: () => unlinkSync(join(directory, 'filler')),
    unmount() {
      execFileSync('umount', [directory]);
      rmSync(directory, { recursive: true });
    },
  };
}

test('a full disk stops new work, loses none that runs, and all is right when it has room', { skip: !is_root && 'mounting needs root' }, async () => {
  const disk = mount();
  const simulator = await startSimulator();
  let relay;
  try {
    relay = await startRelay({ upstream: `${simulator.url}/v1`, data: disk.directory, args: ['--loops', '1'] });
    const key = (await relay.createKey()).api_key;
    const agent = new http.Agent({ keepAlive: true, maxSockets: 32 });
    const ask = (script, stream) => new Promise((resolve, reject) => {
      const body = JSON.stringify(messageBody({ script, stream }));
      const headers = { 'content-type': 'application/json', 'x-api-key': key, 'content-length': Buffer.byteLength(body) };
      const request = http.request(`${relay.url}/v1/messages`, { agent, method: 'POST', headers }, (response) => {
        let text = '';
        response.on('data', (data) => { text += data; });
        response.on('end', () => resolve({ status: response.statusCode, headers: response.headers, text }));
        response.on('error', reject);
      });
      request.on('error', reject);
      request.end(body);
    });

    assert.equal((await ask({}, false)).status, 200);
    const running = Array.from({ length: 8 }, () => ask({ deltas: 400, delay: 100 }, true));
    await waitUntil(async () => (await simulator.totals()).in_flight === 8, { what: 'running streams' });
    disk.fill();

    let refused;
    let sent = 0;
    const worker = async () => {
      for (; !refused && sent < 80_000; ++sent) {
        const answer = await ask({ deltas: 1 }, false);
        if (answer.status !== 200) refused = answer;
      }
    };
    await Promise.all(Array.from({ length: 24 }, worker));
    assert.ok(refused, `${sent} exchanges were begun on a full disk`);
    assert.equal(refused.status, 503);
    assert.ok(refused.headers['retry-after']);
    assert.equal(JSON.parse(refused.text).error.type, 'overloaded_error');

    for (const answer of await Promise.all(running)) assert.match(answer.text, /message_stop/);
    disk.make_room();
    await waitUntil(async () => (await ask({}, false)).status === 200, { deadlineMs: 20_000, what: 'work after there is room' });
    await expectSameUsage(relay, [key], simulator, { deadlineMs: 60_000 });
    agent.destroy();
  } finally {
    await relay?.stop();
    await simulator.stop();
    disk.unmount();
  }
});

test('a disk without room for a journal is refused with a plain word', { skip: !is_root && 'mounting needs root' }, async () => {
  const disk = mount();
  try {
    disk.fill();
    await assert.rejects(startRelay({ upstream: 'http://127.0.0.1:9/v1', data: disk.directory }), /disk|room|space/i);
  } finally {
    disk.unmount();
  }
});
