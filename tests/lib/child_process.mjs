// A program under test: started, known to be ready by what it prints, stopped with the test.
//
//   const child = await startChild(path, ["simulate"], { ready: /listening on \S+:(\d+)/ });
//   child.match[1]; await child.stop();

import { spawn } from "node:child_process";
import { after } from "node:test";
import { within } from "./wait.mjs";

// All that are still running, so that none outlives the tests.
const running = new Set();
const killAll = () => running.forEach((child) => child.kill("SIGKILL"));
process.on("exit", killAll);

// What a test that failed has left would keep its process from ending. The file's own clearing up
// comes first.
const leftForMs = 10_000;
const isTest = process.env.NODE_TEST_CONTEXT !== undefined;
if (isTest) after(() => setTimeout(killAll, leftForMs).unref());

// Our own environment without what would configure a relay.
function inherited() {
  const isSetting = /^(RELAY_|UPSTREAM_|ADMIN_|SECRET_KEY|DATABASE_URL|REDIS_URL)/;
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !isSetting.test(name)));
}

// Starts `path` with `args` and waits until one of its two outputs matches `ready`. Fails with
// all it has printed if it ends before.
export async function startChild(path, args, { env = {}, cwd, ready, deadlineMs = 20_000 }) {
  const child = spawn(path, args, {
    cwd,
    env: { ...inherited(), ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  running.add(child);
  let output = "";
  const exited = new Promise((resolve) => {
    child.once("error", (error) => resolve({ code: null, signal: null, error }));
    child.once("close", (code, signal) => resolve({ code, signal }));
  }).finally(() => running.delete(child));

  const isReady = new Promise((resolve, reject) => {
    const hear = (text) => {
      output += text;
      const match = ready.exec(output);
      if (match) resolve(match);
    };
    child.stdout.setEncoding("utf8").on("data", hear);
    child.stderr.setEncoding("utf8").on("data", hear);
    exited.then(({ code, signal, error }) =>
      reject(
        new Error(`${path} ended before it was ready (${error ?? signal ?? code}):\n${output}`),
      ),
    );
  });
  let match;
  try {
    match = await within(deadlineMs, isReady, `${path} to print ${ready}`);
  } catch (error) {
    child.kill("SIGKILL");
    throw error;
  }
  return {
    pid: child.pid,
    match,
    output: () => output,
    exited, // Gives { code, signal }.
    kill: (signal) => child.kill(signal),
    // Asks it to end and gives { code, signal }.
    async stop({ signal = "SIGTERM", deadlineMs: patience = 20_000 } = {}) {
      child.kill(signal);
      try {
        return await within(patience, exited, `${path} to end on ${signal}`);
      } finally {
        child.kill("SIGKILL");
      }
    },
  };
}
