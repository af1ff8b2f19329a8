// Numbers as people read them.

export function number(value) {
  if (!Number.isFinite(value)) return "-";
  const magnitude = value === 0 ? 0 : Math.floor(Math.log10(Math.abs(value)));
  const digits = Math.min(Math.max(2 - magnitude, 0), 4);
  return value.toLocaleString("en", {
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  });
}

// "1.41x (1.35 to 1.47)"
export function ratio(spread) {
  if (spread === undefined) return "-";
  const median = `${number(spread.median)}x`;
  return spread.count === 1
    ? median
    : `${median} (${number(spread.least)} to ${number(spread.most)})`;
}

export function table(head, rows) {
  const line = (cells) => `| ${cells.join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n");
}
