// Mixed traffic with aborts and faults, for a while; then the ledger, the memory and the descriptors
// are looked at. Exits 1 if anything is not as it should be.

import { parseArgs } from "node:util";
import { setTimeout as pause } from "node:timers/promises";
import { seededRandom } from "../../tests/lib/random.mjs";
import { startRelay } from "../../tests/lib/relay.mjs";
import { startSimulator } from "../../tests/lib/simulator.mjs";
import { waitUntil } from "../../tests/lib/wait.mjs";
import { number, table } from "../driver/figures.mjs";
import { slope } from "../driver/statistics.mjs";
import { actAsClient } from "./client.mjs";
import { allBooks, compareBooks, followLog } from "./books.mjs";

const { values: options } = parseArgs({
  options: {
    minutes: { type: "string", default: "30" },
    clients: { type: "string", default: "48" },
  },
});
const minutes = Math.min(Number(options.minutes), 24 * 60);
const clients = Number(options.clients);
const growthMax = 32; // MiB an hour: what a heap may creep while it settles.
const judgedFrom = 10; // Minutes: a shorter run says nothing about growth.
const spareDescriptors = 16; // Idle upstream connections come and go.

const config = `
loops: 2
limits: { connections: 2000, exchanges: 2000, exchanges_per_key: 2000 }
log: { level: info, format: json, file: "relay.log" }
`;

const simulator = await startSimulator();
const relay = await startRelay({ upstream: `${simulator.url}/v1`, config });
const keys = {};
for (const books of allBooks) keys[books] = (await relay.createKey({ name: books })).api_key;
const log = followLog(simulator);

// { memory, descriptors }, as the relay itself sees them.
async function look() {
  const { body } = await relay.call("GET", "/metrics");
  const figure = (name) => Number(new RegExp(`^${name} (\\S+)$`, "m").exec(body)[1]);
  return {
    memory: figure("process_resident_memory_bytes") / 2 ** 20,
    descriptors: figure("process_open_fds"),
  };
}

const before = await look();
const began = performance.now();
const elapsed = () => (performance.now() - began) / 60_000;
const isOver = () => elapsed() >= minutes;
const counts = new Map();
const surprises = [];
const samples = [];

async function watch() {
  const interval = Math.min(10_000, (minutes * 60_000) / 20);
  let printed = 0;
  while (!isOver()) {
    await pause(interval);
    await log.read();
    samples.push({ minute: elapsed(), ...(await look()) });
    if (samples.length % 6 !== 0) continue;
    const exchanges = [...counts.values()].reduce((a, b) => a + b, 0);
    const { minute, memory, descriptors } = samples.at(-1);
    console.log(
      `${minute.toFixed(1)} of ${minutes} min: ${exchanges} exchanges (${number((exchanges - printed) / (interval * 6e-3))}/s), ` +
        `${number(memory)} MiB, ${descriptors} descriptors`,
    );
    printed = exchanges;
  }
}

console.log(`${clients} clients for ${minutes} min`);
const random = seededRandom();
const catalogue = (await simulator.catalogue()).map(({ name }) => name);
const shared = { relay, keys, random, catalogue, isOver, counts, surprises };
await Promise.all([watch(), ...Array.from({ length: clients }, () => actAsClient(shared))]);

const lines = await compareBooks(relay, keys, simulator, log);
const settled = await waitUntil(
  async () => {
    const now = await look();
    return now.descriptors <= before.descriptors + spareDescriptors + clients ? now : null;
  },
  { deadlineMs: 15_000, what: "descriptors to be closed" },
).catch(look);

// The first third is warming up.
const steady = samples.filter(({ minute }) => minute >= minutes / 3);
const growth = slope(steady.map(({ minute, memory }) => [minute / 60, memory]));
console.log(
  table(
    ["exchanges", "count"],
    [...counts].map(([name, count]) => [name, count]),
  ),
);
console.log(
  table(
    ["books", "tokens", "charged", "reported", "difference", ""],
    lines.map((line) => [
      ...[line.books, line.kind, line.charged, line.reported, line.charged - line.reported],
      line.holds ? "" : "WRONG",
    ]),
  ),
);
console.log(
  table(
    ["", "before", "at the end"],
    [
      ["resident memory, MiB", number(before.memory), number(settled.memory)],
      ["descriptors", before.descriptors, settled.descriptors],
      ["growth of memory, MiB an hour", "", number(growth)],
    ],
  ),
);

const problems = [
  ...lines.filter(({ holds }) => !holds).map(({ books, kind }) => `ledger: ${books}, ${kind}`),
  ...surprises.slice(0, 20).map((surprise) => `not expected by a client: ${surprise}`),
];
if (minutes >= judgedFrom && growth > growthMax)
  problems.push(`memory grows ${number(growth)} MiB/h`);
if (settled.descriptors > before.descriptors + spareDescriptors + clients)
  problems.push("descriptors are left");
await relay.stop();
await simulator.stop();
for (const problem of problems) console.log(`PROBLEM ${problem}`);
console.log(problems.length === 0 ? "all is well" : `${surprises.length} surprises`);
process.exit(problems.length === 0 ? 0 : 1);
