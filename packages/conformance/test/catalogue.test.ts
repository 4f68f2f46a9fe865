// Is every case of the catalogue what it says? A verifier with the right flaw must let it in.
import { describe, expect, test } from "vitest";
import { attack } from "../src/attack.ts";
import { catalogue } from "../src/catalogue.ts";
import { makeKeys } from "../src/keys.ts";
import type { Flaw } from "./flaw.ts";
import { claimFlaws, headerFlaws, stateFlaws } from "./flaws-about-claims.ts";
import { algorithmFlaws, keyFlaws } from "./flaws-about-keys.ts";
import { signatureFlaws } from "./flaws-about-signatures.ts";
import { jsonFlaws, serializationFlaws } from "./flaws-about-text.ts";

const flaws = [
  ...algorithmFlaws,
  ...keyFlaws,
  ...signatureFlaws,
  ...serializationFlaws,
  ...jsonFlaws,
  ...headerFlaws,
  ...claimFlaws,
];

const seen = new Set<string>();

async function letInBy({ build, family, algorithms = ["HS256"] }: Flaw): Promise<readonly string[]> {
  const keyring = algorithms.map((algorithm) => makeKeys(algorithm));
  // The type that is expected elsewhere is a foreign one here.
  if (family === "headers") keyring.push(makeKeys("HS256", { type: "JWT" }));
  const reports = await Promise.all(keyring.map((keys) => attack(build(keys), keys, { families: [family] })));
  const letIn = reports.flatMap((report) => report.letIn);
  for (const { name } of letIn) seen.add(`${family}: ${name}`);
  return letIn.map(({ id }) => id);
}

describe("the catalogue catches a verifier that", () => {
  test.each(flaws)("$name", async (flaw) => {
    expect(await letInBy(flaw)).toEqual(expect.arrayContaining([...flaw.ids]));
  });
});

// Side by side, because these wait for the clock.
describe.concurrent("the catalogue catches a verifier that", () => {
  test.each(stateFlaws)("$name", async (flaw) => {
    expect(await letInBy(flaw)).toEqual(expect.arrayContaining([...flaw.ids]));
  });
});

describe("the catalogue", () => {
  test("names every case once", () => {
    const names = catalogue.map(({ family, name }) => `${family}: ${name}`);
    expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
  });

  test("says of every case what it forges, and where that has happened or is forbidden", () => {
    for (const { id, name, forges, source } of catalogue) {
      expect(id).toMatch(/^(?:OK|[AKSEJHCV]\d{1,2})$/);
      expect(forges, name).not.toBe("");
      expect(source, name).toMatch(/\b(?:RFC|CVE|CWE|GHSA|FIPS)\b/);
    }
  });

  test("has no attack that no flaw lets in", () => {
    const posable = catalogue.filter(
      ({ kind, expected }) => (kind === "token" || kind === "scenario") && expected === "reject",
    );
    const missed = posable.map(({ family, name }) => `${family}: ${name}`).filter((name) => !seen.has(name));
    expect(missed).toEqual([]);
  });
});
