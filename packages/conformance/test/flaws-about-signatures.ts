// Verifiers that are lenient about signature bytes.
import { constants, createHash, createPublicKey, publicDecrypt, verify } from "node:crypto";
import { forgeFrom } from "../src/keys.ts";
import { hashOf, isHmac, mac, signAs } from "../src/signing.ts";
import { or } from "./flaw.ts";
import type { Flaw } from "./flaw.ts";
import { isRight, textOf } from "./naive-verifier.ts";

const ED25519_ORDER = 2n ** 252n + 27742317777372353535851937790883648493n;

function numberOf(bytes: Uint8Array): bigint {
  return BigInt(`0x${Buffer.from(bytes).toString("hex") || "0"}`);
}

function bytesOf(value: bigint, size: number): Buffer {
  return Buffer.from(value.toString(16).padStart(size * 2, "0"), "hex");
}

/** Every other signature that a lenient reader might see in these bytes. */
function readings(signature: Buffer, size: number, modulus: bigint | undefined): readonly Buffer[] {
  const half = signature.length >> 1;
  const s = Buffer.from(signature.subarray(half).toReversed());
  return [
    Buffer.from(signature.toString("latin1"), "hex"),
    signature.subarray(0, size),
    signature.subarray(-size),
    Buffer.concat([Buffer.alloc(Math.max(0, size - signature.length)), signature]),
    Buffer.concat([signature.subarray(1, half), signature.subarray(half + 1)]),
    Buffer.concat([
      signature.subarray(0, half),
      Buffer.from(bytesOf(numberOf(s) % ED25519_ORDER, half).toReversed()),
    ]),
    ...(modulus === undefined ? [] : [bytesOf(numberOf(signature) % modulus, size)]),
  ];
}

export const signatureFlaws: readonly Flaw[] = [
  {
    name: "reads signature bytes in every way that could fit",
    algorithms: ["HS256", "RS256", "PS256", "ES256", "Ed25519"],
    family: "signature",
    ids: ["S3", "S5", "S6", "S8"],
    build: (keys) => {
      const { publicKeys, honest } = forgeFrom(keys);
      const size = Buffer.from(honest.split(".")[2] ?? "", "base64url").length;
      const n = publicKeys[0]?.jwk.n;
      const modulus = n === undefined ? undefined : numberOf(Buffer.from(n, "base64url"));
      return or(keys, ({ input, signature }) =>
        readings(signature, size, modulus).some((bytes) => {
          try {
            return isRight(keys, input, bytes);
          } catch {
            return false;
          }
        }),
      );
    },
  },
  {
    name: "reads ECDSA signatures in DER",
    algorithms: ["ES256"],
    family: "signature",
    ids: ["S3"],
    build: (keys) =>
      or(keys, ({ input, signature }) => {
        if (!keys.setup.algorithm.startsWith("ES")) return false;
        const hash = hashOf(keys.setup.algorithm);
        return verify(hash, Buffer.from(input), createPublicKey(keys.signingKey), signature);
      }),
  },
  {
    name: "searches an RSA block for the hash",
    algorithms: ["RS256"],
    family: "signature",
    ids: ["S5"],
    build: (keys) =>
      or(keys, ({ input, signature }) => {
        if (!keys.setup.algorithm.startsWith("RS")) return false;
        const key = createPublicKey(keys.signingKey);
        const block = publicDecrypt({ key, padding: constants.RSA_NO_PADDING }, signature);
        return block.includes(createHash(hashOf(keys.setup.algorithm)).update(input).digest());
      }),
  },
  {
    name: "compares as much as there is",
    family: "signature",
    ids: ["S1", "S8"],
    build: (keys) =>
      or(keys, ({ input, signature }) => {
        if (!isHmac(keys.setup.algorithm)) return signature.length === 0;
        const right = signAs(keys.setup.algorithm, keys.signingKey, input);
        return right.subarray(0, signature.length).equals(signature);
      }),
  },
  {
    name: "takes a longer hash, cut to size",
    family: "signature",
    ids: ["S8"],
    build: (keys) =>
      or(keys, ({ input, signature }) => {
        if (!isHmac(keys.setup.algorithm)) return false;
        return mac("HS512", keys.signingKey.export(), input).subarray(0, 32).equals(signature);
      }),
  },
  {
    name: "hashes where it should authenticate",
    family: "signature",
    ids: ["S1"],
    build: (keys) =>
      or(keys, ({ input, signature }) => {
        const { algorithm } = keys.setup;
        return isHmac(algorithm) && createHash(hashOf(algorithm)).update(input).digest().equals(signature);
      }),
  },
  {
    name: "signs the decoded content, or the payload alone",
    family: "signature",
    ids: ["S1"],
    build: (keys) =>
      or(keys, ({ input, signature }) => {
        const [header = "", payload = ""] = input.split(".");
        const contents = [`${textOf(header)}.${textOf(payload)}`, payload];
        return contents.some((content) => isRight(keys, content, signature));
      }),
  },
];
