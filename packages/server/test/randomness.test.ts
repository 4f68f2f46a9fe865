// What the linter does not see: named imports, and how many bytes are asked for.
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { newRequestId, systemRandomBytes } from "../src/randomness.ts";

const packages = join(import.meta.dirname, "../..");
const sources = globSync("{server,token}/src/**/*.ts", { cwd: packages }).map((path) => ({
  path,
  text: readFileSync(join(packages, path), "utf8"),
}));

/** Names that open nothing: of files that exist for a moment, of a revocation log. */
const shortNames = [
  { path: "server/src/backup/whole-file.ts", bytes: 6 },
  { path: "server/src/keys/master-key-file.ts", bytes: 8 },
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

test("TI-06: bytes drawn in advance are given once, at the length asked for", () => {
  const seen = new Set<string>();
  let bytes = 0;
  for (let round = 0; round < 20_000; round += 1) {
    const length = [16, 9, 32, 64, 65, 12][round % 6] ?? 16;
    const given = systemRandomBytes(length);
    expect(given.length).toBe(length);
    bytes += length;
    // Whoever changes theirs changes nobody else's.
    seen.add(Buffer.from(given).toString("hex"));
    given.fill(0);
  }
  expect(seen.size).toBe(20_000);
  expect([...seen].join("").length).toBe(2 * bytes);
  // No run of zeros that erased bytes would leave: 64 bits of them come by chance once in 10^13 such tests.
  expect([...seen].filter((hex) => hex.includes("0".repeat(17)))).toEqual([]);
});

test("requests have names of 72 bits, of which no two are alike", () => {
  const names = Array.from({ length: 20_000 }, () => newRequestId());
  expect(new Set(names).size).toBe(20_000);
  expect(names.filter((name) => !/^[\w-]{12}$/.test(name))).toEqual([]);
});
