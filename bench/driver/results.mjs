// RESULTS.md, results.json and the plots.

import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { number, ratio, table } from "./figures.mjs";
import { barPlot, linePlot } from "./plot.mjs";
import { spread } from "./statistics.mjs";
import { reached, targets } from "./targets.mjs";

export const baselines = ["nginx_tuned", "nginx_stock"];

function machineSection({ machine, options }) {
  const { versions, ...of } = machine;
  return table(
    ["machine", ""],
    [
      ["date", of.date],
      ["commit", of.commit],
      ["processor", `${of.processors} x ${of.processor}`],
      ["memory", `${of.memoryGib} GiB`],
      ["system", of.system],
      ["file system of store and journal", of.filesystem],
      ["load before the run", `${of.loadBefore}`],
      [
        "placement",
        "proxies on processor 0; load client, mock upstream and its TLS on processor 1",
      ],
      ["rounds", `${options.rounds}, of ${options.window.seconds} s each, peers in rotating order`],
      ["isolation", options.isIsolated ? "a network namespace of its own" : "loopback"],
      ...Object.entries(versions)
        .filter(([, version]) => version)
        .map(([name, version]) => [name, version]),
    ],
  );
}

const peersSection = ({ peers }) =>
  table(
    ["peer", "configuration"],
    peers
      .filter(({ configuration }) => configuration)
      .map((peer) => [peer.title, peer.configuration]),
  );

function targetsSection(results) {
  const bound = ({ atLeast, atMost }, at) =>
    atLeast ? `≥ ${number(atLeast[at])}` : `≤ ${number(atMost[at])}`;
  return table(
    ["metric", "measured", "must", "aim", "reached"],
    targets.map((target) => {
      const figure = target.figure(results);
      const verdict = reached(target, figure);
      return [target.metric, figure?.text ?? "-", bound(target, 0), bound(target, 1), verdict];
    }),
  );
}

function workloadSection(workload, summary, peers) {
  const head = ["peer"];
  for (const { title } of workload.measures) head.push(title, "x nginx tuned", "x nginx stock");
  const rows = peers
    .filter(({ name }) => summary[name])
    .map(({ name, title }) => {
      const { measures, errors } = summary[name];
      const cells = workload.measures.flatMap((measure) => {
        const { spread: figure, against } = measures[measure.name];
        return [number(figure?.median), ...baselines.map((other) => ratio(against[other]))];
      });
      return [errors === 0 ? title : `${title} (${errors} errors)`, ...cells];
    });
  return `### ${workload.title}\n\n${table(head, rows)}\n`;
}

// A time alone says little about another machine; beside a whole request it does.
function functionsSection({ programs, workloads }) {
  const request = workloads.small?.relay?.measures.cpu_us.spread?.median;
  const share = (ns) => (request ? `${number(ns / 10 / request)} %` : "-");
  return table(
    ["function", "ns", "budget", "of a small request's CPU"],
    programs.functions.map(({ title, values, budgetNs }) => {
      const { median } = spread(values);
      return [title, number(median), budgetNs ? number(budgetNs) : "-", share(median)];
    }),
  );
}

const ratesSection = ({ programs }) =>
  table(
    ["ledger", "a second", "budget", "x budget"],
    programs.rates.map(({ title, values, budget }) => {
      const { median } = spread(values);
      return [title, number(median), number(budget), number(median / budget)];
    }),
  );

function scalingSection({ scaling }) {
  return scaling
    .map(({ name, title, x, points }) => {
      const rows = points.map(({ x: at, growth }) => [at.toLocaleString("en"), ratio(growth)]);
      return `### ${title}\n\n![${title}](plots/${name}.svg)\n\n${table([x, "x the first"], rows)}\n`;
    })
    .join("\n");
}

function compose(results, chosen) {
  const part = (title, isThere, text) => (isThere ? `## ${title}\n\n${text()}\n` : undefined);
  return [
    `# Results
${results.options.isQuick ? "\n**A quick run: it shows that all of this works, and no more.**\n" : ""}
Made by \`bench/run.sh\`; HACKING.md says how to read and repeat it. The relay does all its work: keys,
limits, metering, journal, ledger, metrics and a line of log for each exchange; the others only pass on.

A ratio compares a peer with nginx in the same round, and above 1 the peer is the better one; shown are
the median over all rounds and, in parentheses, the least and the most. CPU is what the kernel has
accounted to all threads of a peer within the measured time, which is the figure to trust on a small
machine: rates are capped by the load client and the mock upstream, which share one processor.
\`docs/decisions/0014-what-everything-on-costs.md\` says why targets are missed.
`,
    part("Targets", Object.keys(results.workloads).length > 0, () => targetsSection(results)),
    part(
      "The relay against nginx",
      Object.keys(results.workloads).length > 0,
      () => "![CPU, against nginx](plots/cpu.svg)",
    ),
    part("Machine", true, () => machineSection(results)),
    part("Peers", true, () => peersSection(results)),
    part("Workloads", chosen.length > 0, () =>
      chosen
        .map((workload) =>
          workloadSection(workload, results.workloads[workload.name], results.peers),
        )
        .join("\n"),
    ),
    part("Functions", results.programs, () => functionsSection(results)),
    part("Ledger", results.programs, () => ratesSection(results)),
    part("Scaling", results.scaling, () => scalingSection(results)),
  ]
    .filter(Boolean)
    .join("\n");
}

// What CPU costs less than with the best nginx, workload by workload.
function cpuPlot(results, chosen) {
  const bars = chosen
    .map(({ name }) => ({
      label: name,
      ...results.workloads[name].relay?.measures.cpu_us?.against.nginx_tuned,
    }))
    .filter(({ median }) => median !== undefined);
  return barPlot({
    title: "CPU of nginx (tuned), divided by that of relay-station",
    x: "times as much CPU as the relay",
    bars,
  });
}

export function writeResults(results, chosen, directory) {
  const plots = join(directory, "plots");
  mkdirSync(plots, { recursive: true });
  writeFileSync(join(directory, "results.json"), `${JSON.stringify(results, null, 1)}\n`);
  writeFileSync(join(directory, "RESULTS.md"), compose(results, chosen));
  if (chosen.length > 0) writeFileSync(join(plots, "cpu.svg"), cpuPlot(results, chosen));
  for (const { name, title, x, points } of results.scaling ?? []) {
    const growth = points.map((point) => ({ x: point.x, ...point.growth }));
    const y = "times the first point";
    writeFileSync(join(plots, `${name}.svg`), linePlot({ title, x, y, points: growth }));
  }
}
