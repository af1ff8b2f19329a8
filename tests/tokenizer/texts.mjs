// Writes texts, and the pieces and tokens that js-tiktoken makes of them, for equality.cc.
//
//   node texts.mjs DIRECTORY TABLE FILE [SEED]
//
// DIRECTORY holds node_modules/js-tiktoken, TABLE is src/claude/tokenizer_characters.inc. FILE
// begins with the seed; then, for each text, its encoding, its bytes, how many bytes its pieces
// have, and its tokens. All numbers are 4 bytes, little-endian; before bytes and lists goes how many
// follow.
import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join, resolve } from "node:path";
import { kindOf, readTable } from "../../src/claude/vocabulary/characters.mjs";

const [directory, tableFile, outputFile, givenSeed] = process.argv.slice(2);
const require = createRequire(join(resolve(directory), "package.json"));
const { getEncoding } = require("js-tiktoken");
const encodings = [getEncoding("cl100k_base"), getEncoding("o200k_base")];
const mixedTexts = 3000;

const seed = Number(givenSeed ?? Math.floor(Math.random() * 2 ** 32)) >>> 0;
console.log(`seed ${seed}`);

// mulberry32
let state = seed;
function random() {
  state = (state + 0x6d2b79f5) | 0;
  let t = Math.imul(state ^ (state >>> 15), 1 | state);
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
  return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
}
const below = (n) => Math.floor(random() * n);
const between = (min, max) => min + below(max - min + 1);
const pick = (list) => list[below(list.length)];
const times = (min, max, make) => Array.from({ length: between(min, max) }, make).join("");

// This Node may know more, or fewer, characters than the table does. Texts with those are left out.
const table = readTable(tableFile);
const isSameUnicode = table.unicode === process.versions.unicode;
function tableKind(codePoint) {
  let low = 0;
  let high = table.runs.length;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (table.runs[middle][0] <= codePoint) low = middle;
    else high = middle;
  }
  return table.runs[low][1];
}
const isKnownAlike = (text) =>
  isSameUnicode ||
  [...text].every((c) => tableKind(c.codePointAt(0)) === kindOf(c.codePointAt(0)));

const from = (first, last) => () => String.fromCodePoint(between(first, last));

const alphabets = [
  [from(0x61, 0x7a), from(0x41, 0x5a)],
  [from(0x430, 0x44f), from(0x410, 0x42f)],
  [from(0x3b1, 0x3c9), from(0x391, 0x3a1)],
  [from(0xc0, 0x24f)], // Latin with diacritics, with its title case letters
  [from(0x10d0, 0x10ff), from(0x1c90, 0x1cbf)], // Georgian
  [from(0x10428, 0x1044f), from(0x10400, 0x10427)], // Deseret, beyond the first plane
  [from(0x1d400, 0x1d7ff)], // mathematical letters and digits
  [from(0x2b0, 0x2ff), from(0x1d2c, 0x1d6a), from(0x61, 0x7a)], // modifier letters
];
const scripts = [
  from(0x4e00, 0x9fa5),
  from(0x20000, 0x2a6d0),
  from(0x3041, 0x30fe),
  from(0xac00, 0xd7a3),
  from(0x621, 0x65f), // Arabic with its vowel marks
  from(0x5b0, 0x5ea), // Hebrew with its points
  from(0x900, 0x97f), // Devanagari
  from(0xb80, 0xbff),
  from(0xe01, 0xe5b), // Thai
  from(0x1000, 0x109f),
  from(0x1200, 0x137f),
  from(0x1780, 0x17ff),
];
const mark = () =>
  pick([from(0x300, 0x36f), from(0x20d0, 0x20f0), from(0x483, 0x489), from(0xfe00, 0xfe0f)])();
const digit = () =>
  pick([from(0x30, 0x39), from(0x30, 0x39), from(0x660, 0x669), from(0x966, 0x96f),
    from(0x2150, 0x2189), from(0x2460, 0x249b), from(0xb2, 0xb3), from(0x1d7ce, 0x1d7ff)])();
const spaces = [
  ..." \t\v\f\u0085\u00a0\u1680\u2000\u200a\u200b\u2028\u2029\u202f\u205f\u3000\ufeff",
];
const emoji = ["👩‍👩‍👧‍👦", "🏳️‍🌈", "👍🏽", "🇩🇪", "🇨🇳🇫🇷", "3️⃣", "❤️", "😀", "🧑🏿‍🚀", "☃", "🫨"];
const specials = ["<|endoftext|>", "<|fim_prefix|>", "<|fim_middle|>", "<|fim_suffix|>",
  "<|endofprompt|>", "<|im_start|>"];
const quoted = ["s", "t", "re", "ve", "m", "ll", "d", "\u017f", "\u212a", "l", "r", "e", "x", ""];
const english = ["the", "relay", "station", "counts", "tokens", "I", "don", "we", "HTTP", "World",
  "camelCase", "snake_case", "iPhone", "McDonald", "naïve", "Straße", "ǅungla"];
const prose = ["敏捷的棕色狐狸跳过了懒狗。", "人工智能正在改变世界，", "吾輩は猫である。名前はまだ無い。",
  "एक बार की बात है", "สวัสดีชาวโลก", "مرحبا بالعالم، كيف حالك؟", "Съешь же ещё этих мягких булок",
  "Η γρήγορη αλεπού", "Zażółć gęślą jaźń", "다람쥐 헌 쳇바퀴에 타고파", "שלום עולם"];
const sources = [
  readFileSync(new URL(import.meta.url), "utf8"),
  readFileSync(join(directory, "node_modules/js-tiktoken/README.md"), "utf8"),
  readFileSync(join(directory, "node_modules/js-tiktoken/dist/lite.cjs"), "utf8"),
  readFileSync(join(directory, "package-lock.json"), "utf8"),
];
const caseAtRandom = (text) =>
  [...text].map((c) => (random() < 0.5 ? c.toUpperCase() : c)).join("");

const atoms = [
  () => pick(english),
  () => " " + pick(english),
  () => caseAtRandom(pick(english)),
  () => pick(prose),
  () => { const letters = pick(alphabets); return times(1, 8, () => pick(letters)()); },
  () => { const script = pick(scripts); return times(1, 12, script); },
  () => times(1, 6, () => pick(pick(alphabets))() + (random() < 0.4 ? mark() : "")),
  () => times(1, 4, mark),
  () => times(1, 9, digit),
  () => pick(["'", "'", "’", "''"]) + caseAtRandom(pick(quoted)),
  () => times(1, 5, () => pick(spaces)),
  () => " ".repeat(between(1, 90)),
  () => times(1, 6, () => pick(["\r\n", "\n", "\r", " ", "\t", "\u00a0"])),
  () => times(1, 6, () => pick(["\n", "\r", "/", "\\", "."])),
  () => times(1, 6, from(0x21, 0x2f)),
  () => times(1, 5, from(0x2010, 0x206f)),
  () => pick("=-_*#~!/.")[0].repeat(between(1, 70)),
  () => times(1, 4, () => pick(emoji)),
  () => pick(specials),
  () => { const i = below(3000); return pick(sources).slice(i, i + between(1, 200)); },
  () => pick(pick(alphabets))().repeat(between(1, 60)),
  () => times(1, 6, from(0, 0xffff)), // surrogates among them
  () => times(1, 6, from(0x10000, 0x10ffff)),
  () => String.fromCharCode(between(0xd800, 0xdfff)),
  () => times(1, 6, from(0, 0x7f)),
];

const pieceOfBytes = [
  () => Buffer.from(Array.from({ length: between(1, 12) }, () => below(256))),
  () => Buffer.from(Array.from({ length: between(1, 6) }, () => between(0x80, 0xff))),
  () => { const bytes = Buffer.from(pick(prose)); return bytes.subarray(below(9), 9 + below(40)); },
  () => Buffer.from([0xed, between(0xa0, 0xbf), between(0x80, 0xbf)]), // a surrogate
  () => Buffer.from(pick([[0xc0, 0x80], [0xe0, 0x80, 0x80], [0xf0, 0x80, 0x80, 0x80],
    [0xf4, 0x90, 0x80, 0x80], [0xf0, 0x9f, 0x98], [0xe2, 0x82], [0xf8, 0x88, 0x80, 0x80, 0x80],
    [0xef, 0xbb, 0xbf], [0xff]])),
  () => Buffer.from(pick(atoms)()),
];
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

const records = [];
const numbers = (...values) => Buffer.from(Uint32Array.from(values).buffer);
function record(bytes, text) {
  if (!isKnownAlike(text)) return;
  encodings.forEach((encoding, index) => {
    const matches = [...text.matchAll(new RegExp(encoding.patStr, "ug"))];
    const pieces = matches.map(([piece]) => Buffer.byteLength(piece));
    const tokens = encoding.encode(text, [], []);
    records.push(numbers(index, bytes.length), bytes);
    records.push(numbers(pieces.length, ...pieces), numbers(tokens.length, ...tokens));
  });
}
const recordText = (text) => record(Buffer.from(text), text);
const recordBytes = (bytes) => record(bytes, decoder.decode(bytes));

recordText("");
for (const atom of atoms) for (let i = 0; i < 20; i++) recordText(atom());
for (const text of specials) recordText(text);
for (const source of sources) recordText(source.slice(0, 20_000));
for (const letter of ["a", "A", " ", "\n", "中", "=", "\u0301", "e\u0301", "ab"]) {
  for (const length of [2, 3, 4, 7, 64, 129, 200]) recordText(letter.repeat(length));
}
for (let i = 0; i < mixedTexts; i++) {
  if (random() < 0.8) recordText(times(1, 25, () => pick(atoms)()));
  else recordBytes(Buffer.concat(Array.from({ length: between(1, 8) }, () => pick(pieceOfBytes)())));
}
writeFileSync(outputFile, Buffer.concat([numbers(seed), ...records]));
