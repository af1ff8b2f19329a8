// A wall clock that a test sets, of one program (by libfaketime). Monotonic clocks run on undisturbed.
//
//   const clock = wallClock();
//   clock.set("2028-02-28T23:59:30Z");
//   await startRelay({ env: clock.environment });
//   clock.set("2028-03-01T00:00:10Z");                // Jumps, and runs on from there.
//   clock.remove();

import { existsSync, mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

function library() {
  const found = readdirSync("/usr/lib")
    .map((folder) => join("/usr/lib", folder, "faketime", "libfaketimeMT.so.1"))
    .find((path) => existsSync(path));
  if (!found) throw new Error("no libfaketime: apt-get install libfaketime");
  return found;
}

export function wallClock() {
  const directory = mkdtempSync(join(tmpdir(), "relay-clock-"));
  const file = join(directory, "offset");
  return {
    environment: {
      LD_PRELOAD: library(),
      FAKETIME_TIMESTAMP_FILE: file,
      FAKETIME_NO_CACHE: "1",
      FAKETIME_DONT_FAKE_MONOTONIC: "1",
      NO_FAKE_STAT: "1",
    },
    // Whole at any moment: it is read whenever somebody asks for the time.
    set(instant) {
      const seconds = (Date.parse(instant) - Date.now()) / 1000;
      writeFileSync(`${file}.next`, `${seconds < 0 ? "" : "+"}${seconds.toFixed(3)}\n`);
      renameSync(`${file}.next`, file);
    },
    remove: () => rmSync(directory, { recursive: true, force: true }),
  };
}
