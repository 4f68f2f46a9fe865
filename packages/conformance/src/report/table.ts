// A run in a table, for people.
import type { AttackReport, AttackResult } from "./attack-report.ts";

const COLUMNS = ["family", "attacks", "let in", "controls", "turned away"] as const;

/** The table by family, and below it every wrong outcome by name. */
export function table(title: string, report: AttackReport): string {
  const families = [...new Set(report.results.map(({ family }) => family))];
  const rows = families.map((family) =>
    rowOf(
      family,
      report.results.filter((result) => result.family === family),
    ),
  );
  const cells = [[...COLUMNS], ...rows, rowOf("total", report.results)];
  const widths = COLUMNS.map((_, column) => Math.max(...cells.map((row) => (row[column] ?? "").length)));
  const lines = cells.map((row) =>
    row.map((cell, column) => pad(cell, widths[column] ?? 0, column)).join("  "),
  );
  return [title, "", ...lines, "", ...findings(report), ""].join("\n");
}

function rowOf(label: string, results: readonly AttackResult[]): string[] {
  const attacks = results.filter(({ expected }) => expected === "reject");
  const controls = results.filter(({ expected }) => expected === "accept");
  const letIn = attacks.filter(({ got }) => got === "accept");
  const turnedAway = controls.filter(({ got }) => got === "reject");
  return [label, ...[attacks, letIn, controls, turnedAway].map((list) => String(list.length))];
}

function pad(cell: string, width: number, column: number): string {
  return column === 0 ? cell.padEnd(width) : cell.padStart(width);
}

function findings({ letIn, turnedAway, results }: AttackReport): readonly string[] {
  const odd = results.filter(({ remark, expected, got }) => remark !== undefined && expected === got);
  const lines = [
    ...listed("LET IN", letIn),
    ...listed("TURNED AWAY, though honest", turnedAway),
    ...listed("Refused, but oddly", odd),
  ];
  return lines.length === 0 ? ["Nothing got in, and nobody honest was turned away."] : lines;
}

/** Each case once, with the algorithms under which it happened. */
function listed(title: string, results: readonly AttackResult[]): readonly string[] {
  const cases = new Map<string, string[]>();
  for (const { id, name, source, algorithm, remark } of results) {
    const label = `${id} ${name} [${source}]${remark === undefined ? "" : `: ${remark}`}`;
    cases.set(label, [...(cases.get(label) ?? []), algorithm]);
  }
  return [...cases].map(([label, algorithms]) => `${title}: ${label} (${algorithms.join(", ")})`);
}
