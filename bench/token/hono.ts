/** hono/jwt: Web Crypto, asynchronous. */
import { sign, verify } from "hono/jwt";
import { installedVersion } from "../machine.ts";
import { asynchronousSigner, asynchronousVerifier, type Library } from "./library.ts";
import { audience, issuer, lifetimeSeconds } from "./materials.ts";
import { cryptoKey } from "./web-crypto-keys.ts";

const name = { peer: "hono/jwt", version: installedVersion("hono") };

export const hono: Library = {
  signers: ({ algorithm, privateKey }, size) => {
    const key = cryptoKey(algorithm, privateKey, "sign");
    const alg = algorithm === "Ed25519" ? "EdDSA" : algorithm;
    return [
      asynchronousSigner(name, size, async (claims) => {
        const iat = Math.floor(Date.now() / 1000);
        return sign({ ...claims, iss: issuer, aud: audience, iat, exp: iat + lifetimeSeconds }, key, alg);
      }),
    ];
  },
  verifiers: async ({ algorithm, publicKey }, pool) => {
    const key = cryptoKey(algorithm, publicKey, "verify");
    const alg = algorithm === "Ed25519" ? "EdDSA" : algorithm;
    const options = { alg, iss: issuer, aud: audience, typ: "JWT" } as const;
    return [await asynchronousVerifier(name, pool, async (token) => verify(token, key, options))];
  },
};
