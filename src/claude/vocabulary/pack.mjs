// Turns the ranks of js-tiktoken into the files that tokenizer_vocabulary_bytes.S embeds.
//
//   node pack.mjs DIRECTORY
//
// DIRECTORY holds node_modules/js-tiktoken and receives <encoding>.tokens, which
// tokenizer_vocabulary.cc reads. First words of 4 bytes, little-endian: the number of tokens, the
// number of slots, the length of the longest token; where each token begins, and the end; the slots
// of an index over them. Then the tokens themselves, in the order of their ranks.
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
  const slots = indexOf(tokens);
  const longest = tokens.reduce((most, { length }) => Math.max(most, length), 0);
  const offsets = [0];
  for (const token of tokens) offsets.push(offsets.at(-1) + token.length);
  const words = [tokens.length, slots.length, longest, ...offsets, ...slots];
  const packed = Buffer.alloc(4 * words.length);
  words.forEach((word, i) => packed.writeUInt32LE(word, 4 * i));
  return Buffer.concat([packed, ...tokens]);
}

// Open addressing: a slot holds a rank below and a fingerprint above. This and the hash are those of
// tokenizer_vocabulary.cc, whose test looks for every token.
function indexOf(tokens) {
  const rankBits = 18;
  const emptySlot = 0xffffffff;
  const rankMask = (1 << rankBits) - 1;
  if (tokens.length >= rankMask) throw new Error("a rank does not fit into a slot");
  const slots = new Uint32Array(2 ** Math.ceil(Math.log2(2 * tokens.length))).fill(emptySlot);
  tokens.forEach((token, rank) => {
    const hash = hashOf(token);
    let at = Number(hash & BigInt(slots.length - 1));
    while (slots[at] !== emptySlot) at = (at + 1) % slots.length;
    slots[at] = (Number(hash >> 32n) & ~rankMask) | rank;
  });
  return slots;
}

const mix = (hash, word) => {
  const product = BigInt.asUintN(64, (hash ^ word) * 0x9e3779b97f4a7c15n);
  return product ^ (product >> 32n);
};

function hashOf(token) {
  const size = token.length;
  let hash = mix(BigInt(size), 0n);
  if (size >= 8) {
    for (let at = 0; at + 8 < size; at += 8) hash = mix(hash, token.readBigUInt64LE(at));
    return mix(hash, token.readBigUInt64LE(size - 8));
  }
  const ends = (bits, first, last) => mix(hash, (BigInt(first) << BigInt(bits)) | BigInt(last));
  if (size >= 4) return ends(32, token.readUInt32LE(0), token.readUInt32LE(size - 4));
  if (size >= 2) return ends(16, token.readUInt16LE(0), token.readUInt16LE(size - 2));
  return mix(hash, BigInt(token[0]));
}

for (const encoding of ["cl100k_base", "o200k_base"]) {
  const { bpe_ranks } = require(`js-tiktoken/ranks/${encoding}`);
  const file = join(directory, `${encoding}.tokens`);
  writeFileSync(`${file}.part`, pack(tokensOf(bpe_ranks)));
  renameSync(`${file}.part`, file);
}
