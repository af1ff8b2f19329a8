// Benchmarks of single functions, which lie beside the code that they measure (*_bench.cc), and the
// budgets that are written there.

import { program } from "./places.mjs";
import { proxyCpu, run } from "./processes.mjs";

// `unit`: what the time is of. `per`: a counter of the benchmark in place of its time.
export const functions = [
  { of: "http_bench", name: "request_head", title: "parse a head of 23 fields", budgetNs: 500 },
  { of: "http_bench", name: "upstream_head", title: "write the upstream's head", budgetNs: 500 },
  { of: "http_bench", name: "answer_head", title: "parse an answer's head", budgetNs: 300 },
  { of: "http_bench", name: "event_chunk", title: "decode a chunk of an event", budgetNs: 20 },
  { of: "core_bench", name: "digest", title: "digest of a key", budgetNs: 1_000 },
  { of: "exchange_bench", name: "find/100000", title: "find one of 100,000 keys", budgetNs: 100 },
  { of: "exchange_bench", name: "admit", title: "admit an exchange" },
  { of: "claude_bench", name: "observe_delta", title: "meter a delta", budgetNs: 25 },
  {
    of: "claude_bench",
    name: "observe_message/1000",
    title: "meter a message, per KB",
    budgetNs: 300,
    perKb: true,
  },
  {
    of: "claude_bench",
    name: "observe_message/100000",
    title: "meter a long message, per KB",
    budgetNs: 300,
    perKb: true,
  },
  {
    of: "claude_bench",
    name: "peek_claude_code/50000",
    title: "look into 50 KB of question",
    budgetNs: 25_000,
  },
  {
    of: "store_bench",
    name: "open_and_close",
    title: "record an exchange in the journal",
    budgetNs: 200,
  },
  { of: "store_bench", name: "mark", title: "mark progress in the journal", budgetNs: 30 },
  { of: "net_bench", name: "round_trip/64/32768", title: "echo 64 bytes over a socket" },
];

// What can be done in a second, in the long run.
export const rates = [
  {
    of: "store_bench",
    name: "sustained/iterations:3/real_time",
    title: "exchanges/s from the journal to SQLite, sustained",
    budget: 20_000,
  },
  {
    of: "store_bench",
    name: "append/500/real_time",
    title: "entries/s to SQLite, in batches of 500",
    budget: 50_000,
  },
];

const nanos = { ns: 1, us: 1e3, ms: 1e6, s: 1e9 };

function figure(benchmark, wanted) {
  if (wanted.perKb) return 1e9 / (benchmark.bytes_per_second / 1_000);
  return benchmark.cpu_time * nanos[benchmark.time_unit];
}

const quoted = (name) => name.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");

async function runProgram(of, names, context) {
  context.progress(`${of}: ${names.join(", ")}`);
  const { code, out, err } = await run(
    program(of),
    [
      `--benchmark_filter=^(${names.map(quoted).join("|")})$`,
      "--benchmark_format=json",
      `--benchmark_min_time=${context.isQuick ? 0.02 : 0.5}`,
      `--benchmark_repetitions=${context.isQuick ? 1 : 3}`,
    ],
    {
      cpu: of === "store_bench" ? undefined : proxyCpu,
      cwd: context.directory,
      deadlineMs: 300_000,
    },
  );
  if (code !== 0) throw new Error(`${of} failed: ${err}`);
  return JSON.parse(out).benchmarks.filter(({ run_type }) => run_type === "iteration");
}

// Gives { functions: [{ title, ns: [each repetition], budgetNs }], rates: [...] }; what has no
// benchmark yet is left out.
export async function runPrograms(context) {
  const found = new Map();
  for (const of of new Set([...functions, ...rates].map((one) => one.of))) {
    const names = [...functions, ...rates].filter((one) => one.of === of).map(({ name }) => name);
    for (const benchmark of await runProgram(of, names, context)) {
      const key = `${of} ${benchmark.run_name}`;
      found.set(key, [...(found.get(key) ?? []), benchmark]);
    }
  }
  const measured = (list, pick) =>
    list
      .filter(({ of, name }) => found.has(`${of} ${name}`))
      .map((one) => ({
        ...one,
        values: found.get(`${one.of} ${one.name}`).map((b) => pick(b, one)),
      }));
  return {
    functions: measured(functions, figure),
    rates: measured(rates, (benchmark) => benchmark.items_per_second),
  };
}
