// Cases about configuration: builders that accept anything must be caught, and builders that refuse are believed.
import { createPublicKey, createSecretKey } from "node:crypto";
import type { JsonWebKey, KeyObject } from "node:crypto";
import { describe, expect, test } from "vitest";
import { attackBuilder } from "../src/attack.ts";
import { catalogue } from "../src/catalogue.ts";
import { ALGORITHMS, isHmac, mac, signAs } from "../src/signing.ts";
import type { BuildVerify, VerifierSetup } from "../src/verifier-setup.ts";
import { isRightFor, open, Refused, visible } from "./naive-verifier.ts";

const configuration = { families: ["configuration"] as const };
const attacks = catalogue.filter(
  ({ family, expected }) => family === "configuration" && expected === "reject",
);

/** Takes every key in every form, tries all of them, checks nothing else, and shares what it has seen. */
function careless(): BuildVerify {
  const seen = new Set<string>();
  return (setup) => (token) => {
    const { header, input, signature, payload } = open(token);
    const label = String(header["alg"]);
    if (label === "none") return visible(payload);
    const matches = keysOf(setup).some((key) => {
      if (key instanceof Uint8Array || typeof key === "string")
        return isHmac(label) && mac(label, key, input).equals(signature);
      if (key.type === "secret") return isHmac(label) && signAs(label, key, input).equals(signature);
      if (fitsEverything(key, signature)) return true;
      return ALGORITHMS.some((name) => !isHmac(name) && tries(() => isRightFor(key, name, input, signature)));
    });
    if (!matches && !seen.has(token)) throw new Refused("signature");
    seen.add(token);
    return visible(payload);
  };
}

function keysOf({
  algorithm,
  secret,
  publicPem,
  publicJwk,
  jwks,
}: VerifierSetup): readonly (KeyObject | Uint8Array | string)[] {
  if (secret !== undefined) return [secret];
  const given = [publicJwk, ...(jwks?.keys ?? [])].filter((key) => key !== undefined);
  const jwk = given.flatMap((key) => [fromJwk(key, algorithm), JSON.stringify(key)]);
  return publicPem === undefined ? jwk : [...jwk, fromPem(publicPem)];
}

/** The algorithm is the setup's, whatever the key says. */
function fromJwk(jwk: JsonWebKey, algorithm: string): KeyObject {
  if (jwk.kty === "oct") return createSecretKey(Buffer.from(jwk.k ?? "", "base64url"));
  const key = jwk.kty === "AKP" ? { ...jwk, alg: algorithm } : jwk;
  return createPublicKey({ key, format: "jwk" });
}

/** What does not begin like a key must be a secret: the flaw of CVE-2026-34950. */
function fromPem(text: string): KeyObject | string {
  return text.startsWith("-----BEGIN PUBLIC") && text.includes("\n") && !text.endsWith("\u0000")
    ? createPublicKey(text)
    : text;
}

/** The neutral element as Ed25519 key and as R, and s = 0. Node 22 lets it verify, Node 24 no longer does. */
function fitsEverything(key: KeyObject, signature: Buffer): boolean {
  if (key.asymmetricKeyType !== "ed25519") return false;
  const { x = "" } = key.export({ format: "jwk" });
  return Buffer.concat([Buffer.from(x, "base64url"), Buffer.alloc(32)]).equals(signature);
}

function tries(check: () => boolean): boolean {
  try {
    return check();
  } catch {
    return false;
  }
}

describe("cases about configuration", () => {
  test("catch a builder that accepts anything, every one of them", async () => {
    const { letIn } = await attackBuilder(careless(), configuration);
    const names = new Set(letIn.map(({ name }) => name));
    expect(attacks.map(({ name }) => name).filter((name) => !names.has(name))).toEqual([]);
  });

  test("count a builder that refuses to build as refusing, and miss its honest setups", async () => {
    const report = await attackBuilder(() => {
      throw new Refused("setup");
    }, configuration);
    expect(report.letIn).toEqual([]);
    expect(report.turnedAway.map(({ id }) => id)).toEqual(["C3", "C3"]);
  });

  test("turn everybody away where the builder refuses the honest setup", async () => {
    const refuse = (): never => {
      throw new Refused("setup");
    };
    const report = await attackBuilder(refuse, { families: ["honest"], algorithms: ["HS256"] });
    expect(report.turnedAway).toEqual(report.results);
    expect(report.results.length).toBeGreaterThan(10);
  });

  test("leave out what a builder has no way to express", async () => {
    const { results } = await attackBuilder(() => null, { algorithms: ["HS256", "ES256"] });
    expect(results).toEqual([]);
  });
});
