/** The figures as an SVG: a row for each case, a bar for each number of live sessions; readable in light and in dark. */
import { cases, type Result, titles } from "./cases.ts";
import type { RunRecord } from "./record.ts";

interface Panel {
  readonly title: string;
  readonly left: number;
  readonly valueOf: (result: Result) => number;
}

const width = 880;
const top = 76;
const rowHeight = 40;
const barHeight = 13;
const labelWidth = 170;
const panelWidth = 265;

const panels: readonly Panel[] = [
  { title: "requests per second", left: labelWidth, valueOf: (result) => result.requests_per_second },
  { title: "99th percentile, ms", left: labelWidth + panelWidth + 85, valueOf: (result) => result.p99_ms },
];

const style = `
  text { font: 13px system-ui, sans-serif; fill: #1f2328; }
  .title { font-weight: 600; }
  .value { font-size: 11px; fill: #59636e; }
  .few { fill: #0969da; }
  .many { fill: #8250df; }
  .axis { stroke: #d1d9e0; }
  @media (prefers-color-scheme: dark) {
    text { fill: #f0f6fc; }
    .value { fill: #9198a1; }
    .few { fill: #4493f8; }
    .many { fill: #ab7df8; }
    .axis { stroke: #3d444d; }
  }
`;

/** The same text for the same record. */
export function drawPlot({ results }: RunRecord): string {
  const sizes = [...new Set(results.map((result) => result.live_sessions))].toSorted((a, b) => a - b);
  const height = top + cases.length * rowHeight + 8;
  const legend = sizes.map((size, index) => {
    const left = labelWidth + index * 190;
    return `${bar(left, 14, 13, classOf(index))}${text(left + 20, 25, `${size.toLocaleString("en")} live sessions`)}`;
  });
  const rows = cases.map(({ method, instances }, row) => {
    const y = top + row * rowHeight;
    const label = `${titles[method]} × ${instances}`;
    const bars = panels.flatMap((panel) =>
      sizes.map((size, index) => {
        const result = results.find(
          (one) => one.method === method && one.instances === instances && one.live_sessions === size,
        );
        return result === undefined
          ? ""
          : valueBar(panel, results, result, y + index * (barHeight + 2), index);
      }),
    );
    return `${text(labelWidth - 12, y + 19, label, 'text-anchor="end"')}${bars.join("")}`;
  });
  const axes = panels.map(
    ({ title, left }) =>
      `${text(left, top - 14, title, 'class="title"')}<line class="axis" x1="${left}" y1="${top - 4}" x2="${left}" y2="${height - 8}"/>`,
  );
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" role="img" ` +
    `aria-label="Requests per second and 99th percentile of tokens and cookie sessions"><style>${style}</style>\n` +
    `${[...legend, ...axes, ...rows].join("\n")}\n</svg>\n`
  );
}

function valueBar(
  panel: Panel,
  results: readonly Result[],
  result: Result,
  y: number,
  index: number,
): string {
  const value = panel.valueOf(result);
  const longest = Math.max(...results.map(panel.valueOf));
  const length = Math.max(1, Math.round((value / longest) * panelWidth));
  return `${bar(panel.left, y, length, classOf(index))}${text(panel.left + length + 6, y + 11, value.toLocaleString("en"), 'class="value"')}`;
}

function classOf(index: number): string {
  return index === 0 ? "few" : "many";
}

function bar(x: number, y: number, length: number, name: string): string {
  return `<rect class="${name}" x="${x}" y="${y}" width="${length}" height="${barHeight}" rx="2"/>`;
}

function text(x: number, y: number, content: string, attributes: string = ""): string {
  return `<text x="${x}" y="${y}" ${attributes}>${content}</text>`;
}
