// Counts the instructions of fixed workloads under callgrind and compares them with budgets.json.
//
//   node budgets.mjs               exits 1 if one is off by more than the tolerance, 77 if the
//                                  counts would not be comparable here
//   node budgets.mjs --record WHY  makes today's counts the budgets
//
// Instructions, not time: they are the same on a busy machine and on an idle one. They depend on
// the compiler and its flags, so they are those of the release preset, whatever preset is tested.

import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { number, table } from "./figures.mjs";
import { bench, program } from "./places.mjs";
import { run } from "./processes.mjs";

const file = join(bench, "budgets.json");
const counted = program("instruction_counts");
const skipped = 77;

// What a library finds at run time about the processor must not matter: everybody counts what the
// oldest x86-64 would do.
const everywhere = {
  GLIBC_TUNABLES:
    "glibc.cpu.hwcaps=-AVX2,-AVX,-AVX512F,-AVX512VL,-AVX512BW,-ERMS,-FSRM,-BMI1,-BMI2,-LZCNT,-MOVBE,-RTM",
  OPENSSL_ia32cap: "0:0",
  SIMDJSON_FORCE_IMPLEMENTATION: "westmere",
};

async function countInstructions(name) {
  const { code, out, err } = await run(
    "valgrind",
    [
      ...["--tool=callgrind", "--callgrind-out-file=/dev/null", "--toggle-collect=measured"],
      ...[counted, name],
    ],
    { env: everywhere, deadlineMs: 120_000 },
  );
  const collected = /Collected : (\d+)/.exec(err)?.[1];
  if (code !== 0 || !collected) throw new Error(`${name} was not counted: ${err}`);
  return Math.round(Number(collected) / Number(out));
}

async function countAll() {
  const names = (await run(counted, [])).out.trim().split("\n");
  const counts = {};
  for (const name of names) counts[name] = await countInstructions(name);
  return counts;
}

async function compiler() {
  const { out } = await run("g++-12", ["-dumpfullversion"]).catch(() => ({ out: "none" }));
  return `g++ ${out.trim()}`;
}

function skip(why) {
  console.log(`skipped: ${why}`);
  process.exit(skipped);
}

async function expectComparable(budgets) {
  const hasValgrind = await run("valgrind", ["--version"]).then(
    () => true,
    () => false,
  );
  if (!hasValgrind) skip("no valgrind: tools/install.sh test");
  if (!existsSync(counted)) {
    skip(`no ${counted}: cmake --build --preset release --target instruction_counts`);
  }
  const here = await compiler();
  if (budgets && budgets.compiler !== here)
    skip(`the budgets are for ${budgets.compiler}, not ${here}`);
}

async function check() {
  const budgets = JSON.parse(readFileSync(file, "utf8"));
  await expectComparable(budgets);
  const counts = await countAll();
  let isWithin = true;
  const rows = Object.entries(counts).map(([name, count]) => {
    const budget = budgets.instructions[name];
    const off = count / budget - 1;
    const isOff = !(Math.abs(off) <= budgets.tolerance);
    isWithin &&= !isOff;
    const verdict = isOff ? (off > 0 ? "slower" : "faster") : "";
    return [name, number(count), number(budget), `${(off * 100).toFixed(1)} %`, verdict];
  });
  console.log(table(["instructions of", "now", "budget", "off", ""], rows));
  if (isWithin) return;
  console.log(
    "\nMore than the tolerance, one way or the other. If that is meant to be, say why:\n" +
      '  bench/record_budgets.sh "the reason"',
  );
  process.exit(1);
}

async function record(reason) {
  await expectComparable();
  const before = existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : { history: [] };
  const instructions = await countAll();
  const date = new Date().toISOString().slice(0, 10);
  const budgets = {
    compiler: await compiler(),
    tolerance: 0.03,
    instructions,
    history: [...before.history, { date, reason, instructions }],
  };
  writeFileSync(file, `${JSON.stringify(budgets, null, 2)}\n`);
  console.log(table(["instructions of", "budget"], Object.entries(instructions)));
}

const [option, reason] = process.argv.slice(2);
if (option === "--record" && reason) await record(reason);
else if (option === undefined) await check();
else throw new Error("usage: budgets.mjs [--record WHY]");
