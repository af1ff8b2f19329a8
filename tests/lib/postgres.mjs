// A PostgreSQL server of one test, in a temporary directory and behind a Unix socket there.
//
//   const postgres = await startPostgres();
//   await startRelay({ env: postgres.environment });
//   await postgres.stop(); await postgres.start();
//   await postgres.remove();

import { execFileSync } from "node:child_process";
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startChild } from "./child_process.mjs";

const installed = "/usr/lib/postgresql";

function programs() {
  const versions = existsSync(installed) ? readdirSync(installed) : [];
  const found = versions
    .map((version) => join(installed, version, "bin"))
    .findLast((bin) => existsSync(join(bin, "initdb")));
  if (!found) throw new Error("no PostgreSQL server: apt-get install postgresql");
  return found;
}

export async function startPostgres() {
  const bin = programs();
  const directory = mkdtempSync(join(tmpdir(), "relay-postgres-"));
  const data = join(directory, "data");
  // The server refuses to be root.
  const asUser = [];
  if (process.getuid() === 0) {
    const [uid, gid] = ["-u", "-g"].map((flag) =>
      Number(execFileSync("id", [flag, "postgres"], { encoding: "utf8" })),
    );
    chownSync(directory, uid, gid);
    asUser.push("setpriv", `--reuid=${uid}`, `--regid=${gid}`, "--clear-groups", "--");
  }
  const command = (name, ...args) => [...asUser, join(bin, name), ...args];

  const [initdb, ...initArgs] = command(
    "initdb",
    ...["--pgdata", data, "--username=relay", "--auth=trust", "--no-sync"],
    ...["--encoding=UTF8", "--locale=C.UTF-8"],
  );
  execFileSync(initdb, initArgs, { cwd: directory, stdio: "ignore" });

  let server;
  const postgres = {
    // With these a relay or a command of ours uses it.
    environment: {
      DATABASE_URL: `postgresql://relay@/postgres?host=${directory}`,
      SECRET_KEY: "6f1e0c4bb1a9d3c27e58f09a4d2b7c81",
    },
    async start() {
      const [path, ...args] = command("postgres", "-D", data, "-k", directory, "-c", "listen_addresses=");
      server = await startChild(path, args, {
        cwd: directory,
        ready: /database system is ready to accept connections/,
      });
    },
    // Ends every connection at once. What was committed stays.
    stop: () => server.stop({ signal: "SIGINT" }),
    sql: (text) =>
      execFileSync(join(bin, "psql"), ["-h", directory, "-U", "relay", "-d", "postgres", "-Atc", text], {
        encoding: "utf8",
      }),
    async remove() {
      await postgres.stop();
      rmSync(directory, { recursive: true, force: true });
    },
  };
  await postgres.start();
  return postgres;
}
