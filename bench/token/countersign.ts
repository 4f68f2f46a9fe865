/** Our engine. */
import { createSigner, createVerifier, importKeyObject, type Key, keySet } from "@countersign/token";
import { type Library, signer, verifier } from "./library.ts";
import { audience, issuer, type KeyPair, lifetimeSeconds } from "./materials.ts";
import { installedVersion } from "../machine.ts";

const name = { peer: "countersign", version: installedVersion("@countersign/token") };
const kid = "2026-11";

function privateKey({ algorithm, privateKey: key }: KeyPair): Key {
  return importKeyObject(algorithm, key, { kid });
}

function verifierOptions({ algorithm, publicKey }: KeyPair): Parameters<typeof createVerifier>[0] {
  const keys = keySet([importKeyObject(algorithm, publicKey, { kid })]);
  return { keys, type: "JWT", issuer, audience };
}

export const countersign: Library = {
  signers: (pair, size) => [
    signer(
      name,
      size,
      createSigner({ key: privateKey(pair), type: "JWT", issuer, audience, lifetimeSeconds }),
    ),
  ],
  verifiers: (pair, pool) => [verifier(name, pool, createVerifier(verifierOptions(pair)))],
  rememberers: (pair, pool) => [
    verifier(name, pool, createVerifier({ ...verifierOptions(pair), rememberTokens: 1000 })),
  ],
};
