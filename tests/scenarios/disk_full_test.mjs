// A full disk: running streams are charged, what cannot be recorded is not begun and is told so, and
// when there is room again the books are right. Needs root, to mount a disk of its own.

import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import {
  closeSync,
  mkdtempSync,
  openSync,
  rmSync,
  unlinkSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import http from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { relayBinary } from "../lib/binary.mjs";
import { messageBody } from "../lib/message.mjs";
import { startRelay } from "../lib/relay.mjs";
import { startSimulator } from "../lib/simulator.mjs";
import { expectSameUsage } from "../lib/usage.mjs";
import { waitUntil } from "../lib/wait.mjs";

const kib = 1024;
const mib = 1024 * kib;
const noRoot = process.getuid() !== 0 && "mounting needs root";
const noBtrfs = spawnSync("mkfs.btrfs", ["--version"]).error && "there is no mkfs.btrfs";

// Gives where a new disk is mounted, and how to unmount it.
function mountTmpfs(bytes) {
  const directory = mkdtempSync(join(tmpdir(), "relay-disk-"));
  execFileSync("mount", ["-t", "tmpfs", "-o", `size=${bytes}`, "tmpfs", directory]);
  const unmount = () => {
    execFileSync("umount", ["--lazy", directory]); // Must not hide what failed.
    rmSync(directory, { recursive: true });
  };
  return { directory, unmount };
}

// Copies on write: what was written once needs room again.
function mountBtrfs(bytes) {
  const parent = mkdtempSync(join(tmpdir(), "relay-disk-"));
  const [image, directory] = [join(parent, "image"), join(parent, "disk")];
  execFileSync("truncate", ["-s", String(bytes), image]);
  execFileSync("mkfs.btrfs", ["-q", image]);
  execFileSync("mkdir", [directory]);
  execFileSync("mount", ["-o", "loop", image, directory]);
  const unmount = () => {
    execFileSync("umount", ["--lazy", directory]); // Must not hide what failed.
    rmSync(parent, { recursive: true });
  };
  return { directory, unmount };
}

// Leaves 64 KiB. The relay may be writing at the same time, so all that counts is that no more fits.
function fill(directory) {
  const block = Buffer.alloc(64 * kib);
  const spare = join(directory, "spare");
  writeFileSync(spare, block);
  const file = openSync(join(directory, "filler"), "w");
  try {
    while (true) writeSync(file, block);
  } catch (error) {
    assert.equal(error.code, "ENOSPC");
  } finally {
    closeSync(file);
  }
  unlinkSync(spare);
}

function client(relay, key) {
  const agent = new http.Agent({ keepAlive: true, maxSockets: 32 });
  const headers = { "content-type": "application/json", "x-api-key": key };
  const ask = (script, stream) =>
    new Promise((resolve, reject) => {
      const body = JSON.stringify(messageBody({ script, stream }));
      const request = http.request(
        `${relay.url}/v1/messages`,
        { agent, method: "POST", headers: { ...headers, "content-length": body.length } },
        (response) => {
          let text = "";
          response.on("data", (data) => (text += data));
          response.on("end", () =>
            resolve({ status: response.statusCode, headers: response.headers, text }),
          );
          response.on("error", reject);
        },
      );
      request.on("error", reject);
      request.end(body);
    });
  return { ask, close: () => agent.destroy() };
}

// Asks until something is not answered with 200, and gives that.
async function firstRefusal(ask) {
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
  return refused;
}

async function runFull(disk, relay, simulator) {
  const key = (await relay.createKey()).api_key;
  const { ask, close } = client(relay, key);
  assert.equal((await ask({}, false)).status, 200);
  const running = Promise.all(
    Array.from({ length: 8 }, () => ask({ deltas: 400, delay: 100 }, true)),
  );
  running.catch(() => {}); // Is waited for below, if we come that far.
  await waitUntil(async () => (await simulator.totals()).in_flight === 8, {
    what: "running streams",
  });
  fill(disk.directory);

  const refused = await firstRefusal(ask);
  assert.equal(refused.status, 503);
  assert.ok(refused.headers["retry-after"]);
  const { type, message } = JSON.parse(refused.text).error;
  assert.equal(type, "overloaded_error");
  assert.match(message, /cannot record usage .* its disk is full/);
  await waitUntil(() => relay.output().includes("the disk is full"), { what: "a word in the log" });

  for (const answer of await running) assert.match(answer.text, /message_stop/);
  unlinkSync(join(disk.directory, "filler"));
  await waitUntil(async () => (await ask({}, false)).status === 200, {
    deadlineMs: 20_000,
    what: "work after there is room",
  });
  await expectSameUsage(relay, [key], simulator, { deadlineMs: 60_000 });
  close();
}

async function expectToSurvive(disk) {
  const simulator = await startSimulator();
  const relay = await startRelay({
    upstream: `${simulator.url}/v1`,
    data: disk.directory,
    args: ["--loops", "1"],
  });
  try {
    await runFull(disk, relay, simulator);
    assert.deepEqual(await relay.stop(), { code: 0, signal: null });
  } finally {
    await relay.kill();
    await simulator.stop();
    disk.unmount();
  }
}

test("a full disk stops new work, loses none that runs, and all is right when it has room", {
  skip: noRoot,
}, () => expectToSurvive(mountTmpfs(96 * mib)));

test("so does a full disk that copies on write", { skip: noRoot || noBtrfs }, () =>
  expectToSurvive(mountBtrfs(400 * mib)),
);

// What `serve` says and how it ends where it cannot start.
function failedStart(data, command = [relayBinary()]) {
  const [program, ...first] = command;
  const upstream = ["--upstream", "http://127.0.0.1:9/v1"];
  const args = ["serve", "--listen", "127.0.0.1:0", "--data", data, ...upstream];
  const end = spawnSync(program, [...first, ...args], {
    encoding: "utf8",
    env: { PATH: process.env.PATH, UPSTREAM_API_KEY: "sk-ant-x", ADMIN_PASSWORD: "correct horse" },
    timeout: 20_000,
  });
  return { status: end.status, signal: end.signal, said: end.stdout + end.stderr };
}

// From one without room for a secret to one without room for a journal.
for (const size of [4, 8, 16, 32, 48, 64, 128, 256, 1024, 16 * 1024]) {
  test(`a disk of ${size} KiB is refused with a plain word`, { skip: noRoot }, () => {
    const disk = mountTmpfs(size * kib);
    try {
      const { status, signal, said } = failedStart(disk.directory);
      assert.equal(signal, null);
      assert.ok(status > 0, said);
      assert.match(said, /the disk is full|No space left on device/);
      assert.ok(said.includes(disk.directory), said);
    } finally {
      disk.unmount();
    }
  });
}

test("so is a bound on the size of files", () => {
  const data = mkdtempSync(join(tmpdir(), "relay-disk-"));
  try {
    const bounded = ["sh", "-c", 'ulimit -f 2000; exec "$0" "$@"', relayBinary()];
    const { status, signal, said } = failedStart(data, bounded);
    assert.equal(signal, null);
    assert.equal(status, 1);
    assert.match(said, /the disk is full: make .*\.journal: File too large/);
  } finally {
    rmSync(data, { recursive: true });
  }
});
