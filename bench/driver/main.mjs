// Drives the benchmarks: bench/run.sh has built and installed what they need.

import { join } from "node:path";
import { describeMachine } from "./machine.mjs";
import { parseOptions } from "./options.mjs";
import { startOrigin } from "./origin.mjs";
import { bench, makeRunDirectory, root } from "./places.mjs";
import { runPrograms } from "./programs.mjs";
import { makeProgress } from "./progress.mjs";
import { baselines, writeResults } from "./results.mjs";
import { runRounds, summarize } from "./rounds.mjs";
import { measureScaling } from "./scaling.mjs";
import { measureStart } from "./start_time.mjs";

const options = parseOptions(process.argv.slice(2));
const isIsolated = process.env.BENCH_IS_ISOLATED === "1";
const peers = options.peers.filter((peer) => isIsolated || !peer.bindsEverything);
const window = options.isQuick ? { seconds: 0.3, warmup: 0.1 } : { seconds: 1.5, warmup: 0.3 };

const directory = makeRunDirectory();
const origin = await startOrigin(directory);
const progress = makeProgress(options, peers, window);
const context = { ...options, window, directory, origin, progress };

const results = {
  options: { rounds: options.rounds, window, isIsolated, isQuick: options.isQuick },
  machine: await describeMachine(),
  peers: peers.map(({ name, title, configuration }) => ({ name, title, configuration })),
  workloads: {},
};
for (const workload of options.workloads) {
  const measured = await runRounds(workload, peers, context);
  results.workloads[workload.name] = summarize(workload, measured, baselines);
}
if (options.hasPart("programs")) results.programs = await runPrograms(context);
if (options.hasPart("start")) results.start = await measureStart(context);
results.scaling = await measureScaling(context);
await origin.stop();

const output = options.output ?? (options.isComplete ? bench : join(root, "build/bench"));
writeResults(results, options.workloads, output);
progress(`written: ${join(output, "RESULTS.md")}`);
process.exit(0);
