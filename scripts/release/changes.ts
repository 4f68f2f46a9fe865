// What has changed since the last release: one file in changes/ for each change, and the changelog that they become.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

const headings = { breaking: "Breaking", feature: "New", fix: "Fixed" } as const;
type Kind = keyof typeof headings;

export interface Change {
  readonly file: string;
  readonly kind: Kind;
  /** The packages without their scope: "server", "client". */
  readonly packages: readonly string[];
  /** What it means to whoever upgrades: one sentence, or a few. */
  readonly text: string;
}

/** @throws TypeError naming the file that is not written as changes/README.md says */
export function readChanges(folder: string, packageNames: readonly string[]): readonly Change[] {
  const files = readdirSync(folder).filter((name) => name.endsWith(".md") && name !== "README.md");
  return files.toSorted().map((name) => {
    const file = join(folder, name);
    const parts = /^(\w+): (.+)\n\n([^]+\S)\s*$/.exec(readFileSync(file, "utf8"));
    const [, kind = "", list = "", text = ""] = parts ?? [];
    if (!isKind(kind)) {
      throw new TypeError(
        `${file}: the first line must be "breaking: ", "feature: " or "fix: " and packages, then an empty line and a sentence`,
      );
    }
    const packages = list.split(", ");
    const unknown = packages.filter((item) => !packageNames.includes(item));
    if (unknown.length > 0) throw new TypeError(`${file}: there is no package ${unknown.join(", ")}`);
    return { file, kind, packages, text: text.replaceAll(/\s*\n\s*/g, " ") };
  });
}

function isKind(text: string): text is Kind {
  return Object.hasOwn(headings, text);
}

/** The version after `version`. Before 1.0.0 a breaking change raises the middle number and all else the last. */
export function nextVersion(version: string, changes: readonly Change[]): string {
  const parts = /^(\d+)\.(\d+)\.(\d+)$/.exec(version);
  if (parts === null) throw new TypeError(`"${version}" is not a version of the form 1.2.3`);
  const [major, minor, patch] = [Number(parts[1]), Number(parts[2]), Number(parts[3])] as const;
  const has = (kind: Kind): boolean => changes.some((change) => change.kind === kind);
  const isBeforeOne = major === 0;
  if (has("breaking") && !isBeforeOne) return `${major + 1}.0.0`;
  if (has("breaking") || (has("feature") && !isBeforeOne)) return `${major}.${minor + 1}.0`;
  return `${major}.${minor}.${patch + 1}`;
}

/** The section of the changelog for one version. `date` is the day in ISO 8601. */
export function changelogSection(version: string, date: string, changes: readonly Change[]): string {
  const sections = Object.entries(headings).flatMap(([kind, heading]) => {
    const items = changes.filter((change) => change.kind === kind);
    if (items.length === 0) return [];
    return [
      `### ${heading}\n\n${items.map(({ packages, text }) => wrapped(`**${packages.join(", ")}**: ${text}`)).join("\n")}`,
    ];
  });
  return `## ${version}, ${date}\n\n${sections.join("\n\n")}\n`;
}

/** A list item in lines of at most 120 columns. */
function wrapped(text: string): string {
  const lines = ["-"];
  for (const word of text.split(" ")) {
    const last = lines.at(-1) ?? "";
    if (last.length + 1 + word.length > 120) lines.push(`  ${word}`);
    else lines[lines.length - 1] = `${last} ${word}`;
  }
  return lines.join("\n");
}
