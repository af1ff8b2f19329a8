// The upstream: `relay-station simulate`, and what it has seen.
//
//   const simulator = await startSimulator();
//   ...requests that carry a marker, see message.mjs...
//   const { complete_usage } = await simulator.totals();
//   const entry = await simulator.waitForEntry((entry) => entry.nonce === "n1");
//   await simulator.stop();
//
// What a marker can say: GET /__sim/script, or `await simulator.get("script")`.

import { startChild } from "./child_process.mjs";
import { waitUntil } from "./wait.mjs";
import { relayBinary } from "./binary.mjs";

export const upstreamCredential = "sk-ant-api03-the-operators-own-credential";

export async function startSimulator({
  credential = upstreamCredential,
  listen = "127.0.0.1:0",
  args = [],
} = {}) {
  const child = await startChild(
    relayBinary(),
    ["simulate", "--listen", listen, "--credential", credential, ...args],
    { ready: /simulator listening on [^\s:]+:(\d+)/ },
  );
  const port = Number(child.match[1]);
  const url = `http://127.0.0.1:${port}`;

  async function get(path, options) {
    const response = await fetch(`${url}/__sim/${path}`, options);
    if (!response.ok) throw new Error(`/__sim/${path}: ${response.status}`);
    return response.text();
  }
  const simulator = {
    ...child,
    port,
    url,
    credential,
    get,
    // Counts of requests, and the tokens that were reported.
    totals: async () => JSON.parse(await get("totals")),
    // One entry per request that has ended, in order.
    log: async (since = 0) =>
      (await get(`log?since=${since}`))
        .split("\n")
        .filter(Boolean)
        .map((line) => JSON.parse(line)),
    // The ways of breaking HTTP: [{ name, meaning }].
    catalogue: async () => JSON.parse(await get("catalogue")),
    reset: () => get("reset", { method: "POST" }),
    waitForEntry: (matches, options = {}) =>
      waitUntil(async () => (await simulator.log()).find(matches), {
        what: "a log entry",
        ...options,
      }),
    // Until every request that has come has been answered, or its client has gone.
    waitUntilIdle: (options = {}) =>
      waitUntil(async () => (await simulator.totals()).in_flight === 0, {
        what: "idleness",
        ...options,
      }),
  };
  return simulator;
}
