/** The floor: only the crypto call, on bytes that lie ready. No token library can do less. */
import crypto from "node:crypto";
import { synchronous } from "../contest.ts";
import type { Library } from "./library.ts";
import { cycle, type KeyPair, signedBytes } from "./materials.ts";

const name = { peer: "floor (node:crypto)", version: process.versions.node };

/** A bare KeyObject is OpenSSL's quickest way in: an options object, as for raw ECDSA signatures, costs 8 to 17 µs more. */
function hashOf({ algorithm }: KeyPair): string | null {
  return algorithm === "Ed25519" ? null : "sha256";
}

export const floor: Library = {
  signers: (pair, size) => {
    const { privateKey } = pair;
    const hash = hashOf(pair);
    const inputs = Array.from({ length: 64 }, () => signedBytes(pair, size).input);
    const sign =
      pair.algorithm === "HS256"
        ? (input: Buffer) => crypto.createHmac("sha256", privateKey).update(input).digest()
        : (input: Buffer) => crypto.sign(hash, input, privateKey);
    return [synchronous(name, cycle(inputs), sign)];
  },
  verifiers: (pair, { signed }) => {
    const { publicKey, privateKey } = pair;
    const hash = hashOf(pair);
    if (pair.algorithm === "HS256") {
      const check = ({ input, signature }: { input: Buffer; signature: Buffer }): boolean =>
        crypto.timingSafeEqual(crypto.createHmac("sha256", publicKey).update(input).digest(), signature);
      return [synchronous(name, cycle(signed), check)];
    }
    const pairs = signed.map(({ input }) => ({ input, signature: crypto.sign(hash, input, privateKey) }));
    return [
      synchronous(name, cycle(pairs), ({ input, signature }) =>
        crypto.verify(hash, input, publicKey, signature),
      ),
    ];
  },
};
