// Programs that a run starts, and nothing else: each is known by its process id and ended by it.

import { spawn } from "node:child_process";
import { openSync, closeSync, readFileSync, readdirSync } from "node:fs";
import { connect, createServer } from "node:net";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";

// The proxies have a processor of their own; what loads them and answers them shares the other.
export const proxyCpu = 0;
export const loadCpu = 1;

const running = new Set();
process.on("exit", () => running.forEach(killNow));
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => process.exit(1));

// The process and its children, such as nginx's workers.
export function pidsOf(pid) {
  try {
    const tasks = readdirSync(`/proc/${pid}/task`);
    const children = tasks.flatMap((task) =>
      readFileSync(`/proc/${pid}/task/${task}/children`, "utf8").split(" ").filter(Boolean),
    );
    return [pid, ...children.map(Number)];
  } catch {
    return [];
  }
}

function killNow(child) {
  for (const pid of pidsOf(child.pid).reverse()) {
    try {
      process.kill(pid, "SIGKILL");
    } catch {
      // It has ended meanwhile.
    }
  }
}

const pinned = (cpu, command, args) =>
  cpu === undefined ? [command, args] : ["taskset", ["-c", `${cpu}`, command, ...args]];

// Starts `command` on processor `cpu` (undefined: any), with its output in `directory`.
export function start(name, command, args, { cpu, directory, env = {} }) {
  const file = join(directory, `${name}.out`);
  const output = openSync(file, "w");
  const child = spawn(...pinned(cpu, command, args), {
    env: { ...process.env, ...env },
    stdio: ["ignore", output, output],
  });
  closeSync(output);
  running.add(child);
  const ended = new Promise((resolve) => child.once("error", resolve).once("exit", resolve));
  const forgotten = ended.finally(() => running.delete(child));
  return {
    name,
    pid: child.pid,
    pids: () => pidsOf(child.pid),
    output: () => readFileSync(file, "utf8"),
    hasEnded: () => !running.has(child),
    async stop() {
      child.kill("SIGTERM");
      await Promise.race([forgotten, pause(3_000, undefined, { ref: false })]);
      if (running.has(child)) killNow(child);
      await forgotten;
    },
  };
}

// Runs a command to its end and gives { code, signal, out, err }. `deadlineMs` bounds it; `onError`
// hears what it says on its standard error, and kill() ends it before its time.
export function run(command, args, options = {}) {
  const { cpu, cwd, deadlineMs = 60_000, env = {}, onError } = options;
  const child = spawn(...pinned(cpu, command, args), {
    cwd,
    env: { ...process.env, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  running.add(child);
  const late = setTimeout(() => killNow(child), deadlineMs);
  let out = "";
  let err = "";
  child.stdout.setEncoding("utf8").on("data", (text) => (out += text));
  child.stderr.setEncoding("utf8").on("data", (text) => {
    err += text;
    onError?.(text);
  });
  const ended = new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code, signal) => resolve({ code, signal, out, err }));
  });
  const forgotten = ended.finally(() => {
    clearTimeout(late);
    running.delete(child);
  });
  forgotten.kill = () => killNow(child);
  return forgotten;
}

export async function freePort() {
  const server = createServer();
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}

function isOpen(port) {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    const done = (answer) => {
      socket.destroy();
      resolve(answer);
    };
    socket.once("connect", () => done(true)).once("error", () => done(false));
  });
}

// Until somebody listens there. Fails with what `process` has printed if it ends before.
export async function waitForPort(port, process_, deadlineMs = 30_000) {
  const deadline = performance.now() + deadlineMs;
  while (!(await isOpen(port))) {
    if (process_.hasEnded() || performance.now() > deadline) {
      throw new Error(`${process_.name} does not listen on ${port}:\n${process_.output()}`);
    }
    await pause(10);
  }
}

// Resident memory in KiB.
export function residentKib(pids) {
  const pages = pids.map((pid) => Number(readFileSync(`/proc/${pid}/statm`, "utf8").split(" ")[1]));
  return pages.reduce((sum, count) => sum + count * 4, 0);
}
