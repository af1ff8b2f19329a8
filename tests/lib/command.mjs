// One command of the program under test, run to its end.
//
//   const { status, out, err } = runCommand(["fsck", "--data", data]);

import { spawnSync } from "node:child_process";
import { relayBinary } from "./binary.mjs";
import { upstreamCredential } from "./simulator.mjs";

export function runCommand(args, { env = {}, cwd } = {}) {
  const ended = spawnSync(relayBinary(), args, {
    cwd,
    encoding: "utf8",
    env: { PATH: process.env.PATH, UPSTREAM_API_KEY: upstreamCredential, ...env },
  });
  return { status: ended.status, out: ended.stdout, err: ended.stderr };
}
