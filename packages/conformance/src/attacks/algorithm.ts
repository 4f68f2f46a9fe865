// Family "algorithm": who decides how a signature is checked, the verifier or the token?
import { sign } from "node:crypto";
import type { KeyObject } from "node:crypto";
import { NOT_POSABLE, refusedBy } from "../attack-case.ts";
import type { Placed, TokenCase } from "../attack-case.ts";
import { compact, partsOf, selfSigned, without } from "../forge.ts";
import type { Forge } from "../forge.ts";
import { isHmac, mac, signAs } from "../signing.ts";
import { publicKeyTexts } from "./public-key-texts.ts";
import type { KeyText } from "./public-key-texts.ts";

const NONE_SPELLINGS: readonly (readonly [label: string, alg: string])[] = [
  ["None", "None"],
  ["NONE", "NONE"],
  ["nOnE", "nOnE"],
  ["none with a space after it", "none "],
  ["none with a space before it", " none"],
  ["none with a NUL after it", "none\u0000"],
  ["none with a Cyrillic о", "n\u043ene"],
  ["none with a zero-width space", "no\u200bne"],
  ["none in full-width letters", "\uff4e\uff4f\uff4e\uff45"],
];

const unsigned: readonly TokenCase[] = [
  {
    kind: "token",
    id: "A1",
    name: "alg none, empty signature",
    forges: "any identity, with nothing at hand",
    source: "CVE-2015-9235, CVE-2022-23540; RFC 7518 §3.6, RFC 8725 §3.2",
    power: "token",
    token: (forge) => compact({ ...forge.header, alg: "none" }, forge.raised),
  },
  ...NONE_SPELLINGS.map(([label, alg]): TokenCase => ({
    kind: "token",
    id: "A2",
    name: `alg ${label}, empty signature`,
    forges: "any identity, past a list of forbidden names",
    source: "RFC 7515 §4.1.1 (case-sensitive), RFC 8725 §3.1",
    power: "token",
    token: (forge) => compact({ ...forge.header, alg }, forge.raised),
  })),
  {
    kind: "token",
    id: "A3",
    name: "alg none with the honest signature",
    forges: "any identity, past a check that some signature is there",
    source: "CVE-2022-23540; RFC 7518 §3.6",
    power: "token",
    token: (forge) => compact({ ...forge.header, alg: "none" }, forge.raised, partsOf(forge.honest)[2]),
  },
  {
    kind: "token",
    id: "A3",
    name: "alg none, properly signed with the key",
    forges: "a downgrade that a later reader takes at its word",
    source: "GHSA-8wpc-h4q6-8fxv; RFC 7518 §3.6 (the signature must be empty)",
    power: "signing-key",
    token: (forge) => forge.signed({ ...forge.header, alg: "none" }, forge.raised),
  },
];

const confusion: readonly TokenCase[] = [
  ...publicKeyTexts.map((text) => confused("HS256", text)),
  ...publicKeyTexts
    .filter(({ id }) => id === "A4")
    .flatMap((pem) => [confused("HS384", pem), confused("HS512", pem)]),
];

function confused(alg: string, { id, form, source, of }: KeyText): TokenCase {
  return {
    kind: "token",
    id,
    name: `public key (${form}) as the ${alg} secret`,
    forges: "any identity, with a key that everybody may read",
    source,
    power: "public-key",
    suits: (forge) => forge.publicKeys.some((key) => of(key) !== undefined),
    token: (forge) => {
      const [key] = forge.publicKeys;
      const secret = key === undefined ? undefined : of(key);
      if (secret === undefined) return NOT_POSABLE;
      return selfSigned({ ...forge.header, alg }, forge.raised, (input) => mac(alg, secret, input));
    },
  };
}

/** Names that no verifier of three-part tokens should act upon. */
const FOREIGN_NAMES = ["XX256", "HS1", "ES256K", "RSA-OAEP", "dir", "A128KW", "A256GCM"] as const;

/** Values that a loose comparison takes for the right name. */
const NOT_NAMES: readonly (readonly [label: string, alg: (right: string) => unknown])[] = [
  ["a number", () => 256],
  ["an array with the right name", (right) => [right]],
  ["an object", (right) => ({ name: right })],
  ["null", () => null],
  ["true", () => true],
];

const unknown: readonly TokenCase[] = [
  ...["", "XX256", "HS257", "__proto__", "constructor", "toString"].map((alg): TokenCase => ({
    kind: "token",
    id: alg.startsWith("_") || /^[ct]o/.test(alg) ? "A10" : "A9",
    name: `unknown alg ${JSON.stringify(alg)}, empty signature`,
    forges: "any identity, where an unknown name skips the check",
    source: "CVE-2026-23993; RFC 7515 §5.2 step 5",
    power: "token",
    token: (forge) => compact({ ...forge.header, alg }, forge.raised),
  })),
  ...FOREIGN_NAMES.map((alg): TokenCase => ({
    kind: "token",
    id: "A13",
    name: `foreign alg ${alg} over an honest signature`,
    forges: "a token whose algorithm nobody checked",
    source: "RFC 7515 §5.2 step 5, RFC 8725 §3.1",
    power: "signing-key",
    token: (forge) => forge.signed({ ...forge.header, alg }, forge.claims),
  })),
  {
    kind: "token",
    id: "A10",
    name: "alg missing",
    forges: "a token whose algorithm the verifier guessed",
    source: "RFC 7515 §4.1.1 (MUST be present)",
    power: "signing-key",
    token: (forge) => forge.signed(without(forge.header, "alg"), forge.claims),
  },
  ...NOT_NAMES.map(([label, alg]): TokenCase => ({
    kind: "token",
    id: "A10",
    name: `alg is ${label}`,
    forges: "a token whose algorithm was coerced into a name",
    source: "RFC 7515 §4.1.1 (a string)",
    power: "signing-key",
    token: (forge) => forge.signed({ ...forge.header, alg: alg(forge.algorithm) }, forge.claims),
  })),
];

/** The same key under another algorithm of its own type. */
const neighbours: readonly TokenCase[] = [
  ...["HS256", "HS384", "HS512", "RS256", "RS384", "RS512", "PS256", "PS384", "PS512"].map(
    (alg): TokenCase => ({
      kind: "token",
      id: "A11",
      name: `the same key used as ${alg}, and labelled so`,
      forges: "a token under an algorithm that this key is not for",
      source: "CVE-2026-48523; RFC 8725 §3.1 (one key, one algorithm)",
      power: "signing-key",
      suits: ({ algorithm }) => algorithm !== alg && sameKeyType(algorithm, alg),
      token: (forge) =>
        selfSigned({ ...forge.header, alg }, forge.claims, (input) => signAs(alg, keyOf(forge), input)),
    }),
  ),
  {
    kind: "token",
    id: "A8",
    name: "honest label, signature of the neighbouring algorithm",
    forges: "a token checked by another rule than its header says",
    source: "CVE-2026-48523; RFC 8725 §3.1",
    power: "signing-key",
    suits: ({ algorithm }) => neighbourOf(algorithm) !== undefined,
    token: (forge) => {
      const neighbour = neighbourOf(forge.algorithm);
      if (neighbour === undefined) return NOT_POSABLE;
      return selfSigned(forge.header, forge.claims, (input) => signAs(neighbour, keyOf(forge), input));
    },
  },
  ...[
    ["in lower case", (alg: string) => alg.toLowerCase()] as const,
    ["with a space after it", (alg: string) => `${alg} `] as const,
    ["with a NUL after it", (alg: string) => `${alg}\u0000`] as const,
  ].map(([label, spell]): TokenCase => ({
    kind: "token",
    id: "A2",
    name: `the right alg ${label}`,
    forges: "a token whose algorithm two readers name differently",
    source: "RFC 7515 §4.1.1 (case-sensitive)",
    power: "signing-key",
    token: (forge) => forge.signed({ ...forge.header, alg: spell(forge.algorithm) }, forge.claims),
  })),
  {
    kind: "token",
    id: "A12",
    name: "Ed25519 signature labelled Ed448",
    forges: "a token whose curve nobody checked",
    source: "RFC 9864 §2.2",
    power: "signing-key",
    suits: ({ algorithm }) => algorithm.startsWith("Ed"),
    token: (forge) => forge.signed({ ...forge.header, alg: "Ed448" }, forge.claims),
  },
  {
    kind: "token",
    id: "A14",
    name: "ML-DSA signature labelled with another parameter set",
    forges: "a token whose strength nobody checked",
    source: "RFC 9964 (alg belongs to the key)",
    power: "signing-key",
    suits: isMlDsa,
    token: (forge) =>
      forge.signed(
        { ...forge.header, alg: forge.algorithm === "ML-DSA-65" ? "ML-DSA-87" : "ML-DSA-65" },
        forge.claims,
      ),
  },
  {
    kind: "token",
    id: "A14",
    name: "ML-DSA signature with a context string",
    forges: "a signature that was made for another protocol",
    source: "RFC 9964 (the context is empty)",
    power: "signing-key",
    suits: isMlDsa,
    token: (forge) =>
      selfSigned(forge.header, forge.claims, (input) =>
        sign(null, Buffer.from(input), { key: keyOf(forge), context: Buffer.from("other") }),
      ),
  },
];

function keyOf({ signingKey }: Forge): KeyObject {
  if (signingKey === undefined) throw new TypeError("This case needs the signing key");
  return signingKey;
}

function isMlDsa({ algorithm }: Forge): boolean {
  return algorithm.startsWith("ML-DSA");
}

/** RS and PS share their keys; HS stays among itself; ECDSA changes the curve with the hash. */
function sameKeyType(one: string, other: string): boolean {
  return isHmac(one) ? isHmac(other) : /^[RP]S/.test(one) && /^[RP]S/.test(other);
}

function neighbourOf(algorithm: string): string | undefined {
  if (isHmac(algorithm)) return algorithm === "HS512" ? "HS256" : "HS512";
  if (algorithm.startsWith("RS")) return algorithm.replace("RS", "PS");
  if (algorithm.startsWith("PS")) return algorithm.replace("PS", "RS");
  return undefined;
}

export const algorithmAttacks: readonly (TokenCase & Placed)[] = refusedBy("algorithm", [
  ...unsigned,
  ...confusion,
  ...unknown,
  ...neighbours,
]);
