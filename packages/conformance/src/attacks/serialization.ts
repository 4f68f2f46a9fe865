// Family "serialization": texts that are almost a compact token.
import { constants, createCipheriv, publicEncrypt, randomBytes } from "node:crypto";
import { NOT_POSABLE, refusedBy } from "../attack-case.ts";
import type { Placed, TokenCase } from "../attack-case.ts";
import { compact, partsOf, segment } from "../forge.ts";
import { encodingAttacks } from "./encoding.ts";
import { valueAttacks } from "./values.ts";

const forgesTwins = "a token with two texts, past a list of revoked ones";
const compactForm = "RFC 7515 §7.1, RFC 7519 §7.2";

/** Fewer or more than three parts. */
const SHAPES: readonly (readonly [
  name: string,
  text: (parts: readonly string[], honest: string) => string,
])[] = [
  ["the empty string", () => ""],
  ["dots only", () => ".."],
  ["header alone", ([header]) => header ?? ""],
  ["a dot after the honest token", (_parts, honest) => `${honest}.`],
  ["a dot before the honest token", (_parts, honest) => `.${honest}`],
  ["a fourth part", (_parts, honest) => `${honest}.e30`],
  ["a fourth and a fifth part", (_parts, honest) => `${honest}.e30.e30`],
  ["the honest token twice", (_parts, honest) => `${honest}.${honest}`],
  ["two tokens with a comma between", (_parts, honest) => `${honest},${honest}`],
  ["two tokens with a space between", (_parts, honest) => `${honest} ${honest}`],
  ["header empty", ([, payload, signature]) => `.${payload}.${signature}`],
  ["payload empty", ([header, , signature]) => `${header}..${signature}`],
  ["the scheme before the honest token", (_parts, honest) => `Bearer ${honest}`],
  ["the honest token in quotes", (_parts, honest) => `"${honest}"`],
];

const shapes: readonly TokenCase[] = [
  ...SHAPES.map(([name, text]): TokenCase => ({
    kind: "token",
    id: "E1",
    name,
    forges: forgesTwins,
    source: compactForm,
    power: "token",
    token: ({ honest }) => text(partsOf(honest), honest),
  })),
  {
    kind: "token",
    id: "E1",
    name: "payload empty, properly signed",
    forges: "a token without a single claim",
    source: compactForm,
    power: "signing-key",
    token: (forge) => forge.signedSegments(segment(forge.header), ""),
  },
  {
    kind: "token",
    id: "E1",
    name: "header empty, properly signed",
    forges: "a token that names no algorithm",
    source: compactForm,
    power: "signing-key",
    token: (forge) => forge.signedSegments("", segment(forge.claims)),
  },
];

const otherForms: readonly TokenCase[] = [
  {
    kind: "token",
    id: "E2",
    name: "five parts, an unsigned token encrypted to the public key",
    forges: "any identity: whoever can encrypt is believed",
    source: "CVE-2026-29000; RFC 8725 §2.3, §3.3",
    power: "public-key",
    suits: ({ publicKeys }) => publicKeys[0]?.object.asymmetricKeyType === "rsa",
    token: (forge) => {
      const key = forge.publicKeys[0]?.object;
      if (key === undefined) return NOT_POSABLE;
      const contentKey = randomBytes(32);
      const padding = constants.RSA_PKCS1_OAEP_PADDING;
      const wrapped = publicEncrypt({ key, padding, oaepHash: "sha1" }, contentKey);
      const header = { alg: "RSA-OAEP", enc: "A256GCM", cty: "JWT", kid: forge.header["kid"] };
      return encrypted(header, wrapped, contentKey, compact({ alg: "none" }, forge.raised));
    },
  },
  {
    kind: "token",
    id: "E2",
    name: "five parts, encrypted under a key of the attacker's",
    forges: "any identity, where decryption counts as proof",
    source: "CVE-2026-29000; RFC 8725 §2.3, §3.3",
    power: "token",
    token: (forge) =>
      encrypted(
        { alg: "dir", enc: "A256GCM" },
        Buffer.alloc(0),
        Buffer.alloc(32),
        JSON.stringify(forge.raised),
      ),
  },
  {
    kind: "token",
    id: "E3",
    name: "the honest token in flattened JSON serialization",
    forges: "a token with two texts",
    source: "RFC 7519 §1 (compact only), RFC 7515 §7.2.2",
    power: "token",
    token: ({ honest }) => {
      const [header, payload, signature] = partsOf(honest);
      return JSON.stringify({ protected: header, payload, signature });
    },
  },
  {
    kind: "token",
    id: "E3",
    name: "the honest token in general JSON serialization",
    forges: "a token with two texts",
    source: "RFC 7519 §1 (compact only), RFC 7515 §7.2.1",
    power: "token",
    token: ({ honest }) => {
      const [header, payload, signature] = partsOf(honest);
      return JSON.stringify({ payload, signatures: [{ protected: header, signature }] });
    },
  },
  {
    kind: "token",
    id: "E3",
    name: "JSON to one reader and a raised token to the other",
    forges: "any identity: one half checks the honest token, the other reads the forged one",
    source: "CVE-2022-39227; RFC 7519 §7.2",
    power: "token",
    token: (forge) => {
      const [header, payload, signature] = partsOf(forge.honest);
      const forged = `  ${segment(forge.header)}.${segment(forge.raised)}.`;
      return JSON.stringify({ [forged]: "", protected: header, payload, signature });
    },
  },
];

/** JWE compact serialization with A256GCM (RFC 7516 §7.1, RFC 7518 §5.3). */
function encrypted(header: object, wrappedKey: Uint8Array, key: Uint8Array, content: string): string {
  const first = segment(JSON.stringify(header));
  const nonce = randomBytes(12);
  const cipher = createCipheriv("aes-256-gcm", key, nonce).setAAD(Buffer.from(first));
  const body = Buffer.concat([cipher.update(content), cipher.final()]);
  return [first, ...[wrappedKey, nonce, body, cipher.getAuthTag()].map(segment)].join(".");
}

const size: readonly TokenCase[] = [
  {
    kind: "token",
    id: "E12",
    name: "a million dots",
    forges: "a process that is busy splitting",
    source: "CVE-2025-30204, CVE-2025-27144",
    power: "token",
    token: () => ".".repeat(1_000_000),
  },
  {
    kind: "token",
    id: "E12",
    name: "a megabyte of signature",
    forges: "a process that is busy decoding",
    source: "CVE-2025-30204",
    power: "token",
    token: ({ honest }) => `${honest}${"A".repeat(1_000_000)}`,
  },
  {
    kind: "token",
    id: "E12",
    name: "a megabyte of claims, properly signed",
    forges: "memory and time, before anything is known about the sender",
    source: "CVE-2025-30204",
    policy: "maxTokenLength is 8192 characters",
    power: "signing-key",
    token: (forge) => forge.signed(forge.header, { ...forge.claims, note: "x".repeat(1_000_000) }),
  },
  {
    kind: "token",
    id: "E12",
    name: "a header of 64 KiB, properly signed",
    forges: "memory and time, before anything is known about the sender",
    source: "CVE-2025-61920",
    policy: "maxTokenLength is 8192 characters",
    power: "signing-key",
    token: (forge) => forge.signed({ ...forge.header, note: "x".repeat(65_536) }, forge.claims),
  },
];

export const serializationAttacks: readonly (TokenCase & Placed)[] = refusedBy("serialization", [
  ...shapes,
  ...otherForms,
  ...encodingAttacks,
  ...valueAttacks,
  ...size,
]);
