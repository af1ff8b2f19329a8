// Plots as SVG: as much of it as the results need.

const width = 640;
const margin = { left: 64, right: 24, top: 44, bottom: 52 };
const ink = "#24292f";
const faint = "#d0d7de";
const accent = "#0969da";

const escaped = (text) =>
  `${text}`.replace(/[&<>]/g, (c) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;" })[c]);
const round = (value) => Math.round(value * 10) / 10;

function text(x, y, content, { anchor = "middle", size = 12, weight = 400 } = {}) {
  return `<text x="${round(x)}" y="${round(y)}" text-anchor="${anchor}" font-size="${size}" font-weight="${weight}">${escaped(content)}</text>`;
}
function line(x1, y1, x2, y2, color = faint, thickness = 1) {
  return `<line x1="${round(x1)}" y1="${round(y1)}" x2="${round(x2)}" y2="${round(y2)}" stroke="${color}" stroke-width="${thickness}"/>`;
}

function page(height, title, body) {
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" font-family="system-ui, sans-serif" fill="${ink}">`,
    `<rect width="${width}" height="${height}" fill="#ffffff"/>`,
    text(width / 2, 24, title, { size: 14, weight: 600 }),
    ...body,
    "</svg>\n",
  ].join("\n");
}

// Steps of 1, 2 or 5 times a power of ten, about five of them up to `most`.
function ticks(most) {
  const rough = most / 5;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((one) => one >= rough);
  return Array.from({ length: Math.floor(most / step) + 1 }, (_, i) => i * step);
}
const shown = (value) => Number(value.toPrecision(3)).toLocaleString("en");

// A line through medians, with the spread at each. `points`: [{ x, median, least, most }]; x is on
// a logarithmic scale.
export function linePlot({ title, x, y, points }) {
  const height = 340;
  const inner = { right: width - margin.right, bottom: height - margin.bottom };
  const most = Math.max(1.2, ...points.map((point) => point.most)) * 1.1;
  const logs = points.map((point) => Math.log(point.x));
  const [first, last] = [Math.min(...logs), Math.max(...logs)];
  const atX = (value) =>
    margin.left +
    30 +
    ((Math.log(value) - first) / (last - first || 1)) * (inner.right - margin.left - 60);
  const atY = (value) => inner.bottom - (value / most) * (inner.bottom - margin.top);
  const middle = (margin.top + inner.bottom) / 2;
  return page(height, title, [
    ...ticks(most).flatMap((tick) => [
      line(margin.left, atY(tick), inner.right, atY(tick)),
      text(margin.left - 8, atY(tick) + 4, shown(tick), { anchor: "end" }),
    ]),
    `<g transform="rotate(-90 18 ${middle})">${text(18, middle, y)}</g>`,
    text((margin.left + inner.right) / 2, height - 12, x),
    `<polyline fill="none" stroke="${accent}" stroke-width="2" points="${points.map((point) => `${round(atX(point.x))},${round(atY(point.median))}`).join(" ")}"/>`,
    ...points.flatMap((point) => [
      line(atX(point.x), atY(point.least), atX(point.x), atY(point.most), accent, 2),
      `<circle cx="${round(atX(point.x))}" cy="${round(atY(point.median))}" r="4" fill="${accent}"/>`,
      text(atX(point.x), inner.bottom + 18, shown(point.x)),
    ]),
  ]);
}

// Bars from 0, with the spread at the end of each and a line at 1. `bars`: [{ label, median, least,
// most }].
export function barPlot({ title, x, bars }) {
  const left = 190;
  const step = 30;
  const bottom = margin.top + bars.length * step;
  const most = Math.max(1.2, ...bars.map((bar) => bar.most)) * 1.1;
  const atX = (value) => left + (value / most) * (width - margin.right - 40 - left);
  return page(bottom + 52, title, [
    ...ticks(most).flatMap((tick) => [
      line(atX(tick), margin.top, atX(tick), bottom),
      text(atX(tick), bottom + 16, shown(tick)),
    ]),
    ...bars.flatMap((bar, i) => {
      const y = margin.top + i * step;
      return [
        `<rect x="${left}" y="${y + 6}" width="${round(atX(bar.median) - left)}" height="${step - 12}" fill="${accent}"/>`,
        line(atX(bar.least), y + step / 2, atX(bar.most), y + step / 2, ink, 2),
        text(left - 8, y + step / 2 + 4, bar.label, { anchor: "end" }),
        text(atX(Math.max(bar.median, bar.most)) + 6, y + step / 2 + 4, `${shown(bar.median)}x`, {
          anchor: "start",
        }),
      ];
    }),
    line(atX(1), margin.top, atX(1), bottom, ink, 1),
    text((left + width - margin.right) / 2, bottom + 38, x),
  ]);
}
