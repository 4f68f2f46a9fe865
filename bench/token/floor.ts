/**
 * The floor: only the crypto call, on bytes that lie ready. No token library can do less; and none that takes or gives
 * claims can do less than to write or to read the payload too, of which nothing is judged here.
 */
import crypto from "node:crypto";
import { synchronous } from "../contest.ts";
import { type Library, outgoing } from "./library.ts";
import { completeClaims, cycle, type KeyPair, type SignedBytes, signedBytes } from "./materials.ts";

const name = { peer: "floor (node:crypto)", version: process.versions.node };
const writingName = { ...name, peer: "floor, payload written (node:crypto, JSON.stringify)" };
const readingName = { ...name, peer: "floor, payload read (node:crypto, JSON.parse)" };

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
    const claims = Array.from({ length: 256 }, () => completeClaims(size));
    const prefix = inputs[0]?.toString("latin1").split(".")[0] ?? "";
    // ECDSA's signature stays in the form in which it comes, which no verifier of tokens would take.
    const write = (one: object): string => {
      const input = `${prefix}.${Buffer.from(JSON.stringify(one)).toString("base64url")}`;
      return `${input}.${sign(Buffer.from(input)).toString("base64url")}`;
    };
    return [
      synchronous(name, cycle(inputs), sign),
      synchronous(writingName, cycle(claims), (one) => outgoing.write(write(one), "latin1")),
    ];
  },
  verifiers: (pair, { signed }) => {
    const { publicKey, privateKey } = pair;
    const hash = hashOf(pair);
    const pairs =
      pair.algorithm === "HS256"
        ? signed
        : signed.map(({ input }) => ({ input, signature: crypto.sign(hash, input, privateKey) }));
    const check =
      pair.algorithm === "HS256"
        ? ({ input, signature }: SignedBytes): boolean =>
            crypto.timingSafeEqual(crypto.createHmac("sha256", publicKey).update(input).digest(), signature)
        : ({ input, signature }: SignedBytes): boolean => crypto.verify(hash, input, publicKey, signature);
    const readable = pairs.map((each) => ({ ...each, payload: payloadOf(each.input) }));
    return [
      synchronous(name, cycle(pairs), check),
      synchronous(readingName, cycle(readable), (each) => check(each) && readJson(each.payload)),
    ];
  },
};

function payloadOf(input: Buffer): string {
  return input.toString("latin1").split(".")[1] ?? "";
}

function readJson(segment: string): unknown {
  return JSON.parse(Buffer.from(segment, "base64url").toString("latin1"));
}
