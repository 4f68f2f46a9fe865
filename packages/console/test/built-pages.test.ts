// What the build makes: small, and nothing in it that the policy would refuse.
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { buildPages } from "./console-server.ts";

const kilobyte = 1000;
const firstPageLimit = 60 * kilobyte;
const otherPageLimit = 20 * kilobyte;

let folder: string;
/** The text of each script, by its name. */
const scripts = new Map<string, string>();
let document: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "countersign-pages-"));
  await buildPages(folder);
  document = await readFile(join(folder, "index.html"), "utf8");
  for (const name of await readdir(join(folder, "assets"))) {
    if (name.endsWith(".js")) scripts.set(name, await readFile(join(folder, "assets", name), "utf8"));
  }
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** A script and all that it imports at once, as their names. */
function withImports(name: string, known: Set<string> = new Set()): Set<string> {
  if (known.has(name)) return known;
  known.add(name);
  const text = scripts.get(name) ?? "";
  for (const [, imported = ""] of text.matchAll(/(?:from|import)\s*"\.\/([\w.-]+\.js)"/g))
    withImports(imported, known);
  return known;
}

function gzippedSize(names: Iterable<string>): number {
  return [...names].reduce((sum, name) => sum + gzipSync(scripts.get(name) ?? "", { level: 9 }).length, 0);
}

function firstPage(): Set<string> {
  const [, entry = ""] = /<script type="module"[^>]* src="\.\/assets\/([^"]+)"/.exec(document) ?? [];
  const names = withImports(entry);
  // The larger language; one of them comes along with every first page.
  const languages = [...scripts.keys()].filter((name) => /^(?:en|de)-/.test(name));
  const largest = languages.toSorted((one, other) => gzippedSize([other]) - gzippedSize([one]))[0] ?? "";
  return withImports(largest, names);
}

describe("the built pages", () => {
  test("the first page has less than 60 kB of script, gzipped", () => {
    const size = gzippedSize(firstPage());
    expect(size).toBeGreaterThan(10 * kilobyte);
    expect(size).toBeLessThan(firstPageLimit);
  });

  test("every other page adds less than 20 kB", () => {
    const first = firstPage();
    const pages = [...scripts.keys()].filter((name) => /-page-/.test(name));
    expect(pages.length).toBeGreaterThanOrEqual(5);
    for (const page of pages) {
      const added = [...withImports(page)].filter((name) => !first.has(name));
      expect(gzippedSize(added), page).toBeLessThan(otherPageLimit);
    }
  });

  test("the document has no inline script, style or handler, and names no other host", () => {
    expect(document).not.toMatch(/<style|style=|\son\w+=|javascript:/i);
    expect(document.match(/<script/g)).toHaveLength(1);
    expect(document).not.toMatch(/<script[^>]*>[^<]/);
    expect(document).not.toMatch(/https?:/);
  });

  test("no script evaluates text", () => {
    for (const [name, text] of scripts) expect(text, name).not.toMatch(/\beval\(|new Function\(/);
  });
});
