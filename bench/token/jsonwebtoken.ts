/** jsonwebtoken: with a prepared KeyObject, and as most people call it, with a string or a PEM text. */
import jsonwebtoken, { type Algorithm, type Secret, type SignOptions } from "jsonwebtoken";
import { installedVersion } from "../machine.ts";
import { type Library, signer, verifier } from "./library.ts";
import { audience, type BenchAlgorithm, issuer, type KeyPair, lifetimeSeconds } from "./materials.ts";

const version = installedVersion("jsonwebtoken");

const algorithms: Record<BenchAlgorithm, Algorithm | undefined> = {
  HS256: "HS256",
  RS256: "RS256",
  ES256: "ES256",
  Ed25519: undefined,
};

/** The same key as a string, and what such a string is called. */
function asText({ algorithm, privateKey, publicKey }: KeyPair): Record<"word" | "sign" | "verify", string> {
  if (algorithm === "HS256") {
    const secret = privateKey.export().toString();
    return { word: "string secret", sign: secret, verify: secret };
  }
  return {
    word: "PEM",
    sign: privateKey.export({ type: "pkcs8", format: "pem" }) as string,
    verify: publicKey.export({ type: "spki", format: "pem" }) as string,
  };
}

export const jsonWebToken: Library = {
  signers: (pair, size) => {
    const algorithm = algorithms[pair.algorithm];
    if (algorithm === undefined) return [];
    const options: SignOptions = {
      algorithm,
      issuer,
      audience,
      expiresIn: lifetimeSeconds,
      keyid: "2026-11",
    };
    const text = asText(pair);
    const contender = (word: string, key: Secret) =>
      signer({ peer: `jsonwebtoken (${word})`, version }, size, (claims) =>
        jsonwebtoken.sign(claims, key, options),
      );
    return [contender("KeyObject", pair.privateKey), contender(text.word, text.sign)];
  },
  verifiers: (pair, pool) => {
    const algorithm = algorithms[pair.algorithm];
    if (algorithm === undefined) return [];
    const options = { algorithms: [algorithm], issuer, audience };
    const text = asText(pair);
    const contender = (word: string, key: Secret) =>
      verifier({ peer: `jsonwebtoken (${word})`, version }, pool, (token) =>
        jsonwebtoken.verify(token, key, options),
      );
    return [contender("KeyObject", pair.publicKey), contender(text.word, text.verify)];
  },
};
