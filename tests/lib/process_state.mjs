// What the kernel says of a process: memory, processor time and descriptors.

import { readFileSync, readdirSync } from "node:fs";

const ticksPerSecond = 100; // Of /proc, on every Linux that Debian runs on.

// The most that it ever had resident.
export function peakBytes(pid) {
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  return 1024 * Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)[1]);
}

export function cpuSeconds(pid) {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  const [user, system] = stat.slice(stat.lastIndexOf(")") + 2).split(" ").slice(11, 13).map(Number);
  return (user + system) / ticksPerSecond;
}

export const openDescriptors = (pid) => readdirSync(`/proc/${pid}/fd`).length;
