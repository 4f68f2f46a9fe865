// Every public type has a type-level test: the name of each type and class that a package exports stands in a types.test.ts of it.
import { globSync, readFileSync } from "node:fs";

interface Manifest {
  readonly exports?: Readonly<Record<string, { readonly "@countersign/source": string }>>;
}

/** The types and classes that a module exports: `export type { A, B }`, `export { f, type A, B }`, `export interface A`. */
function exportedTypes(file: string): readonly string[] {
  const text = readFileSync(file, "utf8");
  const lists = [...text.matchAll(/^export (?:type )?\{([^}]*)\}/gm)].flatMap(([, list = ""]) =>
    list.split(","),
  );
  const names = lists.map((item) => /(\w+)$/.exec(item.replace(/^\s*type /, "").trim())?.[1] ?? "");
  const declared = [...text.matchAll(/^export (?:interface|type|class) (\w+)/gm)].map(
    ([, name = ""]) => name,
  );
  return [...names, ...declared].filter((name) => /^[A-Z]/.test(name));
}

const untested = globSync("packages/*/package.json").flatMap((manifestFile) => {
  const folder = manifestFile.slice(0, -"package.json".length);
  // A program alone has none.
  const { exports = {} } = JSON.parse(readFileSync(manifestFile, "utf8")) as Manifest;
  const tests = globSync(`${folder}test/**/types.test.ts`)
    .map((file) => readFileSync(file, "utf8"))
    .join("\n");
  return Object.entries(exports).flatMap(([path, { "@countersign/source": source }]) =>
    exportedTypes(folder + source)
      // In an assertion, not only in the imports.
      .filter((name) => (tests.match(new RegExp(`\\b${name}\\b`, "g")) ?? []).length < 2)
      .map((name) => `${folder}${path === "." ? "" : path}: ${name}`),
  );
});

if (untested.length > 0) {
  process.stderr.write(`Public types without a type-level test:\n${untested.join("\n")}\n`);
  process.exitCode = 1;
}
