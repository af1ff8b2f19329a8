// Turns the ranks of js-tiktoken into the files that tokenizer_vocabulary_bytes.S embeds.
//
//   node pack.mjs DIRECTORY
//
// DIRECTORY holds node_modules/js-tiktoken and receives <encoding>.tokens: the number of tokens (4
// bytes, little-endian), the length of each in the order of the ranks (1 byte each), then the
// tokens themselves in the same order. tokenizer_vocabulary.cc reads it.
import { renameSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join, resolve } from "node:path";

const directory = resolve(process.argv[2]);
const require = createRequire(join(directory, "package.json"));

// bpe_ranks has lines of "! <first rank> <base64> <base64> ...".
function tokensOf(ranks) {
  const tokens = [];
  for (const line of ranks.split("\n").filter(Boolean)) {
    const [, first, ...encoded] = line.split(" ");
    encoded.forEach((token, i) => (tokens[Number(first) + i] = Buffer.from(token, "base64")));
  }
  return tokens;
}

function pack(tokens) {
  for (let rank = 0; rank < tokens.length; rank++) {
    const bytes = tokens[rank]?.length;
    if (!(bytes >= 1 && bytes <= 255)) throw new Error(`rank ${rank} has ${bytes} bytes`);
  }
  const count = Buffer.alloc(4);
  count.writeUInt32LE(tokens.length);
  return Buffer.concat([count, Buffer.from(tokens.map((token) => token.length)), ...tokens]);
}

for (const encoding of ["cl100k_base", "o200k_base"]) {
  const { bpe_ranks } = require(`js-tiktoken/ranks/${encoding}`);
  const file = join(directory, `${encoding}.tokens`);
  writeFileSync(`${file}.part`, pack(tokensOf(bpe_ranks)));
  renameSync(`${file}.part`, file);
}
