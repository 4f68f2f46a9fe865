/** The suites in a runtime that runs as a process: Node, Bun, Deno. Prints the report as one line of JSON. */
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import type * as engine from "../../src/index.ts";
import { createVerifier, keySet, secretKey } from "../../src/index.ts";
import { runSuites } from "./run-suites.ts";

const [, , vectors = "", builtPackage = ""] = process.argv;

const report = await runSuites(
  existsSync(vectors) ? (path) => JSON.parse(readFileSync(`${vectors}/${path}`, "utf8")) : undefined,
);

/** What is published must load as it is, without a bundler or a compiler. */
const built = (await import(builtPackage)) as typeof engine;
const bytes = new Uint8Array(32);
const sign = built.createSigner({ key: built.secretKey("HS256", bytes), type: null, lifetimeSeconds: 60 });
const verify = createVerifier({
  keys: keySet([secretKey("HS256", bytes)]),
  type: null,
  issuer: null,
  audience: null,
});
assert.equal(verify(sign({ sub: "42" })).sub, "42");

process.stdout.write(`${JSON.stringify(report)}\n`);
