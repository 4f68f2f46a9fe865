/** jose: Web Crypto on every runtime, so always asynchronous. */
import { jwtVerify, SignJWT } from "jose";
import { installedVersion } from "../machine.ts";
import { asynchronousSigner, asynchronousVerifier, type Library } from "./library.ts";
import { audience, issuer, lifetimeSeconds } from "./materials.ts";
import { cryptoKey } from "./web-crypto-keys.ts";

const name = { peer: "jose", version: installedVersion("jose") };

export const jose: Library = {
  signers: ({ algorithm, privateKey }, size) => {
    const key = cryptoKey(algorithm, privateKey, "sign");
    const header = { alg: algorithm === "Ed25519" ? "EdDSA" : algorithm, typ: "JWT", kid: "2026-11" };
    return [
      asynchronousSigner(name, size, async (claims) =>
        new SignJWT({ ...claims })
          .setProtectedHeader(header)
          .setIssuer(issuer)
          .setAudience(audience)
          .setIssuedAt()
          .setExpirationTime(Math.floor(Date.now() / 1000) + lifetimeSeconds)
          .sign(key),
      ),
    ];
  },
  verifiers: async ({ algorithm, publicKey }, pool) => {
    const key = cryptoKey(algorithm, publicKey, "verify");
    const algorithms = [algorithm === "Ed25519" ? "EdDSA" : algorithm];
    const options = { algorithms, issuer, audience, typ: "JWT", requiredClaims: ["exp"] };
    return [
      await asynchronousVerifier(name, pool, async (token) => (await jwtVerify(token, key, options)).payload),
    ];
  },
};
