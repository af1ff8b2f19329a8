// What the proxies are put through.
//
//   needs      what a peer must be able to do to take part, beside having a cost
//   scheme     how the proxies reach the origin
//   load       options of the load client; `quick` replaces some of them in a quick run
//   measures   what is compared: see measures.mjs
//   isFresh    every round has a process that has done nothing before
//   roundsMax  for those that take long

import { perEvent, perRequest, latency, memory } from "./measures.mjs";

export const workloads = [
  {
    name: "small",
    title: "Small JSON: 4 KB question, 1.5 KB answer, 64 connections",
    load: { connections: 64, body: 4_096 },
    measures: perRequest,
  },
  {
    name: "body_200k",
    title: "200 KB question, 32 connections",
    load: { connections: 32, body: 200_000 },
    measures: perRequest,
  },
  {
    name: "body_1m",
    title: "1 MB question, 16 connections",
    load: { connections: 16, body: 1_000_000 },
    measures: perRequest,
  },
  {
    name: "sse_paced",
    title: "Streams, paced: 400 of them, an event every 10 ms in each",
    needs: ["streams"],
    load: { mode: "hold", connections: 400, stream: true, events: 100, "delay-us": 10_000 },
    measures: perEvent,
  },
  {
    name: "sse_burst",
    title: "Streams, in bursts: 60 events as fast as they are taken, 32 connections",
    needs: ["streams"],
    load: { connections: 32, stream: true, events: 60 },
    measures: perRequest,
  },
  {
    name: "sse_saturated",
    title: "Streams, saturated: 20,000 events as fast as they are taken, 32 connections",
    needs: ["streams"],
    load: { mode: "hold", connections: 32, stream: true, events: 20_000 },
    measures: perEvent,
  },
  {
    name: "tls_small",
    title: "TLS to the upstream, small JSON",
    needs: ["tls"],
    scheme: "https",
    load: { connections: 64, body: 4_096 },
    measures: perRequest,
  },
  {
    name: "tls_200k",
    title: "TLS to the upstream, 200 KB question",
    needs: ["tls"],
    scheme: "https",
    load: { connections: 32, body: 200_000 },
    measures: perRequest,
  },
  {
    name: "churn",
    title: "A new connection for every request, 64 at a time",
    load: { mode: "churn", connections: 64, body: 4_096, sources: 16 },
    measures: perRequest,
  },
  {
    name: "latency",
    title: "Latency that is added, at 2,000 requests a second on a fixed schedule",
    needs: ["thousands"],
    comparesWithDirect: true,
    load: { mode: "open", rate: 2_000, body: 4_096 },
    measures: latency,
  },
  {
    name: "streams_held",
    title: "Memory of 8,000 open streams, an event a second in each",
    needs: ["streams", "thousands"],
    isFresh: true,
    roundsMax: 3,
    load: { mode: "hold", connections: 8_000, stream: true, events: 600, "delay-us": 1_000_000 },
    quick: { connections: 1_000 },
    measures: memory,
  },
  {
    name: "idle",
    title: "Memory of 8,000 idle connections",
    needs: ["thousands"],
    isFresh: true,
    roundsMax: 3,
    load: { mode: "idle", connections: 8_000, body: 4_096 },
    quick: { connections: 1_000 },
    measures: memory,
  },
];
