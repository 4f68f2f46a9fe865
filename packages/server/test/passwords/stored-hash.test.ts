import { hashSync as argon2 } from "@node-rs/argon2";
import { hashSync as bcrypt } from "@node-rs/bcrypt";
import { pbkdf2Sync, randomBytes, scryptSync } from "node:crypto";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readStoredHash } from "../../src/passwords/stored-hash.ts";

const password = "tangerine violin ledger";
const salt = randomBytes(16);

function text(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("base64").replace(/=+$/, "");
}

const pbkdf2 = (digest: string, bytes: number): string =>
  text(pbkdf2Sync(password, salt, 1000, bytes, digest));
const scryptText = text(scryptSync(password, salt, 32, { N: 1024, r: 8, p: 2 }));
const bcryptText = bcrypt(password, 4);
const betterAuthSalt = salt.toString("hex");
const betterAuth = scryptSync(password.normalize("NFKC"), betterAuthSalt, 64, {
  N: 16_384,
  r: 16,
  p: 1,
  maxmem: 128 * 1024 * 1024,
});

/** Each with the name of its scheme. */
const own: readonly (readonly [string, string])[] = [
  [argon2(password, { algorithm: 2, memoryCost: 64, timeCost: 1 }), "argon2id m=64,t=1,p=1"],
  [argon2(password, { algorithm: 1, memoryCost: 64, timeCost: 3 }), "argon2i m=64,t=3,p=1"],
  [argon2(password, { algorithm: 0, memoryCost: 64, timeCost: 1, parallelism: 2 }), "argon2d m=64,t=1,p=2"],
  [bcryptText, "bcrypt 4"],
  [`$2a${bcryptText.slice(3)}`, "bcrypt 4"],
  [`$2y${bcryptText.slice(3)}`, "bcrypt 4"],
  [`$scrypt$ln=10,r=8,p=2$${text(salt)}$${scryptText}`, "scrypt N=1024,r=8,p=2"],
  [`$pbkdf2-sha256$i=1000$${text(salt)}$${pbkdf2("sha256", 32)}`, "pbkdf2-sha256 1000x1"],
  [`$pbkdf2-sha256$i=1000,l=32$${text(salt)}$${pbkdf2("sha256", 32)}`, "pbkdf2-sha256 1000x1"],
  [`$pbkdf2-sha512$1000$${text(salt)}$${pbkdf2("sha512", 64)}`, "pbkdf2-sha512 1000x1"],
  [
    `$pbkdf2$1000$${text(salt).replaceAll("+", ".")}$${pbkdf2("sha1", 20).replaceAll("+", ".")}`,
    "pbkdf2-sha1 1000x1",
  ],
  [`$pbkdf2-sha1$i=1000$${text(salt)}$${pbkdf2("sha1", 64)}`, "pbkdf2-sha1 1000x4"],
  [`${betterAuthSalt}:${betterAuth.toString("hex")}`, "scrypt N=16384,r=16,p=1"],
];

/** Made by other programs: their own tests and documents show these. */
const foreign: readonly (readonly [string, string])[] = [
  ["$2a$06$m0CrhHm10qJ3lXRY.5zDGO3rS2KdeeWLuGmsfGlMfOxih58VYVfxe", "a"],
  ["$scrypt$ln=16,r=8,p=1$aM15713r3Xsvxbi31lqr1Q$nFNh2CVHVjNldFVKDHDlm4CbdRSCdEBsjjJxD+iCs5E", "password"],
  ["$argon2i$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$wWKIMhR9lyDFvRz9YTZweHKfbftvj+qf+YFY4NeBbtA", "password"],
];

describe("hashes from elsewhere", () => {
  test.each(own)("%s is verified, as %s", (hash, name) => {
    const read = readStoredHash(hash);
    expect(read?.scheme.name).toBe(name);
    expect(read?.isOf(password)).toBe(true);
    expect(read?.isOf(`${password}.`)).toBe(false);
    expect(read?.isOf("")).toBe(false);
  });

  test.each(foreign)("%s, which another program made, is verified", (hash, theirs) => {
    expect(readStoredHash(hash)?.isOf(theirs)).toBe(true);
    expect(readStoredHash(hash)?.isOf(`${theirs}x`)).toBe(false);
  });

  test.each([
    "",
    password,
    "5f4dcc3b5aa765d61d8327deb882cf99",
    "{SHA}W6ph5Mm5Pz8GgiULbPgzG37mj9g=",
    `$2x${bcryptText.slice(3)}`,
    `$2$${bcryptText.slice(4)}`,
    bcryptText.slice(0, -1),
    `${bcryptText}\n`,
    bcryptText.replace("$04$", "$03$"),
    bcryptText.replace("$04$", "$32$"),
    `$argon2id$v=16$m=64,t=1,p=1$${text(salt)}$${text(salt)}`,
    `$argon2id$v=19$m=64,t=0,p=1$${text(salt)}$${text(salt)}`,
    `$argon2id$v=19$m=8,t=1,p=2$${text(salt)}$${text(salt)}`,
    `$argon2id$v=19$m=64,t=1,p=1$${text(salt)}B$${text(salt)}`,
    `$scrypt$ln=0,r=8,p=1$${text(salt)}$${scryptText}`,
    `$scrypt$ln=10,r=0,p=1$${text(salt)}$${scryptText}`,
    `$scrypt$ln=10,r=8,p=1$${text(salt)}$`,
    `$pbkdf2-md5$i=1000$${text(salt)}$${text(salt)}`,
    `$pbkdf2-sha256$i=0$${text(salt)}$${pbkdf2("sha256", 32)}`,
    `$pbkdf2-sha256$i=1000,l=31$${text(salt)}$${pbkdf2("sha256", 32)}`,
    `${betterAuthSalt}:${betterAuth.toString("hex").slice(2)}`,
    `${betterAuthSalt.toUpperCase()}:${betterAuth.toString("hex")}`,
  ])("%j is no hash", (hash) => {
    expect(readStoredHash(hash)).toBeUndefined();
  });

  test("whatever has one of the forms is compared without a failure", () => {
    const base64 = (min: number, max: number) =>
      fc.string({
        unit: fc.constantFrom("A", "B", "Z", "a", "z", "0", "9", "+", "/"),
        minLength: min,
        maxLength: max,
      });
    const bcryptRest = fc.string({
      unit: fc.constantFrom(".", "/", "A", "Z", "a", "z", "0", "9", "u", "O"),
      minLength: 53,
      maxLength: 53,
    });
    const anyHash = fc.oneof(
      fc.tuple(base64(11, 86), base64(22, 86)).map(([a, b]) => `$argon2id$v=19$m=8,t=1,p=1$${a}$${b}`),
      fc.tuple(base64(11, 86), base64(22, 171)).map(([a, b]) => `$scrypt$ln=1,r=1,p=1$${a}$${b}`),
      fc.tuple(base64(8, 86), base64(22, 171)).map(([a, b]) => `$pbkdf2-sha1$i=1$${a}$${b}`),
      bcryptRest.map((rest) => `$2b$04$${rest}`),
    );
    fc.assert(
      fc.property(anyHash, fc.string({ unit: "binary" }), (hash, tried) => {
        const read = readStoredHash(hash);
        expect(read === undefined || !read.isOf(tried)).toBe(true);
      }),
      { numRuns: 300 },
    );
  });
});
