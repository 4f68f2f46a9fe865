// The public surface of @countersign/verifier; the framework adapters are its subpaths.
export { createAccessVerifier } from "./access-verifier.ts";
export type { AccessVerifier, AccessVerifierOptions } from "./access-verifier.ts";
export { AccessError } from "./errors.ts";
export type { AccessErrorCode, AccessErrorOptions, AccessProblem } from "./errors.ts";
export { allowAnonymous, requireIdentity } from "./requirements.ts";
export type { Authenticator, Guard, Requirements } from "./requirements.ts";
export { RevocationList } from "./revocation-list.ts";
export type { RevocableClaims, Revocation, RevocationSnapshot } from "./revocation-list.ts";
export type { Credentials, RawRequest } from "./bearer.ts";
export type { AccessClaims, Identity } from "./identity.ts";
