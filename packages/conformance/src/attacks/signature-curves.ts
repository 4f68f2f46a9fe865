// Signatures that only an elliptic-curve or lattice verifier can get wrong.
import type { TokenCase } from "../attack-case.ts";
import { der } from "../certificate.ts";
import { compact } from "../forge.ts";
import type { Forge } from "../forge.ts";
import { resigned, signatureOf } from "./resigned.ts";

/** Order of the base point of each ECDSA curve (FIPS 186-4 §D.1.2). */
const ORDERS = new Map<string, bigint>([
  ["ES256", 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n],
  [
    "ES384",
    0xffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973n,
  ],
  [
    "ES512",
    0x01fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffa51868783bf2f966b7fcc0148f709a5d03bb5c9b8899c47aebb6fb71e91386409n,
  ],
]);

/** Order of Ed25519's base point, RFC 8032 §5.1. */
const ED25519_ORDER = 2n ** 252n + 27742317777372353535851937790883648493n;

const isEcdsa = ({ algorithm }: Forge): boolean => ORDERS.has(algorithm);
const isEd25519 = ({ algorithm }: Forge): boolean => algorithm.startsWith("Ed");

function orderOf({ algorithm }: Forge): bigint {
  return ORDERS.get(algorithm) ?? ED25519_ORDER;
}

function halves(signature: Buffer): readonly [r: Buffer, s: Buffer] {
  const size = signature.length >> 1;
  return [signature.subarray(0, size), signature.subarray(size)];
}

/** Numbers that are not in [1, n-1], and the combinations that make a lazy formula hold for every message. */
const OUT_OF_RANGE: readonly (readonly [
  label: string,
  r: (n: bigint) => bigint,
  s: (n: bigint) => bigint,
])[] = [
  ["r = 0, s = 0", () => 0n, () => 0n],
  ["r = 0, s = 1", () => 0n, () => 1n],
  ["r = 1, s = 0", () => 1n, () => 0n],
  ["r = n, s = n", (n) => n, (n) => n],
  ["r = n, s = 1", (n) => n, () => 1n],
  ["r = 1, s = n", () => 1n, (n) => n],
  ["r = n + 1, s = n + 1", (n) => n + 1n, (n) => n + 1n],
  ["r = 1, s = 1", () => 1n, () => 1n],
  ["r = n - 1, s = n - 1", (n) => n - 1n, (n) => n - 1n],
];

const ecdsa: readonly TokenCase[] = [
  ...OUT_OF_RANGE.map(([label, r, s]): TokenCase => ({
    kind: "token",
    id: "S2",
    name: `ECDSA signature with ${label}`,
    forges: "any identity: the signature that fits everything",
    source: "CVE-2022-21449; FIPS 186-5 §6.4.2",
    power: "token",
    suits: isEcdsa,
    token: (forge) => {
      const size = signatureOf(forge).length >> 1;
      const n = orderOf(forge);
      const signature = Buffer.concat([bigEndian(r(n), size), bigEndian(s(n), size)]);
      return compact(forge.header, forge.raised, signature);
    },
  })),
  {
    kind: "token",
    id: "S2",
    name: "ECDSA signature of ones only",
    forges: "any identity, where numbers overflow",
    source: "FIPS 186-5 §6.4.2",
    power: "token",
    suits: isEcdsa,
    token: (forge) => compact(forge.header, forge.raised, Buffer.alloc(signatureOf(forge).length, 0xff)),
  },
  {
    kind: "token",
    id: "S3",
    name: "ECDSA signature in DER",
    forges: "a token with two texts",
    source: "RFC 7518 §3.4 (R || S)",
    power: "token",
    suits: isEcdsa,
    token: (forge) => resigned(forge, (bytes) => derSignature(bytes)),
  },
  {
    kind: "token",
    id: "S3",
    name: "ECDSA signature with a zero byte before each half",
    forges: "a token with two texts",
    source: "RFC 7518 §3.4 (fixed length)",
    power: "token",
    suits: isEcdsa,
    token: (forge) =>
      resigned(forge, (bytes) => {
        const zero = Buffer.alloc(1);
        return Buffer.concat(halves(bytes).flatMap((half) => [zero, half]));
      }),
  },
];

const ed25519: readonly TokenCase[] = [
  {
    kind: "token",
    id: "S6",
    name: "Ed25519 signature with the group order added to s",
    forges: "a token with two texts, past a list of revoked ones",
    source: "RFC 8032 §5.1.7 (0 <= s < L)",
    power: "token",
    suits: isEd25519,
    token: (forge) =>
      resigned(forge, (bytes) => {
        const [r, s] = halves(bytes);
        const raised = BigInt(`0x${Buffer.from(s.toReversed()).toString("hex")}`) + ED25519_ORDER;
        return Buffer.concat([r, bigEndian(raised, s.length).toReversed()]);
      }),
  },
  {
    kind: "token",
    id: "S6",
    name: "Ed25519 signature with R = neutral element, s = 0",
    forges: "any identity, under keys of small order",
    source: "RFC 8032 §5.1.7",
    power: "token",
    suits: isEd25519,
    token: (forge) => {
      const signature = Buffer.alloc(64);
      signature[0] = 1;
      return compact(forge.header, forge.raised, signature);
    },
  },
];

function bigEndian(value: bigint, size: number): Buffer {
  return Buffer.from(value.toString(16).padStart(size * 2, "0"), "hex");
}

/** ECDSA-Sig-Value (RFC 3279 §2.2.3), as X.509 would carry it. */
function derSignature(signature: Buffer): Buffer {
  return der(0x30, ...halves(signature).map((half) => der(0x02, positiveInteger(half))));
}

function positiveInteger(bytes: Buffer): Buffer {
  let start = 0;
  while (start < bytes.length - 1 && bytes[start] === 0) start++;
  const short = bytes.subarray(start);
  return (short[0] ?? 0) >= 0x80 ? Buffer.concat([Buffer.alloc(1), short]) : short;
}

export const curveSignatures: readonly TokenCase[] = [...ecdsa, ...ed25519];

/** The twin that every ECDSA signature has: `(r, n - s)` verifies as well (SEC 1 §4.1.4). */
export function otherHalf(forge: Forge): string {
  return resigned(forge, (bytes) => {
    const [r, s] = halves(bytes);
    return Buffer.concat([r, bigEndian(orderOf(forge) - BigInt(`0x${s.toString("hex")}`), s.length)]);
  });
}
