// Each round drives every peer once, in an order that moves on by one: what disturbs the machine
// for a while disturbs all of them, and nobody is always first.

import { loadOf, measureLoad } from "./load.mjs";
import { residentKib } from "./processes.mjs";
import { ratios, spread } from "./statistics.mjs";

export function participants(workload, peers) {
  const needs = [...(workload.needs ?? []), ...(workload.comparesWithDirect ? [] : ["cost"])];
  return peers.filter(({ cannot = [] }) => !needs.some((need) => cannot.includes(need)));
}

// Gives { peer: [what the load client measured in each round] }.
export async function runRounds(workload, peers, context) {
  const taking = participants(workload, peers);
  const measured = Object.fromEntries(taking.map(({ name }) => [name, []]));
  const measure = workload.isFresh ? measureFresh : await measureRunning(workload, taking, context);
  const rounds = Math.min(context.rounds, workload.roundsMax ?? Infinity);
  for (let round = 0; round < rounds; ++round) {
    for (let i = 0; i < taking.length; ++i) {
      const peer = taking[(i + round) % taking.length];
      context.progress(`${workload.name}, round ${round + 1} of ${rounds}: ${peer.title}`);
      measured[peer.name].push(await measure(peer, workload, context));
    }
  }
  await measure.stop?.();
  return measured;
}

const loadFor = (workload, context) => ({
  ...workload.load,
  ...(context.isQuick ? workload.quick : {}),
});

// All peers run throughout; those that are not measured have nothing to do.
async function measureRunning(workload, peers, context) {
  const running = new Map();
  for (const peer of peers) {
    running.set(peer.name, await peer.start(context.origin, workload.scheme ?? "http"));
  }
  const measure = (peer) =>
    measureLoad(loadOf(loadFor(workload, context), running.get(peer.name)), context.window);
  measure.stop = () => Promise.all([...running.values()].map((one) => one.stop()));
  return measure;
}

// Memory is that of a process that has only been warmed up before.
async function measureFresh(peer, workload, context) {
  const running = await peer.start(context.origin, workload.scheme ?? "http");
  await measureLoad(loadOf({ connections: 64, body: 4_096 }, running), {
    seconds: 0.2,
    warmup: 0.1,
  });
  const before = residentKib(running.pids());
  const load = loadFor(workload, context);
  const measured = await measureLoad(loadOf(load, running), { seconds: 2, warmup: 0.5 });
  await running.stop();
  return { ...measured, connections: load.connections, resident_kib_before: before };
}

// { peer: { errors, measures: { name: { values, spread, against: { baseline: spread } } } } }. A
// ratio above 1 says that the peer is better than the baseline, whatever the measure.
export function summarize(workload, measured, baselines) {
  const values = (peer, measure) =>
    measured[peer].map((one, round) => measure.of(one, measured.direct?.[round]));
  const summary = {};
  for (const peer of Object.keys(measured).filter((name) => name !== "direct")) {
    const measures = {};
    for (const measure of workload.measures) {
      const own = values(peer, measure);
      const against = {};
      for (const baseline of baselines.filter((name) => measured[name])) {
        const theirs = values(baseline, measure);
        against[baseline] = measure.isCost ? ratios(theirs, own) : ratios(own, theirs);
      }
      measures[measure.name] = { values: own, spread: spread(own), against };
    }
    const errors = measured[peer].reduce((sum, one) => sum + one.errors, 0);
    summary[peer] = { errors, measures };
  }
  return summary;
}
