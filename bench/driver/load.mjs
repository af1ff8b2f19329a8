// One run of the load client against one peer.

import { program } from "./places.mjs";
import { loadCpu, run } from "./processes.mjs";

// { connections: 8, stream: true, pid: [1, 2] } as options of the load client.
export const loadArguments = (load) =>
  Object.entries(load).flatMap(([name, value]) =>
    value === true ? [`--${name}`] : [value].flat().flatMap((one) => [`--${name}`, `${one}`]),
  );

// Gives what the load client measured.
export async function measureLoad(load, { seconds, warmup }) {
  const args = loadArguments({ ...load, seconds, warmup });
  const deadlineMs = (seconds + warmup + 60) * 1000;
  const { code, signal, out, err } = await run(program("load_client"), args, {
    cpu: loadCpu,
    deadlineMs,
  });
  if (out === "") throw new Error(`the load client failed (${signal ?? code}): ${err}`);
  return JSON.parse(out);
}

// The options of the load client for a peer that runs.
export const loadOf = (load, running) => ({
  ...load,
  port: running.port,
  ...(running.keyFile ? { "key-file": running.keyFile } : { key: running.key }),
  field: running.fields,
  pid: running.pids(),
});
