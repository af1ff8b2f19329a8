// A relay before a simulator, with one key: what every client test needs.
import { startRelay } from '../lib/relay.mjs';
import { startSimulator } from '../lib/simulator.mjs';
import { waitUntil } from '../lib/wait.mjs';

const counts = ['input_tokens', 'output_tokens', 'cache_creation_input_tokens', 'cache_read_input_tokens',
  'prompt_tokens', 'completion_tokens', 'total_tokens', 'requests'];

export async function open_world(options = {}) {
  const simulator = await startSimulator();
  const relay = await startRelay({ upstream: `${simulator.url}/v1`, ...options });
  const { api_key: key } = await relay.createKey();

  // The ledger is a moment behind: two readings that agree, with nothing under way, are the truth.
  async function usage() {
    await simulator.waitUntilIdle();
    let last = '';
    return waitUntil(async () => {
      const now = await relay.usage(key);
      const is_settled = JSON.stringify(now) === last;
      last = JSON.stringify(now);
      await new Promise((resolve) => setTimeout(resolve, 250));
      return is_settled ? now : null;
    }, { what: 'settled usage' });
  }
  return {
    url: relay.url,
    upstream_url: simulator.url,
    credential: simulator.credential,
    key,
    relay,
    simulator,
    usage,
    async usage_since(before) {
      const now = await usage();
      return Object.fromEntries(counts.map((name) => [name, now[name] - before[name]]));
    },
    entries: () => simulator.log(),
    requests_seen: async () => (await simulator.log()).length,
    wait_for_entry: (matches, deadlineMs) => simulator.waitForEntry(matches, { deadlineMs }),
    async close() {
      await relay.stop();
      await simulator.stop();
    },
  };
}
