// Way one: the function form, its verdicts and its report.
import { describe, expect, test } from "vitest";
import { attack } from "../src/attack.ts";
import { catalogue } from "../src/catalogue.ts";
import { makeKeys } from "../src/keys.ts";
import { secretKey, createVerifier, keySet } from "@countersign/token";
import type { AttackResult } from "../src/report/attack-report.ts";
import { open, Refused } from "./naive-verifier.ts";

const quick = { families: ["honest", "signature"] as const };

describe("attack", () => {
  test("finds nothing in a strict verifier, and tells of every case as it goes", async () => {
    const keys = makeKeys("HS256");
    const { secret = new Uint8Array(), issuer, audience, type, kid } = keys.setup;
    const verify = createVerifier({
      keys: keySet([secretKey("HS256", secret, { kid })]),
      issuer,
      audience,
      type,
    });
    const told: AttackResult[] = [];
    const report = await attack(verify, keys, { onResult: (result) => told.push(result) });
    expect(report.letIn).toEqual([]);
    expect(report.turnedAway).toEqual([]);
    expect(told).toEqual(report.results);
    expect(new Set(told.map(({ family }) => family)).size).toBe(9);
  });

  test("misses the honest tokens in a verifier that refuses everything", async () => {
    const report = await attack(() => {
      throw new Refused("everything");
    }, makeKeys("ES256"));
    const controls = catalogue.filter(
      ({ kind, expected }) => kind !== "setup" && kind !== "request" && expected === "accept",
    );
    expect(report.letIn).toEqual([]);
    expect(report.turnedAway.map(({ name }) => name)).toEqual(controls.map(({ name }) => name));
  });

  test.each([
    ["false", () => false],
    ["null", () => null],
    ["undefined", () => undefined],
    ["a promise of false", async () => Promise.resolve(false)],
    ["a rejection", async () => Promise.reject(new Refused("no"))],
  ])("takes %s for a refusal", async (_name, verify) => {
    const { letIn } = await attack(verify, makeKeys("HS256"), quick);
    expect(letIn).toEqual([]);
  });

  test.each([
    ["claims", (token: string) => open(token).payload],
    ["true", () => true],
    ["an empty object", () => ({})],
    ["a promise of claims", async () => Promise.resolve({ sub: "1" })],
  ])("takes %s for an acceptance", async (_name, verify) => {
    const { turnedAway, letIn } = await attack(verify, makeKeys("HS256"), quick);
    expect(turnedAway).toEqual([]);
    expect(letIn).not.toEqual([]);
  });

  test("remarks on raw built-in errors", async () => {
    const { results } = await attack(
      (token) => (token as unknown as { missing: string }).missing.length,
      makeKeys("HS256"),
      quick,
    );
    expect(results[0]?.remark).toBe("raw TypeError");
  });

  test("attacks a verifier whose keys, issuer and claims are already there", async () => {
    const signingKey = makeKeys("RS256").signingKey;
    const profile = { issuer: "https://id.example", audience: "posts", type: null };
    const keys = makeKeys("RS256", { signingKey, kid: "2026", claims: { tenant: "t1" }, ...profile });
    expect(keys.setup).toMatchObject({ ...profile, kid: "2026", algorithm: "RS256" });
    const seen: unknown[] = [];
    await attack((token) => seen.push(open(token)), keys, { families: ["honest"] });
    expect(seen[0]).toMatchObject({
      header: { alg: "RS256", kid: "2026" },
      payload: { tenant: "t1", iss: "https://id.example", aud: "posts" },
    });
  });

  test("leaves time for whatever else lives in the process between two cases", async () => {
    const keys = makeKeys("HS256");
    let turns = 0;
    const clock = setInterval(() => turns++, 0);
    const verify = (token: string): unknown => {
      // As long as a check may take.
      const until = performance.now() + 2;
      while (performance.now() < until);
      return open(token).payload;
    };
    const { results } = await attack(verify, keys, quick);
    clearInterval(clock);
    expect(turns).toBeGreaterThan(results.length / 2);
  });

  test("refuses an algorithm that it does not know", () => {
    expect(() => makeKeys("none")).toThrow(TypeError);
  });
});
