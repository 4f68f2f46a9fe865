// Signatures that only an RSA verifier can get wrong: lengths, paddings and salts.
import { constants, createHash, createPublicKey, privateEncrypt } from "node:crypto";
import { NOT_POSABLE } from "../attack-case.ts";
import type { TokenCase } from "../attack-case.ts";
import { der } from "../certificate.ts";
import { compact, segment, selfSigned } from "../forge.ts";
import type { Forge } from "../forge.ts";
import { hashOf, signPss } from "../signing.ts";
import { resigned } from "./resigned.ts";

const isRsa = ({ algorithm }: Forge): boolean => /^[RP]S/.test(algorithm);
const isPkcs1 = ({ algorithm }: Forge): boolean => algorithm.startsWith("RS");
const isPss = ({ algorithm }: Forge): boolean => algorithm.startsWith("PS");

/** Object identifiers of the hashes (RFC 8017 §9.2 note 1), by JWS suffix. */
const HASH_OIDS: Readonly<Record<string, string>> = {
  "256": "608648016503040201",
  "384": "608648016503040202",
  "512": "608648016503040203",
};

const HASH_NULL = Buffer.from("0500", "hex");

const length: readonly TokenCase[] = [
  {
    kind: "token",
    id: "S5",
    name: "RSA signature with the modulus added",
    forges: "a token with two texts, past a list of revoked ones",
    source: "RFC 8017 §5.2.2 step 1 (s < n)",
    power: "public-key",
    suits: (forge) => isRsa(forge) && forge.publicKeys.length > 0,
    token: (forge) => {
      const modulus = forge.publicKeys[0]?.jwk.n;
      if (modulus === undefined) return NOT_POSABLE;
      return resigned(forge, (bytes) => {
        const sum = numberOf(bytes) + numberOf(Buffer.from(modulus, "base64url"));
        return Buffer.from(sum.toString(16).padStart(bytes.length * 2 + 2, "0"), "hex");
      });
    },
  },
  {
    kind: "token",
    id: "S5",
    name: "RSA signature without its leading zero byte",
    forges: "a token with two texts",
    source: "RFC 8017 §8.1.2, §8.2.2 step 1 (length k)",
    power: "signing-key",
    suits: isRsa,
    token: (forge) => {
      for (let draw = 0; draw < 8192; draw++) {
        const input = `${segment(forge.header)}.${segment({ ...forge.claims, draw })}`;
        const signature = forge.sign(input);
        if (signature[0] === 0) return `${input}.${segment(signature.subarray(1))}`;
      }
      return NOT_POSABLE;
    },
  },
];

interface EncodedMessage {
  readonly name: string;
  readonly source: string;
  readonly encode: (digest: Buffer, suffix: string) => Buffer;
}

/** Contents of a PKCS #1 v1.5 block that a parser accepts, and a comparison does not. */
const LOOSE_BLOCKS: readonly EncodedMessage[] = [
  {
    name: "PKCS #1 block with the bare hash, no DigestInfo",
    source: "RFC 8017 §9.2",
    encode: (digest) => digest,
  },
  {
    name: "PKCS #1 block whose hash algorithm lacks its NULL",
    source: "RFC 8017 §9.2 note 1, §8.2.2 step 4 (compare, do not parse)",
    encode: (digest, suffix) => der(0x30, der(0x30, oid(suffix)), der(0x04, digest)),
  },
  {
    name: "PKCS #1 block with a BER long-form length",
    source: "RFC 8017 §8.2.2 step 4",
    encode: (digest, suffix) => {
      const body = Buffer.concat([der(0x30, oid(suffix), HASH_NULL), der(0x04, digest)]);
      return Buffer.concat([Buffer.from([0x30, 0x81, body.length]), body]);
    },
  },
  {
    name: "PKCS #1 block with the object identifier of another hash",
    source: "RFC 8017 §9.2",
    encode: (digest, suffix) => digestInfo(digest, suffix === "256" ? "512" : "256"),
  },
];

const padding: readonly TokenCase[] = [
  ...LOOSE_BLOCKS.map(({ name, source, encode }): TokenCase => ({
    kind: "token",
    id: "S5",
    name,
    forges: "any identity under small exponents, where the block is parsed loosely",
    source,
    power: "signing-key",
    suits: isPkcs1,
    token: (forge) => encrypted(forge, encode),
  })),
  {
    kind: "token",
    id: "S5",
    name: "PKCS #1 block with short padding and bytes after the hash",
    forges: "any identity under small exponents: Bleichenbacher's signature of 2006",
    source: "CVE-2006-4339; RFC 8017 §8.2.2 step 4",
    power: "signing-key",
    suits: isPkcs1,
    token: (forge) => {
      const { signingKey } = forge;
      if (signingKey === undefined) return NOT_POSABLE;
      const size = (createPublicKey(signingKey).asymmetricKeyDetails?.modulusLength ?? 2048) / 8;
      return selfSigned(forge.header, forge.claims, (input) => {
        const info = digestInfo(digestOf(forge, input), forge.algorithm.slice(2));
        const head = Buffer.concat([Buffer.from("0001ffffffffffffffff00", "hex"), info]);
        const block = Buffer.concat([head, Buffer.alloc(size - head.length, 0x41)]);
        return privateEncrypt({ key: signingKey, padding: constants.RSA_NO_PADDING }, block);
      });
    },
  },
  ...(
    [
      ["no salt", () => 0],
      ["a salt one byte short", (hashBytes: number) => hashBytes - 1],
      ["the longest salt", () => constants.RSA_PSS_SALTLEN_MAX_SIGN],
    ] as const
  ).map(([label, saltLength]): TokenCase => ({
    kind: "token",
    id: "S5",
    name: `PSS signature with ${label}`,
    forges: "a signature made under other parameters",
    source: "RFC 7518 §3.5 (salt as long as the hash)",
    power: "signing-key",
    suits: isPss,
    token: (forge) => {
      const { algorithm, signingKey } = forge;
      if (signingKey === undefined) return NOT_POSABLE;
      const hashBytes = Number(algorithm.slice(2)) / 8;
      return selfSigned(forge.header, forge.claims, (input) =>
        signPss(algorithm, signingKey, Buffer.from(input), saltLength(hashBytes)),
      );
    },
  })),
];

/** PKCS #1 v1.5 type 1 padding around any content, under the honest key. */
function encrypted(forge: Forge, encode: (digest: Buffer, suffix: string) => Buffer): unknown {
  const { algorithm, signingKey } = forge;
  if (signingKey === undefined) return NOT_POSABLE;
  const input = `${segment(forge.header)}.${segment(forge.claims)}`;
  const content = encode(digestOf(forge, input), algorithm.slice(2));
  const signature = privateEncrypt({ key: signingKey, padding: constants.RSA_PKCS1_PADDING }, content);
  return compact(forge.header, forge.claims, signature);
}

function digestOf({ algorithm }: Forge, input: string): Buffer {
  return createHash(hashOf(algorithm)).update(input).digest();
}

function digestInfo(digest: Buffer, suffix: string): Buffer {
  return der(0x30, der(0x30, oid(suffix), HASH_NULL), der(0x04, digest));
}

function oid(suffix: string): Buffer {
  return der(0x06, Buffer.from(HASH_OIDS[suffix] ?? "", "hex"));
}

function numberOf(bytes: Buffer): bigint {
  return BigInt(`0x${bytes.toString("hex")}`);
}

export const rsaSignatures: readonly TokenCase[] = [...length, ...padding];
