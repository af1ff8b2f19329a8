// The relay as a peer, and with what a store holds that others have filled.

import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fillIn } from "./origin.mjs";
import { program, relayBinary } from "./places.mjs";
import { freePort, proxyCpu, run, start, waitForPort } from "./processes.mjs";

const secretKey = "a-secret-key-for-benchmarks-only";

export async function createKey(data) {
  const { code, out, err } = await run(
    relayBinary,
    ["key", "create", "--name", "bench", "--data", data],
    { env: { SECRET_KEY: secretKey } },
  );
  if (code !== 0) throw new Error(`no key: ${err}`);
  return out.trim();
}

// A data directory with so many keys and rows of ledger. Gives the file that lists the keys.
export async function fillStore(data, { keys = 1, rows = 0 }) {
  mkdirSync(data, { recursive: true });
  const keyFile = join(data, "keys");
  const { code, out, err } = await run(
    program("fill_store"),
    [
      ...["--database", join(data, "relay.db"), "--secret-key", secretKey],
      ...["--keys", `${keys}`, "--rows", `${rows}`, "--key-file", keyFile],
    ],
    { deadlineMs: 600_000 },
  );
  if (code !== 0) throw new Error(`the store was not filled: ${out}${err}`);
  return keyFile;
}

let directories = 0;

export const firstKey = (keyFile) => readFileSync(keyFile, "utf8").split("\n", 1)[0];

// `data`: a directory that is filled already; then `key` or `keyFile` says with what. `cpu`: a list
// as taskset takes it. `isPatient`: waits until it listens.
export async function startRelay(origin, options = {}) {
  const { scheme = "http", loops = 1, cpu = proxyCpu, data, key, keyFile } = options;
  const port = await freePort();
  const own = data ?? join(origin.directory, `data_${++directories}`);
  mkdirSync(own, { recursive: true });
  const shown = key ?? (keyFile ? undefined : await createKey(own));
  const conf = join(origin.directory, "relay.yaml");
  const originPort = origin.ports[scheme];
  const values = { ...origin, name: "relay", loops, scheme, originPort };
  writeFileSync(conf, fillIn("relay.yaml", values), { mode: 0o600 });
  const process_ = start(
    "relay",
    relayBinary,
    ["serve", "--config", conf, "--data", own, "--listen", `127.0.0.1:${port}`],
    { cpu, directory: origin.directory, env: { SECRET_KEY: secretKey } },
  );
  if (options.isPatient ?? true) await waitForPort(port, process_);
  return {
    ...process_,
    port,
    key: shown,
    keyFile,
    fields: [],
  };
}
