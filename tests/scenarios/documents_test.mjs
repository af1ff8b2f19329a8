// Documents say what the binary does.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

import { relayBinary } from '../lib/binary.mjs';

const root = new URL('../../', import.meta.url);
const read = (name) => readFileSync(new URL(name, root), 'utf8');

test('the table of options is the binary\'s own, in both languages', () => {
  const options = execFileSync(relayBinary(), ['check', '--options'], { encoding: 'utf8' }).trim();
  for (const name of ['docs/en/configuration.md', 'docs/zh/configuration.md']) {
    assert.ok(read(name).includes(options), `${name} is not what check --options prints`);
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
