/**
 * Signs and verifies JSON Web Tokens: synchronous, strict, without dependencies. No network, no disk, and no clock but
 * the one it is given.
 *
 * **What to use first.** `generateKey` makes a key, `createSigner` a function that signs claims with it, `keySet` and
 * `createVerifier` a function that gives the claims of a token or throws a `TokenError`:
 *
 *     const key = await generateKey("ES256");
 *     const sign = createSigner({ key, type: "at+jwt", issuer, audience, lifetimeSeconds: 600 });
 *     const verify = createVerifier({ keys: keySet([key]), type: "at+jwt", issuer, audience });
 *     verify(sign({ sub: "42" })).sub;
 *
 * Options are read once, when the function is made, and a wrong or misspelt one is a `TypeError` there. `null` stands
 * where something is deliberately not checked. Make these functions when a program starts, and keep them: what they
 * prepare is what makes them fast.
 *
 * A service that accepts the tokens of a Countersign server wants `@countersign/verifier` instead, which fetches keys,
 * hears of log-outs and has guards for frameworks. A program that calls jsonwebtoken changes one import, to
 * `@countersign/token/jsonwebtoken`.
 *
 * **How to keep keys.** A key is made for one algorithm and used with no other. What it is made of stays in this package:
 * a `Key` that is logged or serialised shows its algorithm and its `kid`. `exportPrivateJwk` gives the private key, to be
 * sealed and stored; `exportJwkSet` what may be published. Prefer a key pair: whoever verifies with a secret can also
 * forge. To change keys, publish the next one before it signs, and drop the last one after its tokens have died.
 *
 * **What is promised.**
 * - Nothing of a payload is read before its signature holds, and a token is read in one way only: one text for each
 *   segment, one JSON object in UTF-8, no member twice, no extension that changes how it must be read.
 * - The algorithm is that of the key, never that of the token. There is no `none`.
 * - Keys that are weak, broken or of the wrong kind are refused when they are made, secrets that can be guessed too.
 * - A verifier throws `TokenError` and nothing else (unless a function that it was given throws), with a code of a closed
 *   list; nothing of a token stands in its message, and to refuse costs less than to accept.
 * - What verifies has the type `Verified<Claims>`, which nothing else can make.
 *
 * The README has all options and codes, `docs/vectors.md` what the tests are held against.
 */
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
