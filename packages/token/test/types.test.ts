// What the compiler knows of each public type; judged by `tsc`, not when the test runs.
import type { KeyObject } from "node:crypto";
import { expectTypeOf, test } from "vitest";
import {
  type AlgorithmName,
  createSigner,
  createVerifier,
  decode,
  exportJwkSet,
  exportPrivateJwk,
  exportPublicJwk,
  generateKey,
  type HmacAlgorithmName,
  importJwk,
  importJwkSet,
  importKeyObject,
  importPem,
  type Jwk,
  type Key,
  type KeySet,
  keySet,
  publicKey,
  type PublicJwk,
  type RegisteredClaims,
  secretKey,
  type Signer,
  type SignerOptions,
  thumbprint,
  TokenError,
  type TokenErrorCode,
  type Untrusted,
  type Verified,
  type Verifier,
  type VerifierOptions,
} from "../src/index.ts";

interface MyClaims {
  sub: string;
  roles: string[];
}

test("AlgorithmName is the closed list of RFC 7518 §3.1, RFC 9864 and RFC 9964, without none", () => {
  expectTypeOf<AlgorithmName>().toEqualTypeOf<
    `${"HS" | "RS" | "PS" | "ES"}${256 | 384 | 512}` | "Ed25519" | `ML-DSA-${44 | 65 | 87}`
  >();
  expectTypeOf<"none">().not.toExtend<AlgorithmName>();
  expectTypeOf<"EdDSA">().not.toExtend<AlgorithmName>();
  expectTypeOf<HmacAlgorithmName>().toEqualTypeOf<`HS${256 | 384 | 512}`>();
});

test("RegisteredClaims have the types of RFC 7519 §4.1, and each may be missing", () => {
  expectTypeOf<RegisteredClaims>().toEqualTypeOf<{
    readonly iss?: string;
    readonly sub?: string;
    readonly aud?: string | readonly string[];
    readonly exp?: number;
    readonly nbf?: number;
    readonly iat?: number;
    readonly jti?: string;
  }>();
});

test("Verified claims are the caller's and the registered ones, read-only, and nothing else passes for them", () => {
  type Mine = Verified<MyClaims>;
  expectTypeOf<Mine>().toExtend<RegisteredClaims>();
  expectTypeOf<Mine["roles"]>().toEqualTypeOf<string[]>();
  expectTypeOf<Mine["sub"]>().toEqualTypeOf<string>();
  expectTypeOf<Verified["sub"]>().toEqualTypeOf<string | undefined>();
  expectTypeOf<Mine["exp"]>().toEqualTypeOf<number | undefined>();
  expectTypeOf<Mine>().not.toHaveProperty("admin");
  expectTypeOf<MyClaims & RegisteredClaims>().not.toExtend<Mine>();
  expectTypeOf<Untrusted["payload"]>().not.toExtend<Verified>();
  const rename = (claims: Mine): void => {
    // @ts-expect-error -- they are read-only
    claims.sub = "another";
  };
  expectTypeOf(rename).parameter(0).toEqualTypeOf<Mine>();
});

test("a Verifier takes a string and gives the claims it was made for, synchronously", () => {
  expectTypeOf<Verifier<MyClaims>>().toEqualTypeOf<(token: string) => Verified<MyClaims>>();
  expectTypeOf(createVerifier<MyClaims>).returns.toEqualTypeOf<Verifier<MyClaims>>();
  expectTypeOf<ReturnType<typeof createVerifier>>().toEqualTypeOf<Verifier>();
  expectTypeOf<Verifier>().returns.not.toExtend<PromiseLike<unknown>>();
});

test("VerifierOptions demand what is expected, where null says that it is not checked", () => {
  type Required = Pick<VerifierOptions, "keys" | "type" | "issuer" | "audience">;
  expectTypeOf<Required>().toEqualTypeOf<{
    readonly keys: KeySet | (() => KeySet);
    readonly type: string | null;
    readonly issuer: string | null;
    readonly audience: string | readonly string[] | null;
  }>();
  // All else may be left out.
  expectTypeOf<Required>().toExtend<VerifierOptions>();
  expectTypeOf<Omit<Required, "type">>().not.toExtend<VerifierOptions>();
  expectTypeOf<Omit<Required, "issuer">>().not.toExtend<VerifierOptions>();
  expectTypeOf<Omit<Required, "audience">>().not.toExtend<VerifierOptions>();
  expectTypeOf<RegExp>().not.toExtend<VerifierOptions["issuer"] | VerifierOptions["audience"]>();
  expectTypeOf<VerifierOptions["expiry"]>().toEqualTypeOf<"required" | "optional" | undefined>();
  type IsRevoked = NonNullable<VerifierOptions<MyClaims>["isRevoked"]>;
  expectTypeOf<IsRevoked>().toEqualTypeOf<(claims: Verified<MyClaims>, kid: string | undefined) => boolean>();
  expectTypeOf<() => Promise<boolean>>().not.toExtend<IsRevoked>();
});

test("a Signer takes any object and gives a string, synchronously", () => {
  expectTypeOf<Signer>().toEqualTypeOf<(claims: object) => string>();
  expectTypeOf(createSigner).parameters.toEqualTypeOf<[options: SignerOptions]>();
  expectTypeOf(createSigner).returns.toEqualTypeOf<Signer>();
});

test("SignerOptions demand key, type and lifetime", () => {
  interface Required {
    readonly key: Key;
    readonly type: string | null;
    readonly lifetimeSeconds: number | null;
  }
  expectTypeOf<Pick<SignerOptions, keyof Required>>().toEqualTypeOf<Required>();
  expectTypeOf<Required>().toExtend<SignerOptions>();
  expectTypeOf<SignerOptions["issuer"]>().toEqualTypeOf<string | null | undefined>();
  expectTypeOf<SignerOptions["audience"]>().toEqualTypeOf<string | readonly string[] | null | undefined>();
  expectTypeOf<SignerOptions["now"]>().toEqualTypeOf<(() => number) | undefined>();
});

test("a Key says what it is, shows no material, and cannot be put together by hand", () => {
  expectTypeOf<Pick<Key, "algorithm" | "kid" | "canSign">>().toEqualTypeOf<{
    readonly algorithm: AlgorithmName;
    readonly kid: string | undefined;
    readonly canSign: boolean;
  }>();
  expectTypeOf<{ algorithm: "HS256"; kid: undefined; canSign: true }>().not.toExtend<Key>();
  expectTypeOf(secretKey).parameter(0).toEqualTypeOf<HmacAlgorithmName>();
  expectTypeOf(secretKey).parameter(1).toEqualTypeOf<Uint8Array>();
  expectTypeOf(secretKey).returns.toEqualTypeOf<Key>();
  expectTypeOf(publicKey).toEqualTypeOf<(key: Key) => Key>();
  expectTypeOf(generateKey).parameter(0).toEqualTypeOf<AlgorithmName>();
  expectTypeOf(generateKey).returns.resolves.toEqualTypeOf<Key>();
  expectTypeOf(importPem).parameter(0).toEqualTypeOf<Exclude<AlgorithmName, HmacAlgorithmName>>();
  expectTypeOf(importPem).returns.toEqualTypeOf<Key>();
  expectTypeOf(importKeyObject).parameter(1).toEqualTypeOf<KeyObject>();
  expectTypeOf(thumbprint).toEqualTypeOf<(key: Key) => string>();
});

test("a KeySet shows its keys, cannot be changed, and cannot be put together by hand", () => {
  expectTypeOf<KeySet["keys"]>().toEqualTypeOf<readonly Key[]>();
  expectTypeOf<{ keys: readonly Key[] }>().not.toExtend<KeySet>();
  expectTypeOf(keySet).parameter(0).toEqualTypeOf<readonly Key[]>();
  expectTypeOf(keySet).returns.toEqualTypeOf<KeySet>();
  expectTypeOf(importJwkSet).parameter(0).toEqualTypeOf<unknown>();
  expectTypeOf(importJwkSet).returns.toEqualTypeOf<KeySet>();
});

test("a PublicJwk has no place for a private member, a Jwk has", () => {
  type Private = Exclude<keyof Jwk, keyof PublicJwk>;
  expectTypeOf<Private>().toEqualTypeOf<"k" | "d" | "p" | "q" | "dp" | "dq" | "qi" | "priv">();
  expectTypeOf<Jwk>().toExtend<PublicJwk>();
  expectTypeOf<PublicJwk["kty"]>().toEqualTypeOf<string>();
  expectTypeOf(exportPublicJwk).toEqualTypeOf<(key: Key) => PublicJwk>();
  expectTypeOf(exportPrivateJwk).toEqualTypeOf<(key: Key) => Jwk>();
  expectTypeOf(exportJwkSet).toEqualTypeOf<(set: KeySet) => { keys: PublicJwk[] }>();
  expectTypeOf(importJwk).parameter(0).toEqualTypeOf<Jwk>();
  expectTypeOf(importJwk).returns.toEqualTypeOf<Key>();
});

test("what decode gives is Untrusted: nothing is known of a member", () => {
  expectTypeOf(decode).toEqualTypeOf<(token: string) => Untrusted>();
  expectTypeOf<Untrusted["header"]>().toEqualTypeOf<Readonly<Record<string, unknown>>>();
  expectTypeOf<Untrusted["payload"]>().toEqualTypeOf<Readonly<Record<string, unknown>>>();
  expectTypeOf<Untrusted["signature"]>().toEqualTypeOf<string>();
});

test("a TokenError has a code of a closed list, so that a switch can be exhaustive", () => {
  expectTypeOf<TokenError>().toExtend<Error>();
  expectTypeOf<TokenError["code"]>().toEqualTypeOf<TokenErrorCode>();
  expectTypeOf<TokenError["claim"]>().toEqualTypeOf<string | undefined>();
  expectTypeOf(TokenError).toBeConstructibleWith("claim_missing", "exp");
  expectTypeOf<TokenErrorCode>().toEqualTypeOf<
    | "malformed"
    | "too_large"
    | "algorithm_not_allowed"
    | "critical_header"
    | "wrong_type"
    | "unknown_key"
    | "bad_signature"
    | "expired"
    | "not_yet_valid"
    | "claim_missing"
    | "claim_invalid"
    | "wrong_issuer"
    | "wrong_audience"
    | "revoked"
  >();
});
