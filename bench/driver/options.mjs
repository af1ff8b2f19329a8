// The command line of bench/run.sh.

import { parseArgs } from "node:util";
import { peers } from "./peers.mjs";
import { series } from "./scaling.mjs";
import { workloads } from "./workloads.mjs";

const scalings = series.map(({ name }) => name);
const parts = ["workloads", "programs", "start", "scaling", ...scalings];

const help = `usage: bench/run.sh [--quick] [--only NAME,..] [--rounds N] [--peers NAME,..] [--output DIR]

  --quick    everything once and briefly: shows that it works, not how fast
  --only     ${workloads.map(({ name }) => name).join(", ")};
             or a part: ${parts.join(", ")}
  --rounds   how often each peer is driven (7)
  --peers    ${peers.map(({ name }) => name).join(", ")}
  --output   where RESULTS.md, results.json and the plots go: bench/ for a complete run, else
             build/bench/`;

function chosen(text, known) {
  if (text === undefined) return undefined;
  const names = text.split(",");
  const unknown = names.filter((name) => !known.includes(name));
  if (unknown.length > 0) fail(`unknown: ${unknown.join(", ")}`);
  return names;
}

function fail(message) {
  console.error(`${message}\n${help}`);
  process.exit(2);
}

function parse(args) {
  try {
    return parseArgs({
      args,
      options: {
        quick: { type: "boolean", default: false },
        only: { type: "string" },
        rounds: { type: "string" },
        peers: { type: "string" },
        output: { type: "string" },
        help: { type: "boolean", default: false },
      },
    }).values;
  } catch (error) {
    return fail(error.message);
  }
}

export function parseOptions(args) {
  const values = parse(args);
  if (values.help) {
    console.log(help);
    process.exit(0);
  }
  const only = chosen(values.only, [...parts, ...workloads.map(({ name }) => name)]);
  const takes = (name) => only === undefined || only.includes(name);
  const names = chosen(
    values.peers,
    peers.map(({ name }) => name),
  );
  const rounds = Number(values.rounds ?? (values.quick ? 1 : 7));
  if (!(rounds >= 1)) fail(`--rounds ${values.rounds}`);
  return {
    isQuick: values.quick,
    isComplete: !values.quick && only === undefined && names === undefined,
    rounds,
    output: values.output,
    hasPart: takes,
    workloads: workloads.filter(({ name }) => takes("workloads") || takes(name)),
    // Delays are compared with those of no proxy, whoever else takes part.
    peers: peers.filter(({ name }) => !names || names.includes(name) || name === "direct"),
  };
}
