/** Signs and verifies JSON Web Tokens: synchronous, strict, without dependencies. */
export type { AlgorithmName, HmacAlgorithmName } from "./algorithms.ts";
export type { RegisteredClaims } from "./claims.ts";
export { decode, type Untrusted } from "./decode.ts";
export { TokenError, type TokenErrorCode } from "./errors.ts";
export { exportPrivateJwk, exportPublicJwk, importJwk, type Jwk, type PublicJwk } from "./jwk.ts";
export { generateKey } from "./key-generation.ts";
export { exportJwkSet, importJwkSet, keySet, type KeySet } from "./key-set.ts";
export { type Key, publicKey, secretKey } from "./keys.ts";
export { assertKnownOptions, nearestName } from "./options.ts";
export { importKeyObject, importPem } from "./pem.ts";
export { isGuessableSecret } from "./secret-strength.ts";
export { createSigner, type Signer, type SignerOptions } from "./signer.ts";
export { thumbprint } from "./thumbprint.ts";
export { createVerifier, type Verified, type Verifier, type VerifierOptions } from "./verifier.ts";
