// What the compiler knows of the face of jsonwebtoken, beside the types its users have; judged by `tsc`.
import jwt, {
  type Algorithm,
  decode,
  type DecodeOptions,
  type GetPublicKeyOrSecret,
  type JsonWebTokenError,
  type Jwt,
  type JwtHeader,
  type JwtPayload,
  type NotBeforeError,
  type PrivateKey,
  type PublicKey,
  type Secret,
  sign,
  type SignCallback,
  type SigningKeyCallback,
  type SignOptions,
  type TokenExpiredError,
  verify,
  type VerifyCallback,
  type VerifyErrors,
  type VerifyOptions,
} from "../../src/jsonwebtoken/index.ts";
import type theirs from "jsonwebtoken";
import { type KeyObject, randomBytes } from "node:crypto";
import { expectTypeOf, test } from "vitest";

test("Algorithm has all of theirs but none, and more", () => {
  expectTypeOf<Exclude<theirs.Algorithm, "none">>().toExtend<Algorithm>();
  expectTypeOf<"none">().not.toExtend<Algorithm>();
  expectTypeOf<Exclude<Algorithm, theirs.Algorithm>>().toEqualTypeOf<
    "Ed25519" | "EdDSA" | "ML-DSA-44" | "ML-DSA-65" | "ML-DSA-87"
  >();
});

test("Secret, PublicKey and PrivateKey take texts, bytes and KeyObjects, as there", () => {
  expectTypeOf<string | Buffer | KeyObject>().toExtend<Secret & PublicKey & PrivateKey>();
  expectTypeOf<Exclude<theirs.Secret, object> | Buffer | KeyObject>().toExtend<Secret>();
  expectTypeOf<{ key: string; passphrase: string }>().toExtend<Secret>();
  expectTypeOf<number>().not.toExtend<Secret | PublicKey | PrivateKey>();
});

test("SignOptions have the options of theirs, and all may be left out", () => {
  expectTypeOf<object>().toExtend<SignOptions>();
  expectTypeOf<Exclude<keyof theirs.SignOptions, keyof SignOptions>>().toEqualTypeOf<never>();
  expectTypeOf<Exclude<keyof SignOptions, keyof theirs.SignOptions>>().toEqualTypeOf<never>();
  expectTypeOf<"EdDSA" | "none">().not.toExtend<SignOptions["algorithm"]>();
  expectTypeOf<true>().not.toExtend<SignOptions["allowInvalidAsymmetricKeyTypes"]>();
});

test("VerifyOptions have the options of theirs and one more, and no pattern for an issuer", () => {
  expectTypeOf<object>().toExtend<VerifyOptions>();
  expectTypeOf<Exclude<keyof theirs.VerifyOptions, keyof VerifyOptions>>().toEqualTypeOf<never>();
  expectTypeOf<
    Exclude<keyof VerifyOptions, keyof theirs.VerifyOptions>
  >().toEqualTypeOf<"allowInsecureKeySizes">();
  expectTypeOf<RegExp>().not.toExtend<VerifyOptions["issuer"]>();
  expectTypeOf<RegExp>().toExtend<VerifyOptions["audience"]>();
  expectTypeOf<readonly Algorithm[]>().toExtend<VerifyOptions["algorithms"]>();
  expectTypeOf<string>().not.toExtend<VerifyOptions["algorithms"]>();
});

test("DecodeOptions are those of theirs", () => {
  expectTypeOf<keyof DecodeOptions>().toEqualTypeOf<keyof theirs.DecodeOptions>();
});

test("a JwtPayload and a JwtHeader have unknown members besides the registered ones", () => {
  expectTypeOf<JwtPayload["sub"]>().toEqualTypeOf<string | undefined>();
  expectTypeOf<JwtPayload["aud"]>().toEqualTypeOf<string | string[] | undefined>();
  expectTypeOf<JwtPayload["exp"]>().toEqualTypeOf<number | undefined>();
  expectTypeOf<JwtPayload["roles"]>().toEqualTypeOf<unknown>();
  expectTypeOf<JwtHeader["alg"]>().toEqualTypeOf<string>();
  expectTypeOf<JwtHeader["kid"]>().toEqualTypeOf<string | undefined>();
  expectTypeOf<JwtHeader["other"]>().toEqualTypeOf<unknown>();
  expectTypeOf<Jwt>().toEqualTypeOf<{
    header: JwtHeader;
    payload: JwtPayload | string;
    signature: string;
  }>();
});

test("sign returns a token, or nothing where it calls back", () => {
  const secret = randomBytes(32);
  expectTypeOf(sign({}, secret)).toEqualTypeOf<string>();
  expectTypeOf(sign({}, secret, { expiresIn: "2h" })).toEqualTypeOf<string>();
  const done: SignCallback = (error, token) => {
    expectTypeOf(error).toEqualTypeOf<Error | null>();
    expectTypeOf(token).toEqualTypeOf<string | undefined>();
  };
  expectTypeOf(sign({}, secret, done)).toEqualTypeOf<void>();
  expectTypeOf(sign({}, secret, {}, done)).toEqualTypeOf<void>();
});

test("verify returns what its options ask for, or nothing where it calls back", () => {
  const secret = randomBytes(32);
  const token = sign({ sub: "42" }, secret);
  expectTypeOf(verify(token, secret)).toEqualTypeOf<JwtPayload | string>();
  expectTypeOf(verify(token, secret, { complete: true })).toEqualTypeOf<Jwt>();
  expectTypeOf(verify(token, secret, {} as VerifyOptions)).toEqualTypeOf<Jwt | JwtPayload | string>();
  const done: VerifyCallback<JwtPayload | string> = (error, payload) => {
    expectTypeOf(error).toEqualTypeOf<VerifyErrors | null>();
    expectTypeOf(payload).toEqualTypeOf<JwtPayload | string | undefined>();
  };
  const getKey: GetPublicKeyOrSecret = (header, callback) => {
    expectTypeOf(header).toEqualTypeOf<JwtHeader>();
    expectTypeOf(callback).toEqualTypeOf<SigningKeyCallback>();
    callback(null, "key");
  };
  expectTypeOf(verify("", getKey, done)).toEqualTypeOf<void>();
  expectTypeOf(verify("", getKey, {}, done)).toEqualTypeOf<void>();
  expectTypeOf<SigningKeyCallback>().parameter(0).toEqualTypeOf<Error | null>();
  expectTypeOf<SigningKeyCallback>().parameter(1).toEqualTypeOf<Secret | PublicKey | undefined>();
});

test("decode returns what its options ask for, or null", () => {
  expectTypeOf(decode("")).toEqualTypeOf<JwtPayload | string | null>();
  expectTypeOf(decode("", { complete: true })).toEqualTypeOf<Jwt | null>();
  expectTypeOf(decode("", { json: true })).toEqualTypeOf<JwtPayload | null>();
});

test("the errors are kinds of JsonWebTokenError, with the fields of theirs", () => {
  expectTypeOf<VerifyErrors>().toEqualTypeOf<JsonWebTokenError>();
  expectTypeOf<JsonWebTokenError>().toExtend<Error>();
  expectTypeOf<TokenExpiredError>().toExtend<JsonWebTokenError>();
  expectTypeOf<NotBeforeError>().toExtend<JsonWebTokenError>();
  expectTypeOf<TokenExpiredError["expiredAt"]>().toEqualTypeOf<theirs.TokenExpiredError["expiredAt"]>();
  expectTypeOf<NotBeforeError["date"]>().toEqualTypeOf<theirs.NotBeforeError["date"]>();
});

test("the default export has the same six things", () => {
  expectTypeOf(jwt).toEqualTypeOf<{
    readonly sign: typeof sign;
    readonly verify: typeof verify;
    readonly decode: typeof decode;
    readonly JsonWebTokenError: typeof JsonWebTokenError;
    readonly TokenExpiredError: typeof TokenExpiredError;
    readonly NotBeforeError: typeof NotBeforeError;
  }>();
});
