// Claude Code itself through the relay: a question, a turn with a tool, and /context.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import { open_world } from './world.mjs';

const run = promisify(execFile);
const binary = fileURLToPath(new URL('./node_modules/@anthropic-ai/claude-code-linux-x64/claude', import.meta.url));

let world;
let home;
before(async () => {
  world = await open_world();
  home = await mkdtemp(join(tmpdir(), 'relay-claude-'));
});
after(async () => {
  await world.close();
  await rm(home, { recursive: true, force: true });
});

// A directory of its own, so that nothing of the machine's user takes part.
async function claude(args, env = {}) {
  const { stdout } = await run(binary, args, {
    cwd: home,
    timeout: 90_000,
    env: {
      PATH: process.env.PATH,
      HOME: home,
      ANTHROPIC_BASE_URL: world.url,
      ANTHROPIC_API_KEY: world.key,
      CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
      DISABLE_AUTOUPDATER: '1',
      ...env,
    },
  });
  return stdout;
}

test('claude -p answers', async () => {
  const before_it = await world.usage();
  const answer = await claude(['-p', '[[sim: nonce=claude-code-p, deltas=8]] say hello']);
  assert.ok(answer.includes('claude-code-p'), answer);
  const used = await world.usage_since(before_it);
  assert.ok(used.requests >= 1);
  assert.ok(used.output_tokens > 0);
});

test('claude -p answers with a Bearer token too', async () => {
  const answer = await claude(['-p', '[[sim: nonce=claude-bearer, deltas=4]] hi'], {
    ANTHROPIC_API_KEY: '',
    ANTHROPIC_AUTH_TOKEN: world.key,
  });
  assert.ok(answer.includes('claude-bearer'), answer);
});

test('claude -p takes a turn with a tool', async () => {
  await writeFile(join(home, 'note.txt'), 'the secret word is relay\n');
  const answer = await claude([
    '-p', `[[sim: nonce=claude-tool, tool=Read, tool_arg=${join(home, 'note.txt')}, deltas=4]] read the note`,
    '--allowedTools', 'Read',
  ]);
  assert.ok(answer.includes('claude-tool'), answer);
  const entries = await world.entries();
  const turns = entries.filter((e) => e.nonce === 'claude-tool' && e.status === 200);
  assert.ok(turns.length >= 2, `${turns.length} turns`);
});

test('/context counts through the relay', async () => {
  const seen = (await world.entries()).filter((e) => e.target.includes('count_tokens')).length;
  const answer = await claude(['-p', '/context']);
  assert.ok(answer.length > 0);
  const now = (await world.entries()).filter((e) => e.target.includes('count_tokens'));
  assert.ok(now.length > seen, 'count_tokens was called');
  assert.ok(now.every((e) => e.status === 200));
});
