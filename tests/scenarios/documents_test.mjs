// Documents say what the binary does.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

import { relayBinary } from '../lib/binary.mjs';
import { startRelay } from '../lib/relay.mjs';

const root = new URL('../../', import.meta.url);
const read = (name) => readFileSync(new URL(name, root), 'utf8');

test('the table of options is the binary\'s own, in both languages', () => {
  const options = execFileSync(relayBinary(), ['check', '--options'], { encoding: 'utf8' }).trim();
  for (const name of ['docs/en/configuration.md', 'docs/zh/configuration.md']) {
    assert.ok(read(name).includes(options), `${name} is not what check --options prints`);
  }
});

test('every metric is documented, and none that is not there, in both languages', async () => {
  const relay = await startRelay();
  const { body } = await relay.call('GET', '/metrics');
  await relay.stop();
  const names = [...body.matchAll(/^# HELP (\S+)/gm)].map(([, name]) => name.replace(/^process_.*/, 'process_*'));
  for (const name of ['docs/en/operations.md', 'docs/zh/operations.md']) {
    const documented = [...read(name).matchAll(/^\| `([a-z]+_[a-z_*]+)` \|/gm)].map(([, metric]) => metric);
    assert.deepEqual(new Set(documented), new Set(names), name);
  }
});

test('every command of the command line is one the README may name', () => {
  const help = execFileSync(relayBinary(), ['--help'], { encoding: 'utf8' });
  for (const name of ['README.md', 'README.zh-CN.md']) {
    for (const [, command] of read(name).matchAll(/relay-station (\w+)/g)) {
      assert.ok(new RegExp(`^ +${command} `, 'm').test(help), `${name} names ${command}`);
    }
  }
});

test('every command that the operator is shown is there, with its flags', () => {
  for (const name of ['docs/en/operations.md', 'docs/zh/operations.md']) {
    for (const [, line] of read(name).matchAll(/^    relay-station ([^#\n]+)/gm)) {
      const words = line.trim().split(/\s+/);
      const command = words.slice(0, ['migrate', 'usage'].includes(words[0]) ? 2 : 1);
      const help = execFileSync(relayBinary(), [...command, '--help'], { encoding: 'utf8' });
      for (const flag of words.filter((word) => word.startsWith('--'))) {
        assert.ok(help.includes(flag), `${name}: ${line}`);
      }
    }
  }
});
