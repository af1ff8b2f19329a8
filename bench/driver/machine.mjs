// What the numbers were measured on, and of what.

import { existsSync, readFileSync } from "node:fs";
import { cpus, release, totalmem } from "node:os";
import { portkey, relayBinary, root } from "./places.mjs";
import { run } from "./processes.mjs";

async function firstLine(command, args, options) {
  const { out, err } = await run(command, args, options).catch(() => ({ out: "", err: "" }));
  return `${out}${err}`.split("\n")[0].trim();
}

function distribution() {
  const text = readFileSync("/etc/os-release", "utf8");
  return /^PRETTY_NAME="(.*)"$/m.exec(text)?.[1] ?? "Linux";
}

// Of processor 0; a machine under load gives numbers that are worth nothing.
export function load() {
  return Number(readFileSync("/proc/loadavg", "utf8").split(" ")[0]);
}

async function portkeyVersion() {
  if (!existsSync(portkey)) return undefined;
  return JSON.parse(readFileSync(portkey.replace("build/start-server.js", "package.json"))).version;
}

export async function describeMachine() {
  const git = async (...args) => (await run("git", ["-C", root, ...args])).out.trim();
  const changed = await git("status", "--porcelain", "--", "src", "bench", "CMakeLists.txt");
  return {
    date: new Date().toISOString().slice(0, 10),
    commit: `${await git("rev-parse", "--short", "HEAD")}${changed ? " and changes" : ""}`,
    processor: cpus()[0].model.trim(),
    processors: cpus().length,
    memoryGib: Math.round(totalmem() / 2 ** 30),
    system: `${distribution()}, Linux ${release()}`,
    filesystem: (await run("stat", ["-f", "-c", "%T", root])).out.trim(),
    loadBefore: load(),
    versions: {
      relay: await firstLine(relayBinary, ["version"]),
      nginx: await firstLine("nginx", ["-v"]),
      haproxy: (await firstLine("haproxy", ["-v"])).split(" ").slice(0, 3).join(" "),
      portkey: await portkeyVersion(),
      node: process.version,
      compiler: await firstLine("g++-12", ["--version"]),
    },
  };
}
