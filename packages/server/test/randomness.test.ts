// What the linter does not see: named imports, and how many bytes are asked for.
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

const packages = join(import.meta.dirname, "../..");
const sources = globSync("{server,token}/src/**/*.ts", { cwd: packages }).map((path) => ({
  path,
  text: readFileSync(join(packages, path), "utf8"),
}));

/** Names that open nothing: of files that exist for a moment, of a request in the log, of a revocation log. */
const shortNames = [
  { path: "server/src/backup/whole-file.ts", bytes: 6 },
  { path: "server/src/keys/master-key-file.ts", bytes: 8 },
  { path: "server/src/randomness.ts", bytes: 9 },
  { path: "server/src/randomness.ts", bytes: 9 },
];

test("TI-06: nothing random comes from anywhere but crypto.randomBytes and getRandomValues", () => {
  expect(sources.length).toBeGreaterThan(80);
  const guessable = /Math\.random|\brandomUUID|\brandomInt\b|pseudoRandom|\brandomFill/;
  expect(sources.filter(({ text }) => guessable.test(text)).map(({ path }) => path)).toEqual([]);
});

test("TI-06: whatever is to be secret or unique has 128 bits at least", () => {
  const asked = sources.flatMap(({ path, text }) =>
    [...text.matchAll(/\brandom(?:Bytes)?\((\d+)\)/g)].map(([, bytes]) => ({ path, bytes: Number(bytes) })),
  );
  // The ids of signing keys, those of accounts, sessions and access tokens (`newId`), and the salt of nobody's hash.
  expect(
    asked
      .filter(({ bytes }) => bytes === 16)
      .map(({ path }) => path)
      .toSorted(),
  ).toEqual(["server/src/passwords/hashing.ts", "server/src/randomness.ts", "token/src/key-generation.ts"]);
  const short = asked.filter(({ bytes }) => bytes < 16);
  expect(short.toSorted((a, b) => a.path.localeCompare(b.path))).toEqual(shortNames);
});
