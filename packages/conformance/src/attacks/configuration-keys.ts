// Keys from which no verifier should ever be built.
import { createSecretKey, generateKeyPairSync, hash } from "node:crypto";
import type { SetupCase } from "../attack-case.ts";
import { compact, selfSigned } from "../forge.ts";
import { forgeFrom, makeKeys, secretJwk } from "../keys.ts";
import { mac, signAs } from "../signing.ts";
import type { Profile } from "../verifier-setup.ts";
import { hmacChallenge, jwkOf, keyChallenge, setupCase, withKey } from "./challenge.ts";
import type { Challenge } from "./challenge.ts";
import { certificateTexts, publicKeyTexts } from "./public-key-texts.ts";

/** The one that the best-known debugger for tokens shows. */
const LONG_EXAMPLE = "a-string-secret-at-least-256-bits-long";

const weak: readonly SetupCase[] = [
  ...(
    [
      ["HS256", 0, "K5", "any identity: everybody knows the empty secret", "CVE-2026-44351, CVE-2026-45363"],
      ["HS256", 6, "K6", "any identity, after guessing a word", "RFC 8725 §3.5"],
      ["HS256", 31, "K6", "any identity, sooner than the algorithm promises", "RFC 8725 §3.5"],
      ["HS384", 47, "K6", "any identity, sooner than the algorithm promises", "RFC 8725 §3.5"],
      ["HS512", 32, "K6", "any identity, sooner than the algorithm promises", "RFC 8725 §3.5"],
    ] as const
  ).map(([algorithm, size, id, forges, source]) =>
    setupCase(
      { id, name: `${algorithm} with a secret of ${size} bytes`, forges, source: `${source}; RFC 7518 §3.2` },
      algorithm,
      (profile) => hmacChallenge(algorithm, Buffer.alloc(size, "secret"), profile),
    ),
  ),
  setupCase(
    {
      id: "K6",
      name: "HS256 with the secret of a well-known example, long enough",
      forges: "any identity, where the example's secret went live",
      source: "RFC 8725 §3.5",
      policy: "a published secret is none",
    },
    "HS256",
    (profile) => hmacChallenge("HS256", Buffer.from(LONG_EXAMPLE), profile),
  ),
  setupCase(
    {
      id: "A3",
      name: "HS256 with a secret of 0 bytes, alg none",
      forges: "any identity, where no key means no check",
      source: "GHSA-8wpc-h4q6-8fxv; RFC 7518 §3.6",
    },
    "HS256",
    (profile) => {
      const { setup } = hmacChallenge("HS256", Buffer.alloc(0), profile);
      const { header, raised } = forgeFrom(makeKeys("HS256", profile));
      return { setup, token: compact({ ...header, alg: "none" }, raised) };
    },
  ),
  setupCase(
    {
      id: "K5",
      name: "HS256 with an empty secret in a JWK Set",
      forges: "any identity: everybody knows the empty secret",
      source: "CVE-2026-44351; RFC 7518 §3.2",
    },
    "HS256",
    (profile) => {
      const keys = makeKeys("HS256", { ...profile, signingKey: createSecretKey(Buffer.alloc(0)) });
      const jwks = { keys: [secretJwk("HS256", Buffer.alloc(0), keys.setup.kid)] };
      return { setup: withKey(keys, { jwks }), token: forgeFrom(keys).honest };
    },
  ),
  ...[...publicKeyTexts, ...certificateTexts]
    .filter(({ form }) => /^(?:PEM|PEM after a newline|DER|OpenSSH|JWK$|JWK Set|certificate)/.test(form))
    .map(({ id, form, of }) =>
      setupCase(
        {
          id,
          name: `HS256 with a public key (${form}) as its secret`,
          forges: "any identity, with a key that everybody may read",
          source: "CVE-2022-23541, GHSA-g3jj-5cmm-3hxx; RFC 8725 §3.1",
          policy: "a secret is not a published key",
        },
        "HS256",
        (profile) => {
          const [key] = forgeFrom(makeKeys("RS256", profile)).publicKeys;
          const text = key === undefined ? undefined : of(key);
          return hmacChallenge("HS256", Buffer.from(text ?? ""), profile);
        },
      ),
    ),
  ...publicKeyTexts
    .filter(({ form }) => /^PEM (?:after|before|in one line)/.test(form))
    .map(({ id, form, source, of }) =>
      setupCase(
        {
          id,
          name: `RS256 with its public key as ${form}, and that text as the HS256 secret`,
          forges: "any identity, where the key no longer looks like one",
          source,
        },
        "RS256",
        (profile) => {
          const keys = makeKeys("RS256", profile);
          const { header, raised, publicKeys } = forgeFrom(keys);
          const publicPem = publicKeys.map(of).join("");
          const token = selfSigned({ ...header, alg: "HS256" }, raised, (input) =>
            mac("HS256", publicPem, input),
          );
          return { setup: withKey(keys, { publicPem }), token };
        },
      ),
    ),
];

const unfit: readonly SetupCase[] = [
  ...[512, 1024].map((modulusLength) =>
    setupCase(
      {
        id: "K7",
        name: `RS256 with an RSA key of ${modulusLength} bits`,
        forges: "any identity, after factoring",
        source: "RFC 7518 §3.3 (2048 bits or more)",
      },
      "RS256",
      (profile) => keyChallenge("RS256", generateKeyPairSync("rsa", { modulusLength }).privateKey, profile),
    ),
  ),
  setupCase(
    {
      id: "K7",
      name: "RS256 with a public exponent of 1",
      forges: "any identity: every padded hash is its own signature",
      source: "RFC 8017 §3.1 (3 <= e)",
    },
    "RS256",
    (profile) => exponentOne(profile),
  ),
  ...(
    [
      ["ES256", "P-384"],
      ["ES256", "secp256k1"],
      ["ES384", "P-256"],
      ["ES512", "P-256"],
    ] as const
  ).map(([algorithm, namedCurve]) =>
    setupCase(
      {
        id: "K8",
        name: `${algorithm} with a key on ${namedCurve}`,
        forges: "a token of another strength than the algorithm says",
        source: "CVE-2022-23539; RFC 7518 §3.4 (one curve each)",
      },
      algorithm,
      (profile) => keyChallenge(algorithm, generateKeyPairSync("ec", { namedCurve }).privateKey, profile),
    ),
  ),
  setupCase(
    {
      id: "K8",
      name: "RS256 with an elliptic-curve key",
      forges: "a token of another algorithm than the setup says",
      source: "CVE-2022-23539; RFC 8725 §3.1",
    },
    "RS256",
    (profile) => relabelled("RS256", "ES256", profile),
  ),
  setupCase(
    {
      id: "A12",
      name: "Ed25519 with an Ed448 key",
      forges: "a token of another algorithm than the setup says",
      source: "RFC 9864 §2.2",
    },
    "Ed25519",
    (profile) => keyChallenge("Ed25519", generateKeyPairSync("ed448").privateKey, profile),
  ),
  setupCase(
    {
      id: "K9",
      name: "ES256 with a coordinate one byte too long",
      forges: "a key with two texts, and two thumbprints",
      source: "RFC 7518 §6.2.1.2 (full size)",
    },
    "ES256",
    (profile) => {
      const keys = makeKeys("ES256", profile);
      const x = Buffer.concat([Buffer.alloc(1), Buffer.from(keys.setup.publicJwk?.x ?? "", "base64url")]);
      const publicJwk = jwkOf(keys, { x: x.toString("base64url") });
      return {
        setup: withKey(keys, { publicJwk, jwks: { keys: [publicJwk] } }),
        token: forgeFrom(keys).honest,
      };
    },
  ),
];

/** A key for which the signature block itself is the signature: `s^1 mod n` is `s`. */
function exponentOne(profile: Profile): Challenge {
  const keys = makeKeys("RS256", profile);
  const publicJwk = jwkOf(keys, { e: "AQ" });
  const digestInfo = Buffer.from("3031300d060960864801650304020105000420", "hex");
  const { header, raised } = forgeFrom(keys);
  const token = selfSigned(header, raised, (input) => {
    const tail = Buffer.concat([Buffer.alloc(1), digestInfo, hash("sha256", input, "buffer")]);
    const size = Buffer.from(publicJwk.n ?? "", "base64url").length;
    return Buffer.concat([Buffer.from([0, 1]), Buffer.alloc(size - tail.length - 2, 0xff), tail]);
  });
  return { setup: withKey(keys, { publicJwk, jwks: { keys: [publicJwk] } }), token };
}

/** Keys and signatures of one algorithm under the name of another. */
function relabelled(label: string, real: string, profile: Profile): Challenge {
  const keys = makeKeys(real, profile);
  const { publicPem = "" } = keys.setup;
  const publicJwk = jwkOf(keys, { alg: label });
  const { header, raised } = forgeFrom(keys);
  const token = selfSigned({ ...header, alg: label }, raised, (input) =>
    signAs(real, keys.signingKey, input),
  );
  return { setup: { ...withKey(keys, { publicPem, publicJwk }), algorithm: label }, token };
}

export const keyConfigurations: readonly SetupCase[] = [...weak, ...unfit];
