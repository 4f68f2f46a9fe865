// Every form of password hash that an account may have, ours and those that came from elsewhere. What is not exactly of one
// of these forms is no hash.
import { compareSync } from "@node-rs/bcrypt";
import { verifySync } from "@node-rs/argon2";
import { pbkdf2Sync, scryptSync, timingSafeEqual } from "node:crypto";

/** What is slow alike: of one family the time is proportional to the work. */
export const schemeFamilies = [
  "argon2",
  "bcrypt",
  "scrypt",
  "pbkdf2-sha1",
  "pbkdf2-sha256",
  "pbkdf2-sha512",
] as const;

export type SchemeFamily = (typeof schemeFamilies)[number];

/** How a stored hash was made. */
export interface Scheme {
  /** The family with its parameters. */
  readonly name: string;
  readonly family: SchemeFamily;
  readonly memoryKibibytes: number;
  /** Passes over blocks of memory, rounds or iterations. */
  readonly work: number;
}

export interface StoredHash {
  readonly scheme: Scheme;
  /** As slow as the scheme: for a thread of its own. */
  isOf(password: string): boolean;
}

const maxLanes = 16;

/** PHC strings (https://github.com/P-H-C/phc-string-format) have base64 without padding. */
const argon2Form =
  /^\$(argon2(?:id|i|d))\$v=19\$(m=(\d{1,7}),t=(\d{1,4}),p=(\d{1,2}))\$([A-Za-z0-9+/]{11,86})\$([A-Za-z0-9+/]{22,86})$/;
const bcryptForm = /^\$2[aby]\$(\d\d)\$[./A-Za-z0-9]{53}$/;
const scryptForm =
  /^\$scrypt\$ln=(\d{1,2}),r=(\d{1,3}),p=(\d{1,2})\$([A-Za-z0-9+/]{11,86})\$([A-Za-z0-9+/]{22,171})$/;
/** As PHC has it (`i=600000,l=32`), and as passlib writes it (the rounds alone, `.` for `+`). */
const pbkdf2Form =
  /^\$pbkdf2(?:-(sha1|sha256|sha512))?\$(?:i=)?(\d{1,8})(?:,l=(\d{1,3}))?\$([A-Za-z0-9+/.]{8,86})\$([A-Za-z0-9+/.]{22,171})$/;
/** What better-auth writes: the salt as text, and 64 bytes of scrypt with N = 2^14, r = 16, p = 1. */
const betterAuthForm = /^([0-9a-f]{32}):([0-9a-f]{128})$/;

const digestBytes = { sha1: 20, sha256: 32, sha512: 64 } as const;

/** Undefined: this is no hash that we would compute, whatever the machine can. */
export function readStoredHash(text: string): StoredHash | undefined {
  return readArgon2(text) ?? readBcrypt(text) ?? readScrypt(text) ?? readPbkdf2(text) ?? readBetterAuth(text);
}

function readArgon2(text: string): StoredHash | undefined {
  const [, type, parameters, memory, passes, lanes, salt = "", hash = ""] = argon2Form.exec(text) ?? [];
  if (type === undefined || !isWithin(Number(lanes), 1, maxLanes) || Number(passes) < 1) return undefined;
  const memoryKibibytes = Number(memory);
  // Argon2 takes no less than eight blocks for each lane (RFC 9106 §3.1).
  if (memoryKibibytes < 8 * Number(lanes) || bytesOf(salt) === undefined || bytesOf(hash) === undefined)
    return undefined;
  return {
    scheme: {
      name: `${type} ${parameters}`,
      family: "argon2",
      memoryKibibytes,
      work: memoryKibibytes * Number(passes),
    },
    isOf: (password) => verifySync(text, password),
  };
}

function readBcrypt(text: string): StoredHash | undefined {
  const [, cost] = bcryptForm.exec(text) ?? [];
  if (cost === undefined || !isWithin(Number(cost), 4, 31)) return undefined;
  return {
    scheme: { name: `bcrypt ${Number(cost)}`, family: "bcrypt", memoryKibibytes: 4, work: 2 ** Number(cost) },
    // 2a, 2b and 2y name one algorithm, and the mistakes of programs that each was to leave behind.
    isOf: (password) => compareSync(password, `$2b${text.slice(3)}`),
  };
}

function readScrypt(text: string): StoredHash | undefined {
  const [, log = "", r = "", p = "", salt = "", hash = ""] = scryptForm.exec(text) ?? [];
  if (!isWithin(Number(log), 1, 30) || !isWithin(Number(r), 1, 64) || !isWithin(Number(p), 1, maxLanes))
    return undefined;
  const [saltBytes, expected] = [bytesOf(salt), bytesOf(hash)];
  if (saltBytes === undefined || expected === undefined) return undefined;
  const parameters = { n: 2 ** Number(log), r: Number(r), p: Number(p) };
  return scryptHash(parameters, saltBytes, expected, (password) => password);
}

function readBetterAuth(text: string): StoredHash | undefined {
  const [, salt, hash] = betterAuthForm.exec(text) ?? [];
  if (salt === undefined || hash === undefined) return undefined;
  const parameters = { n: 2 ** 14, r: 16, p: 1 };
  return scryptHash(parameters, Buffer.from(salt), Buffer.from(hash, "hex"), (password) =>
    password.normalize("NFKC"),
  );
}

function scryptHash(
  { n, r, p }: { readonly n: number; readonly r: number; readonly p: number },
  salt: Buffer,
  expected: Buffer,
  normalise: (password: string) => string,
): StoredHash {
  const bytes = 128 * n * r;
  return {
    scheme: {
      name: `scrypt N=${n},r=${r},p=${p}`,
      family: "scrypt",
      memoryKibibytes: bytes / 1024,
      work: n * r * p,
    },
    isOf(password) {
      const options = { N: n, r, p, maxmem: 2 * bytes + 1024 * 1024 };
      return timingSafeEqual(scryptSync(normalise(password), salt, expected.length, options), expected);
    },
  };
}

function readPbkdf2(text: string): StoredHash | undefined {
  const [, named, rounds, length, salt = "", hash = ""] = pbkdf2Form.exec(text) ?? [];
  const iterations = Number(rounds);
  if (rounds === undefined || iterations < 1) return undefined;
  // passlib's `pbkdf2` without a name is SHA-1.
  const digest = (named ?? "sha1") as keyof typeof digestBytes;
  const [saltBytes, expected] = [bytesOf(salt.replaceAll(".", "+")), bytesOf(hash.replaceAll(".", "+"))];
  if (saltBytes === undefined || expected === undefined) return undefined;
  if (length !== undefined && Number(length) !== expected.length) return undefined;
  const blocks = Math.ceil(expected.length / digestBytes[digest]);
  return {
    scheme: {
      name: `pbkdf2-${digest} ${iterations}x${blocks}`,
      family: `pbkdf2-${digest}`,
      memoryKibibytes: 1,
      work: iterations * blocks,
    },
    isOf: (password) =>
      timingSafeEqual(pbkdf2Sync(password, saltBytes, iterations, expected.length, digest), expected),
  };
}

/** Undefined where it is no base64 that anybody would write: of a wrong length, or with bits that say nothing. */
function bytesOf(base64: string): Buffer | undefined {
  const bytes = Buffer.from(base64, "base64");
  return bytes.toString("base64").replace(/=+$/, "") === base64 ? bytes : undefined;
}

function isWithin(value: number, least: number, most: number): boolean {
  return value >= least && value <= most;
}
