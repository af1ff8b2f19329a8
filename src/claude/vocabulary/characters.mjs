// Writes ../tokenizer_characters.inc: what kind of character each code point is, as this Node's
// regular expressions see it, which is what js-tiktoken splits text with.
//
//   node characters.mjs > ../tokenizer_characters.inc
//   node characters.mjs --check ../tokenizer_characters.inc
//
// The table is committed because Unicode versions differ between versions of Node. --check compares
// where this Node has the Unicode version of the table, and passes where it has another.
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

const kinds = [
  ["newline", /[\r\n]/u],
  ["space", /\s/u],
  ["upper", /[\p{Lu}\p{Lt}]/u],
  ["lower", /\p{Ll}/u],
  ["uncased", /[\p{Lm}\p{Lo}]/u],
  ["mark", /\p{M}/u],
  ["number", /\p{N}/u],
  ["symbol", /[^]/u],
];
const unicode = process.versions.unicode;

export function kindOf(codePoint) {
  const character = String.fromCodePoint(codePoint);
  return kinds.find(([, pattern]) => pattern.test(character))[0];
}

// [first code point, kind] of every run of code points of one kind.
function runs() {
  const found = [];
  for (let codePoint = 0; codePoint <= 0x10ffff; codePoint++) {
    const kind = kindOf(codePoint);
    if (found.at(-1)?.[1] !== kind) found.push([codePoint, kind]);
  }
  return found;
}

export function readTable(file) {
  const text = readFileSync(file, "utf8");
  return {
    unicode: /Unicode ([\d.]+)/.exec(text)[1],
    runs: [...text.matchAll(/\{0x(\w+), (\w+)\}/g)].map(([, first, kind]) => [
      Number.parseInt(first, 16),
      kind,
    ]),
  };
}

function write() {
  const lines = [`// Unicode ${unicode}, written by vocabulary/characters.mjs. Not edited by hand.`];
  let line = "";
  for (const [first, kind] of runs()) {
    const item = `{0x${first.toString(16)}, ${kind}},`;
    if (line.length + item.length >= 100) {
      lines.push(line);
      line = "";
    }
    line += (line && " ") + item;
  }
  console.log([...lines, line].join("\n"));
}

function check(file) {
  const table = readTable(file);
  if (table.unicode !== unicode) {
    console.log(`the table has Unicode ${table.unicode}, this Node ${unicode}: not compared`);
  } else if (JSON.stringify(table.runs) !== JSON.stringify(runs())) {
    console.error(`${file} is not what this Node says: run characters.mjs again`);
    process.exitCode = 1;
  }
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  if (process.argv[2] === "--check") check(process.argv[3]);
  else write();
}
