// The upstream of all peers: the mock, and TLS in front of it.

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { userInfo } from "node:os";
import { bench, program } from "./places.mjs";
import { freePort, loadCpu, run, start, waitForPort } from "./processes.mjs";

// A file of bench/peers/, with what it leaves open as ${name} filled in.
export function fillIn(file, values) {
  const text = readFileSync(join(bench, "peers", file), "utf8");
  return text.replace(/\$\{(\w+)\}/g, (open, name) => {
    if (!(name in values)) throw new Error(`${file}: ${open}`);
    return values[name];
  });
}

async function makeCertificate(certificate, certificateKey) {
  const { code, err } = await run("openssl", [
    ...["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"],
    ...["-days", "2", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"],
    ...["-keyout", certificateKey, "-out", certificate],
  ]);
  if (code !== 0) throw new Error(`no certificate: ${err}`);
}

export async function startOrigin(directory) {
  const origin = {
    directory,
    user: userInfo().username,
    certificate: join(directory, "certificate.pem"),
    certificateKey: join(directory, "certificate_key.pem"),
    credential: `sk-ant-api03-${"a".repeat(52)}`,
    ports: { http: await freePort(), https: await freePort() },
  };
  await makeCertificate(origin.certificate, origin.certificateKey);
  const on = { cpu: loadCpu, directory };
  const mock = start("mock", program("mock_upstream"), ["--port", `${origin.ports.http}`], on);
  await waitForPort(origin.ports.http, mock);

  const conf = join(directory, "tls_origin.conf");
  const { http: plainOrigin, https: tlsOrigin } = origin.ports;
  writeFileSync(conf, fillIn("tls_origin.conf", { ...origin, plainOrigin, tlsOrigin }));
  const tls = start("tls_origin", "nginx", ["-c", conf], on);
  await waitForPort(tlsOrigin, tls);
  return { ...origin, stop: () => Promise.all([mock.stop(), tls.stop()]) };
}
