/** The key form that Web Crypto libraries take without converting it for every call. */
import type { KeyObject, webcrypto } from "node:crypto";
import type { BenchAlgorithm } from "./materials.ts";

const parameters: Record<BenchAlgorithm, Parameters<KeyObject["toCryptoKey"]>[0]> = {
  HS256: { name: "HMAC", hash: "SHA-256" },
  RS256: { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" },
  ES256: { name: "ECDSA", namedCurve: "P-256" },
  Ed25519: { name: "Ed25519" },
};

export function cryptoKey(
  algorithm: BenchAlgorithm,
  key: KeyObject,
  usage: "sign" | "verify",
): webcrypto.CryptoKey {
  return key.toCryptoKey(parameters[algorithm], false, [usage]);
}
