// The public surface of @countersign/verifier; the framework adapters are its subpaths.
export { createAccessVerifier } from "./access-verifier.ts";
export type { AccessVerifier, AccessVerifierStatus } from "./access-verifier.ts";
export type { AccessVerifierOptions, FeedCredentials, JwkSetReading } from "./options.ts";
export type { VerifierEvent } from "./observer.ts";
export type { KeysStatus } from "./issuer-keys.ts";
export type { RevocationsStatus } from "./sources.ts";
export type { IssuerErrorCode } from "./issuer-documents.ts";
export { AccessError } from "./errors.ts";
export type { AccessErrorCode, AccessErrorOptions, AccessProblem } from "./errors.ts";
export { allowAnonymous, identityOf, requireIdentity } from "./guard.ts";
export type { Authenticator, Guard } from "./guard.ts";
export type { Requirements } from "./requirements.ts";
export { RevocationList } from "./revocation-list.ts";
export type {
  ListedRevocations,
  RevocableClaims,
  Revocation,
  RevocationObserver,
} from "./revocation-list.ts";
export type { Credentials, RawRequest } from "./bearer.ts";
export { identityOfSession, twoFactorAcr } from "./identity.ts";
export type { AccessClaims, AppClaims, Identity, KnownSession } from "./identity.ts";
