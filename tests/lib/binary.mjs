// Where the program under test lies: RELAY_BINARY, or what the dev preset builds.

import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

export function relayBinary() {
  const path =
    process.env.RELAY_BINARY ??
    fileURLToPath(new URL("../../build/dev/relay-station", import.meta.url));
  if (!existsSync(path)) throw new Error(`no program at ${path}: build it, or set RELAY_BINARY`);
  return path;
}

// Whether memory and time are those of a sanitizer.
export const isSanitized = () => /__[at]san_init/.test(readFileSync(relayBinary(), "latin1"));
