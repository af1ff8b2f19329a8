// The harness itself, tried on the simulator alone. RELAY_BINARY as in binary.mjs.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { assembleMessage, parseEvents } from "./event_stream.mjs";
import { chunked, messageBody, messageRequest, request } from "./message.mjs";
import { RawClient } from "./raw_client.mjs";
import { MalformedResponse, ResponseReader } from "./response_reader.mjs";
import { startSimulator } from "./simulator.mjs";

let simulator;
before(async () => (simulator = await startSimulator()));
after(() => simulator.stop());

async function ask(bytes, options) {
  const client = await RawClient.connect(simulator.port);
  await client.send(bytes, options);
  const answer = await client.receive("POST");
  client.close();
  return answer;
}
const message = (script, more = {}) =>
  messageRequest({ key: simulator.credential, script, ...more });

test("a message comes back whole, whatever the pieces of the request", async () => {
  for (const split of [undefined, 1, 7]) {
    const answer = await ask(message({ nonce: "n", output: 5 }), { split });
    assert.equal(answer.status, 200);
    assert.equal(answer.header("x-sim-nonce"), "n");
    assert.equal(answer.json().usage.output_tokens, 5);
  }
});

test("a stream is assembled, however it is fragmented", async () => {
  const whole = (await ask(message({ nonce: "m" }))).json();
  for (const how of [
    {},
    { fragment: 1 },
    { chunk: 2 },
    { sse: "crlf" },
    { sse: "cr" },
    { sse: "bom" },
    { sse: "two_data_lines" },
  ]) {
    const answer = await ask(message({ nonce: "m", ...how }, { stream: true }));
    assert.ok(answer.isDone);
    const assembled = assembleMessage(parseEvents(answer.body));
    assert.ok(assembled.isComplete, JSON.stringify(how));
    assert.equal(assembled.text, whole.content[0].text);
    assert.equal(assembled.usage.output_tokens, whole.usage.output_tokens);
  }
});

test("a cut shows, and so does its kind", async () => {
  for (const [cut, end] of [
    ["fin", "fin"],
    ["rst", "reset"],
  ]) {
    const client = await RawClient.connect(simulator.port);
    await client.send(
      message({ stall_events: 3, stall: 50, cut_events: 3, cut }, { stream: true }),
    );
    const answer = await client.receive("POST");
    assert.equal(answer.isDone, false);
    assert.equal(await client.ended(), end);
    assert.equal(parseEvents(answer.body).length, 3);
  }
});

test("an answer can be read in part before the client resets", async () => {
  const client = await RawClient.connect(simulator.port);
  await client.send(message({ nonce: "left", stall_events: 5 }, { stream: true }));
  const answer = await client.receive("POST", { until: (a) => parseEvents(a.body).length >= 5 });
  assert.equal(answer.isDone, false);
  client.reset();
  const entry = await simulator.waitForEntry((e) => e.nonce === "left");
  assert.equal(entry.ended, "client_closed");
  assert.equal(entry.pieces_sent, 5);
});

test("every entry of the catalogue is refused, cut, or followed by surplus bytes", async () => {
  for (const { name } of await simulator.catalogue()) {
    if (name === "body_on_head") continue;
    const client = await RawClient.connect(simulator.port);
    await client.send(message({ bad: name, close: 1 }));
    try {
      const answer = await client.receive("POST");
      const surplus = await client.receiveBytes();
      assert.ok(!answer.isDone || surplus.length > 0, name);
    } catch (error) {
      assert.ok(error instanceof MalformedResponse, `${name}: ${error}`);
    }
    client.close();
  }
});

test("pipelined and chunked requests are answered in order", async () => {
  const client = await RawClient.connect(simulator.port);
  const body = JSON.stringify(messageBody({ script: { nonce: "c" } }));
  const headers = [["transfer-encoding", "chunked"]];
  await client.send(
    Buffer.concat([
      message({ nonce: "a" }),
      request({
        method: "POST",
        path: "/v1/messages",
        key: simulator.credential,
        headers,
        body: chunked(body, 10),
      }),
      request({
        path: "/v1/models",
        key: simulator.credential,
        headers: [["connection", "close"]],
      }),
    ]),
  );
  const { answers, surplus, end } = await client.receiveAll(["POST", "POST", "GET"]);
  assert.deepEqual(
    answers.map((a) => a.header("x-sim-nonce")),
    ["a", "c", undefined],
  );
  assert.equal(surplus.length, 0);
  assert.equal(end, "fin");
});

test("the strict reader gives the same for every split", () => {
  const bytes = Buffer.from(
    "HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3;a=b\r\nabc\r\n0\r\nx: y\r\n\r\nrest",
  );
  for (let cut = 0; cut <= bytes.length; ++cut) {
    const reader = new ResponseReader();
    const rest = [reader.push(bytes.subarray(0, cut))];
    if (reader.isDone) rest.push(bytes.subarray(cut));
    else rest.push(reader.push(bytes.subarray(cut)));
    assert.equal(reader.text(), "abc");
    assert.deepEqual(reader.interim, [103]);
    assert.deepEqual(reader.trailers, [["x", "y"]]);
    assert.equal(Buffer.concat(rest).toString(), "rest");
  }
});

test("totals add up what was reported", async () => {
  await simulator.reset();
  await Promise.all(
    Array.from({ length: 50 }, (_, i) =>
      ask(message({ input: i, output: 2, cache_read: 3 }, { stream: i % 2 === 0 })),
    ),
  );
  const { usage, complete_usage, by_status } = await simulator.totals();
  assert.equal(usage.input, (49 * 50) / 2);
  assert.equal(usage.output, 100);
  assert.equal(complete_usage.cache_read, 150);
  assert.deepEqual(by_status, { 200: 50 });
});
