// Who is measured, and how each is started in front of the origin:
//
//   const running = await peer.start(origin, "tls");   // or "http", how it reaches the origin
//   running.port; running.key; running.fields;         // for the load client
//   running.pids();                                    // whose cost is counted
//   await running.stop();

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { fillIn } from "./origin.mjs";
import { portkey } from "./places.mjs";
import { freePort, proxyCpu, start, waitForPort } from "./processes.mjs";
import { startRelay } from "./relay.mjs";

async function startFromFile(name, file, command, args, origin, scheme) {
  const port = await freePort();
  const conf = join(origin.directory, file);
  const serverTls = `ssl verify required ca-file ${origin.certificate} sni str(localhost)`;
  writeFileSync(
    conf,
    fillIn(file, {
      ...origin,
      port,
      scheme,
      originPort: origin.ports[scheme],
      serverTls: scheme === "https" ? serverTls : "",
    }),
  );
  const process_ = start(name, command, [...args, conf], {
    cpu: proxyCpu,
    directory: origin.directory,
  });
  await waitForPort(port, process_);
  return { port, pids: process_.pids, fields: [], key: "no-key", stop: process_.stop };
}

async function startPortkey(origin) {
  const port = await freePort();
  const process_ = start("portkey", "node", [portkey, `--port=${port}`, "--headless"], {
    cpu: proxyCpu,
    directory: origin.directory,
    env: { NODE_ENV: "production" },
  });
  await waitForPort(port, process_);
  return {
    port,
    pids: process_.pids,
    fields: [
      "x-portkey-provider: anthropic",
      `x-portkey-custom-host: http://127.0.0.1:${origin.ports.http}/v1`,
    ],
    key: origin.credential,
    stop: process_.stop,
  };
}

// What the load client and the mock cost each other.
const startNothing = async (origin) => ({
  port: origin.ports.http,
  pids: () => [],
  fields: [],
  key: "no-key",
  stop: async () => {},
});

// `cannot`: what it cannot do, of what workloads need.
export const peers = [
  { name: "direct", title: "no proxy", cannot: ["cost"], start: startNothing },
  {
    name: "relay",
    title: "relay-station",
    configuration:
      "`bench/peers/relay.yaml`: keys, limits, metering, journal, ledger, metrics, access log",
    start: (origin, scheme) => startRelay(origin, { scheme }),
  },
  {
    name: "nginx_stock",
    title: "nginx, stock",
    configuration: "`bench/peers/nginx_stock.conf`: a plain proxy, as Debian ships it",
    start: (...where) =>
      startFromFile("nginx_stock", "nginx_stock.conf", "nginx", ["-c"], ...where),
  },
  {
    name: "nginx_tuned",
    title: "nginx, tuned",
    configuration: "`bench/peers/nginx_tuned.conf`: a plain proxy, the cheapest we found, no log",
    start: (...where) =>
      startFromFile("nginx_tuned", "nginx_tuned.conf", "nginx", ["-c"], ...where),
  },
  {
    name: "haproxy",
    title: "HAProxy",
    configuration: "`bench/peers/haproxy.cfg`: a plain proxy, one thread, no log",
    start: (...where) => startFromFile("haproxy", "haproxy.cfg", "haproxy", ["-f"], ...where),
  },
  {
    name: "portkey",
    title: "Portkey gateway",
    configuration:
      "`bench/peers/portkey/package.json`, as it starts. It answers 500 to streams of /v1/messages, so it takes part in the other workloads only",
    cannot: ["streams", "tls", "thousands"],
    bindsEverything: true,
    start: startPortkey,
  },
];
