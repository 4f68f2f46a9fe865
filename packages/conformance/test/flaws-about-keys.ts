// Verifiers that let the token choose its algorithm or its key.
import { createPublicKey, createSecretKey, verify, X509Certificate } from "node:crypto";
import type { JsonWebKey, KeyObject } from "node:crypto";
import { publicKeyTexts } from "../src/attacks/public-key-texts.ts";
import { WELL_KNOWN_SECRETS } from "../src/attacks/well-known-secrets.ts";
import { forgeFrom } from "../src/keys.ts";
import { ALGORITHMS, isHmac, mac, signAs } from "../src/signing.ts";
import { or } from "./flaw.ts";
import type { Flaw } from "./flaw.ts";
import { isRight, isRightFor, naive, open, Refused, visible } from "./naive-verifier.ts";
import type { Opened } from "./naive-verifier.ts";

function hmacMatches(secret: Uint8Array | string, { header, input, signature }: Opened): boolean {
  const alg = String(header["alg"]);
  return isHmac(alg) && ALGORITHMS.includes(alg) && mac(alg, secret, input).equals(signature);
}

/** Whether the key verifies the token; a JWK may hold a secret. */
function keyMatches(key: KeyObject, { header, input, signature }: Opened): boolean {
  const alg = String(header["alg"]);
  if (!isHmac(alg)) return isRightFor(key, alg, input, signature);
  return key.type === "secret" && signAs(alg, key, input).equals(signature);
}

function keyFrom(jwk: JsonWebKey): KeyObject {
  return jwk.kty === "oct"
    ? createSecretKey(Buffer.from(jwk.k ?? "", "base64url"))
    : createPublicKey({ key: jwk, format: "jwk" });
}

function certificateKey(base64: string): KeyObject {
  return new X509Certificate(Buffer.from(base64, "base64")).publicKey;
}

export const algorithmFlaws: readonly Flaw[] = [
  {
    name: "believes in alg none, however it is spelt",
    family: "algorithm",
    ids: ["A1", "A2", "A3"],
    build: (keys) =>
      or(keys, ({ header }) => {
        const spelt = String(header["alg"]).normalize("NFKC").toLowerCase().replace("\u043e", "o");
        return spelt.replaceAll(/[^a-z]/g, "") === "none";
      }),
  },
  {
    name: "takes the public key's text for a secret when the header says HMAC",
    algorithms: ["RS256", "ES256"],
    family: "algorithm",
    ids: ["A4", "A5", "A6"],
    build: (keys) => {
      const texts = forgeFrom(keys).publicKeys.flatMap((key) => publicKeyTexts.map(({ of }) => of(key)));
      return or(keys, (opened) => texts.some((text) => text !== undefined && hmacMatches(text, opened)));
    },
  },
  {
    name: "skips the check for algorithms that it does not know",
    family: "algorithm",
    ids: ["A9", "A10", "A13"],
    build: (keys) => or(keys, ({ header }) => !ALGORITHMS.includes(String(header["alg"]))),
  },
  {
    name: "never looks at alg",
    algorithms: ["HS256", "Ed25519", "ML-DSA-44"],
    family: "algorithm",
    ids: ["A2", "A3", "A10", "A13"],
    build: (keys) => (token) => naive(keys, token),
  },
  {
    name: "lets a key be used with every algorithm of its type",
    algorithms: ["HS256", "HS512", "RS256", "PS256"],
    family: "algorithm",
    ids: ["A8", "A11"],
    build: (keys) => {
      const type = isHmac(keys.setup.algorithm) ? /^HS/ : /^[RP]S/;
      const names = type.test(keys.setup.algorithm) ? ALGORITHMS.filter((name) => type.test(name)) : [];
      return or(keys, ({ input, signature }) => names.some((name) => isRight(keys, input, signature, name)));
    },
  },
  {
    name: "accepts ML-DSA signatures from other contexts",
    algorithms: ["ML-DSA-44"],
    family: "algorithm",
    ids: ["A14"],
    build: (keys) =>
      or(keys, ({ input, signature }) => {
        if (!keys.setup.algorithm.startsWith("ML-DSA")) return false;
        const key = createPublicKey(keys.signingKey);
        return verify(null, Buffer.from(input), { key, context: Buffer.from("other") }, signature);
      }),
  },
];

/** What a look-up by kid returns in a house with a file system, a database and a shell. */
const LOOK_UPS: readonly (readonly [kid: RegExp, secret: string])[] = [
  [/dev\/null/, ""],
  [/randomize_va_space/, "2\n"],
  [/UNION SELECT 'attacker'/, "attacker"],
  [/echo attacker/, "attacker\n"],
  [/^data:,/, "attacker"],
  [/^__proto__$/, "[object Object]"],
  [/^constructor$/, String(Object)],
  [/^no-such-key$/, String(undefined)],
];

export const keyFlaws: readonly Flaw[] = [
  {
    name: "believes the key that the token brings",
    algorithms: ["HS256", "ES256"],
    family: "keys",
    ids: ["K1"],
    build: (keys) =>
      or(keys, (opened) => {
        const { jwk, x5c } = opened.header;
        if (jwk !== undefined) return keyMatches(keyFrom(jwk as JsonWebKey), opened);
        return Array.isArray(x5c) && keyMatches(certificateKey(String(x5c[0])), opened);
      }),
  },
  {
    name: "fetches the key that the token points to",
    algorithms: ["HS256", "ES256"],
    family: "keys",
    ids: ["K2"],
    build: (keys) => async (token) => {
      const opened = open(token);
      const { jku, x5u } = opened.header;
      if (typeof jku === "string") {
        const set = (await (await fetch(jku)).json()) as { keys: JsonWebKey[] };
        if (set.keys.some((jwk) => keyMatches(keyFrom(jwk), opened))) return opened.payload;
      }
      if (typeof x5u === "string") {
        if (keyMatches(certificateKey(await (await fetch(x5u)).text()), opened)) return opened.payload;
      }
      return naive(keys, token);
    },
  },
  {
    name: "looks the secret up by kid, wherever that leads",
    family: "keys",
    ids: ["K3"],
    build: (keys) =>
      or(keys, (opened) => {
        const found = LOOK_UPS.find(([kid]) => kid.test(String(opened.header["kid"])));
        return found !== undefined && hmacMatches(found[1], opened);
      }),
  },
  {
    name: "takes a missing secret for an empty one",
    family: "keys",
    ids: ["K5"],
    build: (keys) => or(keys, (opened) => hmacMatches("", opened)),
  },
  {
    name: "never looks at the type of kid",
    family: "keys",
    ids: ["K4"],
    build: (keys) => (token) => naive(keys, token),
  },
  {
    name: "went live with the secret of the example",
    family: "keys",
    ids: ["K6"],
    build: (keys) => {
      const secret = WELL_KNOWN_SECRETS.at(-1) ?? "";
      return or(keys, (opened) => hmacMatches(secret, opened));
    },
  },
  {
    name: "measures the signature instead of checking it",
    family: "keys",
    ids: ["K1", "K3", "K5"],
    build: (keys) => {
      const size = open(forgeFrom(keys).honest).signature.length;
      return or(keys, ({ signature }) => signature.length === size);
    },
  },
  {
    name: "decodes instead of verifying",
    algorithms: ["HS256", "RS256", "PS256", "ES256", "Ed25519"],
    family: "signature",
    ids: ["S1", "S8"],
    build: () => (token) => {
      if (token.split(".").length > 3) throw new Refused("shape");
      return visible(open(token).payload);
    },
  },
];
