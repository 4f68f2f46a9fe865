// JUnit XML, as continuous integration reads it: a suite per family, a failure per wrong outcome.
import type { AttackReport, AttackResult } from "./attack-report.ts";

export function junit(target: string, { results }: AttackReport): string {
  const families = [...new Set(results.map(({ family }) => family))];
  const suites = families.map((family) => {
    const members = results.filter((result) => result.family === family);
    const cases = members.map((result) => testCase(target, result));
    return `  <testsuite name="${family}" ${counts(members)}>\n${cases.join("\n")}\n  </testsuite>`;
  });
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="${escape(target)}" ${counts(results)}>`,
    ...suites,
    "</testsuites>",
    "",
  ].join("\n");
}

function testCase(target: string, result: AttackResult): string {
  const { id, name, algorithm, source, expected, got } = result;
  const open = `    <testcase classname="${escape(target)}" name="${escape(`${id} ${name} (${algorithm})`)}"`;
  if (expected === got) return `${open}/>`;
  const message = escape(`expected ${expected}, got ${got}`);
  return `${open}>\n      <failure message="${message}">${escape(source)}</failure>\n    </testcase>`;
}

function counts(results: readonly AttackResult[]): string {
  const failures = results.filter(({ expected, got }) => expected !== got).length;
  return `tests="${results.length}" failures="${failures}"`;
}

function escape(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");
}
