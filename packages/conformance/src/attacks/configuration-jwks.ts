// JWKs and JWK Sets that say one thing and are used for another.
import { randomBytes } from "node:crypto";
import type { JsonWebKey } from "node:crypto";
import type { SetupCase } from "../attack-case.ts";
import { selfSigned, without } from "../forge.ts";
import { judge } from "../judgement.ts";
import { forgeFrom, makeKeys, secretJwk } from "../keys.ts";
import type { AttackKeys } from "../keys.ts";
import { mac, signAs } from "../signing.ts";
import { jwkOf, setupCase, verdictOf, withKey } from "./challenge.ts";
import type { SetupFacts } from "./challenge.ts";

/** JWK members that say the key is for something else. */
const OTHER_PURPOSES: readonly (readonly [name: string, id: string, more: JsonWebKey, source: string])[] = [
  ["use enc", "K10", { use: "enc" }, "RFC 7517 §4.2"],
  ["key_ops encrypt alone", "K10", { key_ops: ["encrypt"] }, "RFC 7517 §4.3"],
  ["key_ops sign alone", "K10", { key_ops: ["sign"] }, "RFC 7517 §4.3"],
  ["use sig and key_ops encrypt", "K10", { use: "sig", key_ops: ["encrypt"] }, "RFC 7517 §4.3 (consistent)"],
  ["key_ops verify twice", "K10", { key_ops: ["verify", "verify"] }, "RFC 7517 §4.3 (no duplicates)"],
  ["alg of another algorithm", "A8", { alg: "ES384" }, "CVE-2026-48523; RFC 7517 §4.4"],
  ["alg of the wrong hash", "A8", { alg: "ES512" }, "CVE-2026-48523; RFC 7517 §4.4"],
];

export const jwkConfigurations: readonly SetupCase[] = [
  ...OTHER_PURPOSES.flatMap(([name, id, more, source]) =>
    (["JWK", "JWK Set"] as const).map((form) =>
      setupCase(
        {
          id,
          name: `ES256 with a ${form} that says ${name}`,
          forges: "a token under a key that is for something else",
          source,
        },
        "ES256",
        (profile) => {
          const keys = makeKeys("ES256", profile);
          const publicJwk = jwkOf(keys, more);
          if ("key_ops" in more && !("use" in more)) delete publicJwk["use"];
          const forms = form === "JWK" ? { publicJwk } : { jwks: { keys: [publicJwk] } };
          return { setup: withKey(keys, forms), token: forgeFrom(keys).honest };
        },
      ),
    ),
  ),
  ...["RS512", "PS256", "HS256"].flatMap((label) =>
    (["JWK", "JWK Set"] as const).map((form) => unlabelled(label, form)),
  ),
  ...(["no alg", "alg of another parameter set"] as const).map((name) =>
    setupCase(
      {
        id: "A14",
        name: `ML-DSA-44 with a JWK that says ${name}`,
        forges: "a token whose strength nobody checked",
        source: "RFC 9964 §3 (alg is required)",
      },
      "ML-DSA-44",
      (profile) => {
        const keys = makeKeys("ML-DSA-44", profile);
        const publicJwk = jwkOf(keys, { alg: "ML-DSA-65" });
        if (name === "no alg") delete publicJwk["alg"];
        return {
          setup: withKey(keys, { publicJwk, jwks: { keys: [publicJwk] } }),
          token: forgeFrom(keys).honest,
        };
      },
    ),
  ),
  setPosed(
    {
      id: "K11",
      name: "a JWK Set with private members",
      forges: "any identity: whoever can check can sign",
      source: "RFC 7517 §9.2",
      policy: "the set describes verification keys, so a private one has leaked",
    },
    (keys) => [{ ...keys.signingKey.export({ format: "jwk" }), kid: keys.setup.kid, alg: "ES256" }],
  ),
  {
    kind: "setup",
    algorithm: "ES256",
    id: "K12",
    name: "a JWK Set with a secret beside the public key",
    forges: "any identity, with a secret that is served to everybody",
    source: "RFC 7517 §9.2, RFC 8725 §3.1",
    policy: "the setup's algorithm is ES256 alone",
    play: async (build, profile) => {
      const keys = makeKeys("ES256", profile);
      const secret = randomBytes(32);
      const set = [jwkOf(keys), secretJwk("HS256", secret, "shared")];
      const { header, raised } = forgeFrom(keys);
      const token = selfSigned({ ...header, alg: "HS256", kid: "shared" }, raised, (input) =>
        mac("HS256", secret, input),
      );
      return verdictOf(build, withKey(keys, { jwks: { keys: set } }), (verify) => judge(verify, token));
    },
  },
  setPosed(
    {
      id: "K13",
      name: "two different keys of one kid in a JWK Set",
      forges: "a token under a key that was replaced",
      source: "RFC 7517 §4.5 (distinct ids)",
    },
    (keys) => [jwkOf(makeKeys("ES256")), jwkOf(keys)],
  ),
  setupCase(
    {
      id: "K13",
      name: "no kid in the token, two keys in the JWK Set",
      forges: "a token under whichever key happens to fit",
      source: "RFC 7515 §4.1.4, Appendix D",
      policy: "a token names its key where there are several",
    },
    "ES256",
    (profile) => {
      const keys = makeKeys("ES256", profile);
      const { header, claims } = forgeFrom(keys);
      const set = [jwkOf(makeKeys("ES256"), { kid: "another" }), jwkOf(keys)];
      const token = selfSigned(without(header, "kid"), claims, (input) =>
        signAs("ES256", keys.signingKey, input),
      );
      return { setup: withKey(keys, { jwks: { keys: set } }), token };
    },
  ),
  setPosed(
    {
      id: "K4",
      name: "a kid that the JWK Set does not have, the only key's signature",
      forges: "a token under a key that was taken back",
      source: "RFC 7515 §4.1.4, RFC 7517 §4.5",
      policy: "the set decides by kid",
    },
    (keys) => [jwkOf(keys, { kid: "another" })],
  ),
  {
    kind: "setup",
    algorithm: "ES256",
    id: "K20",
    name: "a JWK that is changed after the verifier was built",
    forges: "any identity, by way of a shared object",
    source: "CWE-367",
    play: async (build, profile) => {
      const keys = makeKeys("ES256", profile);
      const attacker = makeKeys("ES256", profile);
      const publicJwk = jwkOf(keys);
      return verdictOf(build, withKey(keys, { publicJwk }), (verify) => {
        Object.assign(publicJwk, attacker.setup.publicJwk);
        return judge(verify, forgeFrom(attacker).honest);
      });
    },
  },
];

/** A key that does not say what it is for, and a token that says it in its place. */
function unlabelled(label: string, form: "JWK" | "JWK Set"): SetupCase {
  return setupCase(
    {
      id: "A7",
      name: `RS256 with a ${form} that says no alg, token labelled ${label}`,
      forges: "any identity, where the token chooses the algorithm",
      source: "CVE-2026-22817, CVE-2026-22818; RFC 8725 §3.1",
    },
    "RS256",
    (profile) => {
      const keys = makeKeys("RS256", profile);
      const publicJwk = jwkOf(keys);
      delete publicJwk["alg"];
      const forms = form === "JWK" ? { publicJwk } : { jwks: { keys: [publicJwk] } };
      const { header, raised } = forgeFrom(keys);
      const token = selfSigned({ ...header, alg: label }, raised, (input) =>
        label === "HS256"
          ? mac(label, JSON.stringify(publicJwk), input)
          : signAs(label, keys.signingKey, input),
      );
      return { setup: withKey(keys, forms), token };
    },
  );
}

function setPosed(facts: SetupFacts, set: (keys: AttackKeys) => readonly JsonWebKey[]): SetupCase {
  return setupCase(facts, "ES256", (profile) => {
    const keys = makeKeys("ES256", profile);
    return { setup: withKey(keys, { jwks: { keys: set(keys) } }), token: forgeFrom(keys).honest };
  });
}
