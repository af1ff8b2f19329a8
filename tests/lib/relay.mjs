// The relay under test, with a data directory of its own.
//
//   const relay = await startRelay({ upstream: simulator.url });
//   const { api_key, id } = await relay.createKey({ token_limit: 1000 });
//   const usage = await relay.usage(api_key);
//   await relay.stop();
//
// kill() and restart() keep the data directory; stop() of the last one removes it.

import assert from "node:assert/strict";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { relayBinary } from "./binary.mjs";
import { startChild } from "./child_process.mjs";
import { runCommand } from "./command.mjs";
import { upstreamCredential } from "./simulator.mjs";

export const adminPassword = "correct horse battery staple";

// `upstream`: a URL. `config`: the text of config.yaml. `data`: where its data lies, if not in the
// directory that goes with it. `env`, `args`: beside those it always gets. `under`: a command that
// becomes the relay, like ["prlimit", "--nofile=128", "--"]. `ready`: what it prints when the test can
// go on, with host and port, if that is not that it listens.
export async function startRelay(options = {}) {
  const directory = mkdtempSync(join(tmpdir(), "relay-test-"));
  return startIn(directory, options);
}

async function startIn(directory, options) {
  const { upstream, config, env = {}, args = [], listen = "127.0.0.1:0", under = [], deadlineMs } = options;
  const { ready = /listening on http:\/\/(\S+?):(\d+)/ } = options;
  const data = options.data ?? join(directory, "data");
  const all = ["serve", "--listen", listen, "--data", data, ...args];
  if (upstream) all.push("--upstream", upstream);
  if (config !== undefined) {
    const file = join(directory, "config.yaml");
    writeFileSync(file, config, { mode: 0o600 });
    all.push("--config", file);
  }
  const [program, ...first] = [...under, relayBinary()];
  const child = await startChild(program, [...first, ...all], {
    cwd: directory,
    env: { UPSTREAM_API_KEY: upstreamCredential, ADMIN_PASSWORD: adminPassword, ...env },
    ready,
    deadlineMs,
  });
  return relayAt(child, directory, options);
}

// Every sum in the store is what its entries add up to.
export function expectSoundBooks(data, env = {}) {
  if (!env.DATABASE_URL && !existsSync(join(data, "relay.db"))) return;
  const { status, out, err } = runCommand(["fsck", "--json", "--data", data], { env });
  assert.equal(status, 0, `fsck: ${out}${err}`);
}

function relayAt(child, directory, options) {
  const port = Number(child.match[2]);
  const url = `http://127.0.0.1:${port}`;
  // With admin.bind the admin API has a port of its own.
  const adminUrl = /admin API on (http:\/\/\S+)/.exec(child.output())?.[1] ?? url;
  let token;

  async function call(method, path, { body, headers = {}, at = url } = {}) {
    const response = await fetch(at + path, {
      method,
      headers: body === undefined ? headers : { "content-type": "application/json", ...headers },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    const text = await response.text();
    const isJson = (response.headers.get("content-type") ?? "").includes("json");
    return {
      status: response.status,
      headers: response.headers,
      body: isJson && text ? JSON.parse(text) : text,
    };
  }
  async function expectOk(method, path, options) {
    const answer = await call(method, path, options);
    if (answer.status >= 300) {
      throw new Error(`${method} ${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
    }
    return answer.body;
  }
  async function adminToken() {
    if (token === undefined) {
      const basic = Buffer.from(`admin:${options.env?.ADMIN_PASSWORD ?? adminPassword}`).toString(
        "base64",
      );
      token = (
        await expectOk("POST", "/admin/login", {
          headers: { authorization: `Basic ${basic}` },
          at: adminUrl,
        })
      ).access_token;
    }
    return token;
  }
  async function admin(method, path, body) {
    return expectOk(method, path, {
      body,
      headers: { authorization: `Bearer ${await adminToken()}` },
      at: adminUrl,
    });
  }

  return {
    ...child,
    port,
    url,
    directory,
    dataDirectory: options.data ?? join(directory, "data"),
    call,
    adminToken,
    admin,
    // What POST /admin/api-keys answers: { id, api_key, ... }.
    createKey: (members = {}) => admin("POST", "/admin/api-keys", { name: "test", ...members }),
    // GET /api/usage.
    usage: (key) => expectOk("GET", "/api/usage", { headers: { "x-api-key": key } }),
    // Its books must add up then, however it ended.
    async stop(how) {
      const end = await child.stop(how);
      expectSoundBooks(options.data ?? join(directory, "data"), options.env);
      rmSync(directory, { recursive: true, force: true });
      return end;
    },
    // Without waiting for what it does about it.
    signal: (name) => child.kill(name),
    // As the power would go. The data directory stays.
    async kill() {
      child.kill("SIGKILL");
      return child.exited;
    },
    // Another relay on the same data directory. The old one must have ended.
    restart: (changes = {}) => startIn(directory, { ...options, ...changes }),
  };
}
