// Documents: every link within the repository leads somewhere, and lines of prose have 120 columns at most.
import { existsSync, globSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";

const written = [
  ...globSync("*.md"),
  ...globSync("{docs,changes,.github}/**/*.md"),
  ...globSync("docs/llms.txt"),
];
const others = globSync("{packages,examples}/*/{README.md,docs/*.md}").concat(globSync("bench/*.md"));
/** Generated. */
const unwrapped: ReadonlySet<string> = new Set(["docs/reference/settings.md", "docs/reference/errors.md"]);
const problems: string[] = [];

/** A page without its code blocks, line by line; lines of code are empty. */
function proseOf(file: string): readonly string[] {
  let isCode = false;
  return readFileSync(file, "utf8")
    .split("\n")
    .map((line) => {
      const isFence = /^\s*(?:```|~~~)/.test(line);
      if (isFence) isCode = !isCode;
      return isCode || isFence ? "" : line;
    });
}

/** The anchors that a page's headings get: lower case, without punctuation, hyphens for spaces, numbered when repeated. */
function anchorsOf(file: string): ReadonlySet<string> {
  const seen = new Map<string, number>();
  return new Set(
    proseOf(file)
      .filter((line) => /^#{1,6} /.test(line))
      .map((line) => {
        const text = line.replace(/^#+ /, "").replaceAll(/\[([^\]]*)\]\([^)]*\)/g, "$1");
        const slug = text
          .toLowerCase()
          .replaceAll(/[^\p{L}\p{N}\p{M}_\- ]/gu, "")
          .replaceAll(" ", "-");
        const times = seen.get(slug) ?? 0;
        seen.set(slug, times + 1);
        return times === 0 ? slug : `${slug}-${times}`;
      }),
  );
}

for (const file of [...written, ...others]) {
  for (const [index, line] of proseOf(file).entries()) {
    const place = `${file}:${index + 1}`;
    const cannotWrap = line.startsWith("|") || line.startsWith("`npm run bench:");
    if (line.length > 120 && !cannotWrap && written.includes(file) && !unwrapped.has(file)) {
      problems.push(`${place}: ${line.length} columns; wrap at 120`);
    }
    for (const [, target = ""] of line.replaceAll(/`[^`]*`/g, "").matchAll(/\]\(([^)\s]+)\)/g)) {
      if (/^[a-z]+:/.test(target)) continue;
      const [path = "", anchor] = target.split("#");
      const page = path === "" ? file : join(dirname(file), path);
      if (!existsSync(page)) problems.push(`${place}: there is no ${target}`);
      else if (anchor !== undefined && page.endsWith(".md") && !anchorsOf(page).has(anchor)) {
        problems.push(`${place}: ${page} has no heading for #${anchor}`);
      }
    }
  }
}

if (problems.length > 0) {
  process.stderr.write(`${problems.join("\n")}\n`);
  process.exitCode = 1;
}
