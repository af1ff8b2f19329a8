// Asks for messages, over as many connections as are needed, and tells how each answer ended.
//
//   const client = messageClient(relay, api_key);
//   const answer = await client.ask({ deltas: 10, nonce: "n1" }, { stream: true });
//   answer.status; answer.text; answer.isWhole;         // Whole for HTTP.
//   answer.error;                                       // Where none came: status is 0, text is "".
//   client.close();

import http from "node:http";
import { messageBody } from "./message.mjs";

export function messageClient(relay, key, { connectionsMax = Infinity } = {}) {
  // Closes idle connections before the relay does, so that no request meets the end of its own.
  const agent = new http.Agent({ keepAlive: true, maxSockets: connectionsMax, timeout: 20_000 });
  return {
    // Never fails: how it ended is in what it gives. `onData` is called for each piece of the answer.
    // `body`: the bytes to send, where they are not to be made of the others.
    ask: (script, { stream = false, onData = () => {}, body: given, ...content } = {}) =>
      new Promise((resolve) => {
        const made = () => JSON.stringify(messageBody({ script, stream, ...content }));
        const body = given ?? Buffer.from(made());
        const answer = { status: 0, headers: {}, text: "", isWhole: false };
        const request = http.request(`${relay.url}/v1/messages`, {
          agent,
          method: "POST",
          headers: {
            "content-type": "application/json",
            "content-length": body.length,
            "x-api-key": key,
          },
        });
        request.on("error", ({ code }) => resolve({ ...answer, error: code }));
        request.on("response", (response) => {
          answer.status = response.statusCode;
          answer.headers = response.headers;
          response.setEncoding("utf8");
          response.on("data", (data) => {
            answer.text += data;
            onData(data);
          });
          response.on("error", () => {}); // "close" follows.
          response.on("close", () => resolve({ ...answer, isWhole: response.complete }));
        });
        request.end(body);
      }),
    close: () => agent.destroy(),
  };
}

// Calls `job` with 0, 1, 2, ... below `count`, by so many at once.
export async function forEach(count, atOnce, job) {
  let next = 0;
  const worker = async () => {
    while (next < count) await job(next++);
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
}
