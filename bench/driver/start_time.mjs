// From starting the program to its first answer to an exchange, with a store full of keys.

import { join } from "node:path";
import { rmSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import { fillStore, firstKey, startRelay } from "./relay.mjs";

async function ask(port, key) {
  const response = await fetch(`http://127.0.0.1:${port}/v1/messages`, {
    method: "POST",
    headers: { "content-type": "application/json", "x-api-key": key, connection: "close" },
    body: '{"model":"claude-sonnet-4-5","max_tokens":1,"messages":[]}',
  });
  await response.arrayBuffer();
  if (response.status !== 200) throw new Error(`the relay answered ${response.status}`);
}

// In milliseconds.
async function timeToAnswer(origin, data, key) {
  const began = performance.now();
  const relay = await startRelay(origin, { data, key, isPatient: false });
  for (;;) {
    try {
      await ask(relay.port, key);
      break;
    } catch (error) {
      const isHopeless = relay.hasEnded() || performance.now() - began > 60_000;
      if (isHopeless) throw new Error(`no answer: ${relay.output()}`, { cause: error });
      await pause(1);
    }
  }
  const passed = performance.now() - began;
  await relay.stop();
  return passed;
}

export async function measureStart(context) {
  const keys = context.isQuick ? 1_000 : 100_000;
  context.progress(`start with ${keys} keys`);
  const data = join(context.directory, "start_data");
  const key = firstKey(await fillStore(data, { keys }));
  await timeToAnswer(context.origin, data, key); // Says which pepper its digests were made with.
  const values = [];
  for (let round = 0; round < context.rounds; ++round) {
    values.push(await timeToAnswer(context.origin, data, key));
  }
  rmSync(data, { recursive: true });
  return { keys, values };
}
