// Waiting for something to become true, never for time to pass.
//
//   await waitUntil(async () => (await simulator.totals()).in_flight === 0, { what: "no request in flight" });

import { setTimeout as pause } from "node:timers/promises";

// Gives what `condition` gives, once that is neither false, null nor undefined. Fails after
// `deadlineMs`, naming `what` and the last thing it saw.
export async function waitUntil(condition, { deadlineMs = 10_000, what = "the condition" } = {}) {
  const deadline = performance.now() + deadlineMs;
  for (let delay = 1; ; delay = Math.min(delay * 2, 50)) {
    const seen = await condition();
    if (seen !== false && seen != null) return seen;
    if (performance.now() >= deadline) {
      throw new Error(`waited ${deadlineMs} ms for ${what}; last seen: ${seen}`);
    }
    await pause(delay);
  }
}

// Gives what `promise` gives, or fails after `deadlineMs`.
export async function within(deadlineMs, promise, what = "an answer") {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`waited ${deadlineMs} ms for ${what}`)), deadlineMs);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
