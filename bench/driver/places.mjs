// Where things lie.

import { mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

export const root = fileURLToPath(new URL("../..", import.meta.url));
export const bench = join(root, "bench");
export const build = join(root, "build/release");

// RELAY_BINARY: another relay than the one that was built, to compare two.
export const relayBinary = process.env.RELAY_BINARY ?? join(build, "relay-station");
export const program = (name) => join(build, name);
export const portkey = join(
  root,
  "build/portkey/node_modules/@portkey-ai/gateway/build/start-server.js",
);

// On the disk that the repository is on: the ledger is to be written to a real one.
export function makeRunDirectory() {
  const directory = mkdtempSync(join(root, "build/run-"));
  process.on("exit", () => rmSync(directory, { recursive: true, force: true }));
  return directory;
}
