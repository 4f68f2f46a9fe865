/** RESULTS.md: each bench owns one section, and a run replaces only that. */
import { existsSync, readFileSync, writeFileSync } from "node:fs";

const page = new URL("RESULTS.md", import.meta.url);

const preamble = `# Measured

Each section is written by one full run of its bench, named in its first line. Ratios travel between machines; absolute
figures do not.
`;

/** Replaces the section with that heading, or adds it at the end. */
export function writeSection(heading: string, body: string): void {
  const text = existsSync(page) ? readFileSync(page, "utf8") : preamble;
  const [head = "", ...sections] = text.split(/^## /m);
  const section = `${heading}\n\n${body.trim()}\n\n`;
  const place = sections.findIndex((existing) => existing.startsWith(`${heading}\n`));
  if (place < 0) sections.push(section);
  else sections[place] = section;
  writeFileSync(page, [head.trimEnd() + "\n\n", ...sections].join("## ").trimEnd() + "\n");
}

/** A Markdown table. */
export function table(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
  return [line(header), line(header.map(() => "---")), ...rows.map(line)].join("\n");
}
