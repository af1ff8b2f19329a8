// How the cost of a small request grows with what the relay has beside it.

import { join } from "node:path";
import { rmSync } from "node:fs";
import { loadArguments, loadOf, measureLoad } from "./load.mjs";
import { program } from "./places.mjs";
import { loadCpu, run } from "./processes.mjs";
import { fillStore, startRelay } from "./relay.mjs";
import { ratios } from "./statistics.mjs";

const smallRequests = { connections: 64, body: 4_096 };

// Opens so many streams that say nothing more, and gives what ends them.
async function holdStreams(relay, count) {
  const streams = { mode: "hold", stream: true, connections: count, "delay-us": 600_000_000 };
  const args = loadArguments({ ...loadOf(streams, relay), seconds: 3_600, pid: [] });
  let note;
  const ready = new Promise((resolve) => (note = resolve));
  const holding = run(program("load_client"), args, {
    cpu: loadCpu,
    deadlineMs: 600_000,
    onError: (text) => text.includes("ready") && note(),
  });
  await Promise.race([
    ready,
    holding.then(({ err }) => {
      throw new Error(`the streams ended: ${err}`);
    }),
  ]);
  return async () => {
    holding.kill();
    await holding.catch(() => {});
  };
}

// Each gives a relay that is ready, and how to be rid of it.
async function withStreams(origin, count) {
  const relay = await startRelay(origin);
  const release = count > 0 ? await holdStreams(relay, count) : async () => {};
  return { relay, stop: async () => (await release(), await relay.stop()) };
}

async function withStore(origin, contents) {
  const data = join(origin.directory, `store_${contents.keys}_${contents.rows}`);
  const keyFile = await fillStore(data, contents);
  const relay = await startRelay(origin, { data, keyFile });
  const stop = async () => (await relay.stop(), rmSync(data, { recursive: true }));
  return { relay, stop };
}

async function withLoops(origin, loops) {
  const relay = await startRelay(origin, { loops, cpu: "0-1" });
  return { relay, stop: relay.stop };
}

export const series = [
  {
    name: "loops",
    title: "CPU per request, by event loops",
    x: "event loops",
    points: [1, 2],
    quick: [1, 2],
    prepare: withLoops,
  },
  {
    name: "streams",
    title: "CPU per request, by streams that are open beside",
    x: "open streams",
    points: [100, 1_000, 8_000],
    quick: [100, 1_000],
    prepare: withStreams,
  },
  {
    name: "keys",
    title: "CPU per request, by keys; each request shows another one",
    x: "keys",
    points: [10, 1_000, 10_000, 100_000],
    quick: [10, 1_000],
    prepare: (origin, keys) => withStore(origin, { keys, rows: 0 }),
  },
  {
    name: "rows",
    title: "CPU per request, by rows of the ledger",
    x: "ledger rows",
    points: [10_000, 100_000, 1_000_000],
    quick: [1_000, 10_000],
    prepare: (origin, rows) => withStore(origin, { keys: 100, rows }),
  },
];

// The points of one series run side by side and are measured in turn, as peers are.
async function measureSeries({ name, title, x, points, quick, prepare }, context) {
  const at = context.isQuick ? quick : points;
  const ready = [];
  for (const point of at) {
    context.progress(`scaling, ${x}: preparing ${point}`);
    ready.push(await prepare(context.origin, point));
  }
  const values = at.map(() => []);
  for (let round = 0; round < context.rounds; ++round) {
    for (let i = 0; i < at.length; ++i) {
      const turn = (i + round) % at.length;
      context.progress(`scaling, ${x}, round ${round + 1} of ${context.rounds}: ${at[turn]}`);
      const load = loadOf(smallRequests, ready[turn].relay);
      const one = await measureLoad(load, context.window);
      values[turn].push(one.cpu_us / one.requests);
    }
  }
  for (const { stop } of ready) await stop();
  return {
    name,
    title,
    x,
    points: at.map((point, i) => ({
      x: point,
      cpu_us: values[i],
      growth: ratios(values[i], values[0]),
    })),
  };
}

// Undefined if none of them is asked for.
export async function measureScaling(context) {
  const wanted = series.filter(({ name }) => context.hasPart("scaling") || context.hasPart(name));
  const measured = [];
  for (const one of wanted) measured.push(await measureSeries(one, context));
  return measured.length > 0 ? measured : undefined;
}
