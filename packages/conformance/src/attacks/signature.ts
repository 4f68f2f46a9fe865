// Family "signature": bytes in the place of the signature that are not this signature.
import { refusedBy } from "../attack-case.ts";
import type { Placed, TokenCase } from "../attack-case.ts";
import { compact, partsOf, segment } from "../forge.ts";
import { resigned, signatureOf } from "./resigned.ts";
import { hmacSignatures } from "./signature-hmac.ts";
import { curveSignatures } from "./signature-curves.ts";
import { rsaSignatures } from "./signature-rsa.ts";

const replaced: readonly TokenCase[] = [
  {
    kind: "token",
    id: "S1",
    name: "payload changed to an administrator's, signature kept",
    forges: "any identity",
    source: "RFC 7515 §5.2 step 8",
    power: "token",
    token: (forge) => {
      const [header, , signature] = partsOf(forge.honest);
      return `${header}.${segment(forge.raised)}.${signature}`;
    },
  },
  {
    kind: "token",
    id: "S1",
    name: "header changed, signature kept",
    forges: "a token of another kind",
    source: "RFC 7515 §5.2 step 8",
    power: "token",
    token: (forge) => {
      const [, payload, signature] = partsOf(forge.honest);
      return `${segment({ ...forge.header, x: 1 })}.${payload}.${signature}`;
    },
  },
  {
    kind: "token",
    id: "S1",
    name: "signature empty",
    forges: "any identity, where no signature is no objection",
    source: "CVE-2020-28042; RFC 7515 §5.2 step 8",
    power: "token",
    token: (forge) => compact(forge.header, forge.raised),
  },
  {
    kind: "token",
    id: "S1",
    name: "signature and its dot left out",
    forges: "any identity, where no signature is no objection",
    source: "CVE-2020-28042; RFC 7515 §7.1",
    power: "token",
    token: (forge) => `${segment(forge.header)}.${segment(forge.raised)}`,
  },
  {
    kind: "token",
    id: "S1",
    name: "signature of zero bytes, right length",
    forges: "any identity, where a failed computation compares equal",
    source: "CVE-2020-28042",
    power: "token",
    token: (forge) => compact(forge.header, forge.raised, Buffer.alloc(signatureOf(forge).length)),
  },
  {
    kind: "token",
    id: "S1",
    name: "signature of one zero byte",
    forges: "any identity, where the shorter length decides the comparison",
    source: "CVE-2020-28042",
    power: "token",
    token: (forge) => compact(forge.header, forge.raised, Buffer.alloc(1)),
  },
  ...(
    [
      ["first", () => 0],
      ["middle", (bytes: Buffer) => bytes.length >> 1],
      ["last", (bytes: Buffer) => bytes.length - 1],
    ] as const
  ).map(([label, at]): TokenCase => ({
    kind: "token",
    id: "S1",
    name: `one bit changed in the ${label} byte of the signature`,
    forges: "any identity, as far as the comparison does not reach",
    source: "RFC 7515 §5.2 step 8",
    power: "token",
    token: (forge) =>
      resigned(forge, (bytes) => {
        const place = at(bytes);
        bytes[place] = (bytes[place] ?? 0) ^ 0x10;
        return bytes;
      }),
  })),
  {
    kind: "token",
    id: "S8",
    name: "signature cut to half",
    forges: "any identity, with half the guessing or less",
    source: "RFC 7518 §3 (each algorithm has one length)",
    power: "token",
    token: (forge) => resigned(forge, (bytes) => bytes.subarray(0, bytes.length >> 1)),
  },
  {
    kind: "token",
    id: "S8",
    name: "signature one byte short",
    forges: "a token with two texts",
    source: "RFC 7518 §3",
    power: "token",
    token: (forge) => resigned(forge, (bytes) => bytes.subarray(0, -1)),
  },
  {
    kind: "token",
    id: "S8",
    name: "signature with a zero byte after it",
    forges: "a token with two texts, past a list of revoked ones",
    source: "RFC 7518 §3",
    power: "token",
    token: (forge) => resigned(forge, (bytes) => Buffer.concat([bytes, Buffer.alloc(1)])),
  },
  {
    kind: "token",
    id: "S8",
    name: "signature with a zero byte before it",
    forges: "a token with two texts, past a list of revoked ones",
    source: "RFC 7518 §3",
    power: "token",
    token: (forge) => resigned(forge, (bytes) => Buffer.concat([Buffer.alloc(1), bytes])),
  },
  {
    kind: "token",
    id: "S8",
    name: "signature as hexadecimal text",
    forges: "a token with two texts",
    source: "RFC 7515 §2",
    power: "token",
    token: (forge) => resigned(forge, (bytes) => Buffer.from(bytes.toString("hex"))),
  },
  {
    kind: "token",
    id: "S1",
    name: "signature over the decoded content",
    forges: "a token from a signer who follows another rule",
    source: "RFC 7515 §5.1 step 5 (over the encoded text)",
    power: "signing-key",
    token: (forge) => {
      const content = `${JSON.stringify(forge.header)}.${JSON.stringify(forge.claims)}`;
      return compact(forge.header, forge.claims, forge.sign(content));
    },
  },
  {
    kind: "token",
    id: "S1",
    name: "signature over the payload alone",
    forges: "a token whose header anybody may change",
    source: "RFC 7515 §5.1 step 5",
    power: "signing-key",
    token: (forge) => compact(forge.header, forge.claims, forge.sign(segment(forge.claims))),
  },
];

export const signatureAttacks: readonly (TokenCase & Placed)[] = refusedBy("signature", [
  ...replaced,
  ...hmacSignatures,
  ...curveSignatures,
  ...rsaSignatures,
]);
