// A line for every step, with the time since the beginning, and first how long all of it will take.

import { participants } from "./rounds.mjs";

const startSeconds = 1;
const freshSeconds = 8;
const partSeconds = { programs: 90, start: 60, scaling: 300 };

export function expectedSeconds(options, peers, window) {
  let sum = 0;
  for (const workload of options.workloads) {
    const taking = participants(workload, peers).length;
    const rounds = Math.min(options.rounds, workload.roundsMax ?? Infinity);
    const each = workload.isFresh ? freshSeconds : window.seconds + window.warmup + 0.1;
    sum += taking * (rounds * each + startSeconds);
  }
  for (const [part, seconds] of Object.entries(partSeconds)) {
    if (options.hasPart(part)) sum += options.isQuick ? seconds / 6 : seconds;
  }
  return sum;
}

export function makeProgress(options, peers, window) {
  const began = performance.now();
  const minutes = Math.ceil(expectedSeconds(options, peers, window) / 60);
  console.log(`about ${minutes} min`);
  return (what) => {
    const seconds = Math.round((performance.now() - began) / 1000);
    console.log(`${String(seconds).padStart(5)} s  ${what}`);
  };
}
