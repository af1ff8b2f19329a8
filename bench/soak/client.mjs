// Clients that have one exchange after the other, and say what they did not expect.

import { setTimeout as pause } from "node:timers/promises";
import { parseEvents } from "../../tests/lib/event_stream.mjs";
import { messageRequest } from "../../tests/lib/message.mjs";
import { RawClient } from "../../tests/lib/raw_client.mjs";
import { pickKind } from "./traffic.mjs";

const headDelay = 20;

class Client {
  constructor(port) {
    this._port = port;
    this._connection = undefined; // Kept while the relay keeps it.
  }

  // What the client sees: a status, 0 if the answer broke off, or "left". `leaves`: after so many
  // events, or "at once".
  async ask(request, leaves) {
    this._connection ??= await RawClient.connect(this._port);
    const connection = this._connection;
    await connection.send(request);
    if (leaves === "at once") await pause(headDelay);
    else {
      const until = leaves ? (answer) => parseEvents(answer.body).length >= leaves : undefined;
      const answer = await connection.receive("POST", { until, deadlineMs: 60_000 });
      if (!leaves) return this._done(answer);
    }
    connection.reset();
    this._connection = undefined;
    return "left";
  }

  _done(answer) {
    if (answer.isDone && answer.header("connection") !== "close") return answer.status;
    this.close();
    return answer.isDone ? answer.status : 0;
  }

  close() {
    this._connection?.close();
    this._connection = undefined;
  }
}

// One client, until `isOver()`. `counts` and `surprises` are shared by all of them.
export async function actAsClient({ relay, keys, random, catalogue, isOver, counts, surprises }) {
  const client = new Client(relay.port);
  while (!isOver()) {
    const kind = pickKind(random);
    const number = (counts.get(kind.name) ?? 0) + 1;
    counts.set(kind.name, number);
    const nonce = `${kind.books}-${kind.name.replaceAll(" ", "_")}-${number}`;
    const script = { ...kind.script(random, catalogue), nonce };
    const stream = kind.isStream ?? false;
    const request = messageRequest({ key: keys[kind.books], script, stream });
    let status;
    try {
      status = await client.ask(request, kind.leaves?.(random));
    } catch (error) {
      status = error;
      client.close();
    }
    const isExpected = status === "left" || (kind.statuses ?? [200]).includes(status);
    if (!isExpected) surprises.push(`${nonce}: ${status} ${JSON.stringify(script)}`);
  }
  client.close();
}
