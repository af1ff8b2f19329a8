// What is to be reached. A figure is { value, text }; undefined if it was not measured.
//
//   atLeast / atMost  [must, aim]

import { spread } from "./statistics.mjs";
import { number, ratio } from "./figures.mjs";

const against = (workload, measure, baseline) => (results) => {
  const found = results.workloads[workload]?.relay?.measures[measure]?.against[baseline];
  return found && { value: found.median, text: ratio(found) };
};
const own = (workload, measure, unit) => (results) => {
  const found = results.workloads[workload]?.relay?.measures[measure]?.spread;
  return found && { value: found.median, text: `${number(found.median)} ${unit}` };
};
const ofProgram = (kind, name, unit) => (results) => {
  const values = results.programs?.[kind].find((one) => one.name === name)?.values;
  return (
    values && { value: spread(values).median, text: `${number(spread(values).median)} ${unit}` }
  );
};
const startTime = (results) =>
  results.start && {
    value: spread(results.start.values).median,
    text: `${number(spread(results.start.values).median)} ms`,
  };

export const targets = [
  {
    metric: "small JSON, CPU per request, against nginx tuned",
    figure: against("small", "cpu_us", "nginx_tuned"),
    atLeast: [1.3, 1.6],
  },
  {
    metric: "200 KB question, CPU, against nginx stock",
    figure: against("body_200k", "cpu_us", "nginx_stock"),
    atLeast: [8, 10],
  },
  {
    metric: "200 KB question, CPU, against nginx tuned",
    figure: against("body_200k", "cpu_us", "nginx_tuned"),
    atLeast: [1, 1.3],
  },
  {
    metric: "paced streams, CPU per event, against nginx tuned",
    figure: against("sse_paced", "cpu_us", "nginx_tuned"),
    atLeast: [1.15, 1.3],
  },
  {
    metric: "streams in bursts, CPU per stream, against nginx tuned",
    figure: against("sse_burst", "cpu_us", "nginx_tuned"),
    atLeast: [1.5, 3],
  },
  {
    metric: "memory per open stream, against nginx tuned",
    figure: against("streams_held", "kib_each", "nginx_tuned"),
    atLeast: [5, 14],
  },
  {
    metric: "memory per open stream",
    figure: own("streams_held", "kib_each", "KiB"),
    atMost: [4, 1.5],
  },
  {
    metric: "resident memory with 8,000 open streams",
    figure: own("streams_held", "mib_total", "MiB"),
    atMost: [60, 30],
  },
  {
    metric: "TLS upstream, 200 KB, CPU, against nginx tuned",
    figure: against("tls_200k", "cpu_us", "nginx_tuned"),
    atLeast: [1.3, 1.6],
  },
  {
    metric: "latency added, p50, against nginx tuned",
    figure: against("latency", "added_p50", "nginx_tuned"),
    atLeast: [1, 1 / 0.7],
  },
  {
    metric: "latency added, p99, against nginx tuned",
    figure: against("latency", "added_p99", "nginx_tuned"),
    atLeast: [1, 1 / 0.7],
  },
  {
    metric: "journal and ledger to SQLite, sustained",
    figure: ofProgram("rates", "sustained/iterations:3/real_time", "exchanges/s"),
    atLeast: [20_000, 60_000],
  },
  {
    metric: "finding a key among 100,000",
    figure: ofProgram("functions", "find/100000", "ns"),
    atMost: [100, 40],
  },
  {
    metric: "start to first answer with 100,000 keys",
    figure: startTime,
    atMost: [500, 150],
  },
];

// "aim", "must", "no", or "not measured".
export function reached({ atLeast, atMost }, figure) {
  if (figure === undefined) return "not measured";
  const [must, aim] = atLeast ?? atMost;
  const isWithin = (bound) => (atLeast ? figure.value >= bound : figure.value <= bound);
  if (isWithin(aim)) return "aim";
  return isWithin(must) ? "must" : "no";
}
