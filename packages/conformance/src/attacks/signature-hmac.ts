// Signatures that only an HMAC verifier can get wrong.
import type { TokenCase } from "../attack-case.ts";
import { compact, segment } from "../forge.ts";
import { hashOf, isHmac, signAs } from "../signing.ts";
import { createHash } from "node:crypto";
import { resigned } from "./resigned.ts";

export const hmacSignatures: readonly TokenCase[] = [
  {
    kind: "token",
    id: "S8",
    name: "MAC cut to 16 bytes",
    forges: "any identity, with 2^128 times less guessing",
    source: "RFC 7518 §3.2",
    power: "token",
    suits: ({ algorithm }) => isHmac(algorithm),
    token: (forge) => resigned(forge, (bytes) => bytes.subarray(0, 16)),
  },
  {
    kind: "token",
    id: "S8",
    name: "MAC of HS512 cut to 32 bytes, labelled HS256",
    forges: "a token of another algorithm",
    source: "RFC 7518 §3.2",
    power: "signing-key",
    suits: ({ algorithm }) => algorithm === "HS256",
    token: (forge) => {
      const input = `${segment(forge.header)}.${segment(forge.claims)}`;
      const { signingKey } = forge;
      const long = signingKey === undefined ? Buffer.alloc(64) : signAs("HS512", signingKey, input);
      return compact(forge.header, forge.claims, long.subarray(0, 32));
    },
  },
  {
    kind: "token",
    id: "S1",
    name: "plain hash in the place of the MAC",
    forges: "any identity: a hash needs no key",
    source: "RFC 7518 §3.2",
    power: "token",
    suits: ({ algorithm }) => isHmac(algorithm),
    token: (forge) => {
      const input = `${segment(forge.header)}.${segment(forge.raised)}`;
      return `${input}.${createHash(hashOf(forge.algorithm)).update(input).digest("base64url")}`;
    },
  },
];
