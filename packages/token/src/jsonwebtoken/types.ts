/** The types of jsonwebtoken's functions, under the names its users know. */
import type { JsonWebKeyInput, KeyObject, PrivateKeyInput, PublicKeyInput } from "node:crypto";
import type { AlgorithmName } from "../algorithms.ts";
import type { JsonWebTokenError } from "./errors.ts";

/** `EdDSA` is an older name of `Ed25519`, for tokens of others. */
export type Algorithm = AlgorithmName | "EdDSA";

export interface JwtHeader {
  alg: string;
  typ?: string | undefined;
  cty?: string | undefined;
  kid?: string | undefined;
  jku?: string | undefined;
  x5u?: string | string[] | undefined;
  x5t?: string | undefined;
  "x5t#S256"?: string | undefined;
  x5c?: string | string[] | undefined;
  [name: string]: unknown;
}

export interface JwtPayload {
  iss?: string | undefined;
  sub?: string | undefined;
  aud?: string | string[] | undefined;
  exp?: number | undefined;
  nbf?: number | undefined;
  iat?: number | undefined;
  jti?: string | undefined;
  [name: string]: unknown;
}

export interface Jwt {
  header: JwtHeader;
  payload: JwtPayload | string;
  /** The third segment as it stands. */
  signature: string;
}

/** A secret, or a key as `node:crypto` reads it. */
export type Secret = string | Uint8Array | KeyObject | { key: string | Buffer; passphrase: string };
export type PublicKey = string | Uint8Array | KeyObject | PublicKeyInput | JsonWebKeyInput;
export type PrivateKey = string | Uint8Array | KeyObject | PrivateKeyInput | JsonWebKeyInput;

export interface SignOptions {
  /** Default `HS256`. */
  algorithm?: AlgorithmName | undefined;
  keyid?: string | undefined;
  /** Seconds, or a text like "2h". A text without a unit is milliseconds. */
  expiresIn?: string | number | undefined;
  /** As `expiresIn`. */
  notBefore?: string | number | undefined;
  audience?: string | string[] | undefined;
  subject?: string | undefined;
  issuer?: string | undefined;
  jwtid?: string | undefined;
  /** Writes the claims that are added into the caller's object too. */
  mutatePayload?: boolean | undefined;
  /** Leaves `iat` out. */
  noTimestamp?: boolean | undefined;
  /** Members for the header, which win over the others. */
  header?: Partial<JwtHeader> | undefined;
  /** `utf8` is the only one: a token's payload is UTF-8 (RFC 7519 §7.1). */
  encoding?: string | undefined;
  /** Lets secrets shorter than the hash and RSA keys below 2,048 bits sign. */
  allowInsecureKeySizes?: boolean | undefined;
  /** Only `false`: a key signs what it was made for. */
  allowInvalidAsymmetricKeyTypes?: false | undefined;
}

export interface VerifyOptions {
  /** Where it is not given, the type of the key decides. */
  algorithms?: readonly Algorithm[] | undefined;
  /** One of these must be in `aud`. A pattern should be anchored: /^https:\/\/api\.example\.com\//. */
  audience?: string | RegExp | readonly (string | RegExp)[] | undefined;
  issuer?: string | readonly string[] | undefined;
  subject?: string | undefined;
  jwtid?: string | undefined;
  nonce?: string | undefined;
  /** The time in seconds since the epoch. Default: the system's clock. */
  clockTimestamp?: number | undefined;
  /** Seconds. */
  clockTolerance?: number | undefined;
  /** The age after which a token is refused, counted from `iat`. Seconds, or a text like "2h". */
  maxAge?: string | number | undefined;
  ignoreExpiration?: boolean | undefined;
  ignoreNotBefore?: boolean | undefined;
  /** Gives header, payload and signature instead of only the payload. */
  complete?: boolean | undefined;
  /** Lets secrets shorter than the hash and RSA keys below 2,048 bits verify. */
  allowInsecureKeySizes?: boolean | undefined;
  /** Only `false`: a key verifies what it was made for. */
  allowInvalidAsymmetricKeyTypes?: false | undefined;
}

export interface DecodeOptions {
  complete?: boolean | undefined;
  /** Reads the payload as JSON even where the header does not say `"typ": "JWT"`. */
  json?: boolean | undefined;
}

/** TokenExpiredError and NotBeforeError are kinds of it. */
export type VerifyErrors = JsonWebTokenError;

export type VerifyCallback<Decoded = Jwt | JwtPayload | string> = (
  error: VerifyErrors | null,
  decoded?: Decoded,
) => void;
export type SignCallback = (error: Error | null, encoded?: string) => void;
export type SigningKeyCallback = (error: Error | null, signingKey?: Secret | PublicKey) => void;

/** Gives the key for a token, by a header that nobody has checked. */
export type GetPublicKeyOrSecret = (header: JwtHeader, callback: SigningKeyCallback) => void;
