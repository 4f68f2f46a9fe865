/** fast-jwt: synchronous, keys prepared once, an optional cache of results. */
import { type Algorithm, createSigner, createVerifier, type VerifierOptions } from "fast-jwt";
import { installedVersion } from "../machine.ts";
import { type Library, signer, verifier } from "./library.ts";
import { audience, type BenchAlgorithm, issuer, type KeyPair, lifetimeSeconds } from "./materials.ts";

const name = { peer: "fast-jwt", version: installedVersion("fast-jwt") };

const algorithms: Record<BenchAlgorithm, Algorithm> = {
  HS256: "HS256",
  RS256: "RS256",
  ES256: "ES256",
  Ed25519: "EdDSA",
};

function verifierOptions({ algorithm, publicKey }: KeyPair): VerifierOptions & { key: string | Buffer } {
  return {
    key: algorithm === "HS256" ? publicKey.export() : publicKey.export({ type: "spki", format: "pem" }),
    algorithms: [algorithms[algorithm]],
    allowedIss: issuer,
    allowedAud: audience,
    requiredClaims: ["exp", "iss", "aud"],
    checkTyp: "JWT",
  };
}

export const fastJwt: Library = {
  signers: ({ algorithm, privateKey }, size) => {
    const key =
      algorithm === "HS256" ? privateKey.export() : privateKey.export({ type: "pkcs8", format: "pem" });
    const sign = createSigner({
      key,
      algorithm: algorithms[algorithm],
      iss: issuer,
      aud: audience,
      expiresIn: lifetimeSeconds * 1000,
      kid: "2026-11",
    });
    return [signer(name, size, sign)];
  },
  verifiers: (pair, pool) => {
    const verify: (token: string) => unknown = createVerifier(verifierOptions(pair));
    return [verifier(name, pool, verify)];
  },
  rememberers: (pair, pool) => {
    const verify: (token: string) => unknown = createVerifier({ ...verifierOptions(pair), cache: 1000 });
    return [verifier(name, pool, verify)];
  },
};
