/** What holds for all tokens and all strings, tried on random ones. */
import fc from "fast-check";
import {
  type AlgorithmName,
  createSigner,
  createVerifier,
  decode,
  generateKey,
  type Key,
  keySet,
  TokenError,
  type Verifier,
} from "../../src/index.ts";
import { maxJsonDepth } from "../../src/json.ts";
import type { Harness } from "./harness.ts";

const issuer = "https://auth.example.com";
const audience = "https://api.example.com";
const start = 1_800_000_000;

export interface Budget {
  /** How many random cases each property is tried on. */
  readonly cases: number;
  /** The algorithms to sign with. */
  readonly algorithms: readonly AlgorithmName[];
  /** Every how many bits of a token are flipped where one check takes long; 1 for all of them. */
  readonly strideOfSlowAlgorithms: number;
}

const slowAlgorithms: ReadonlySet<AlgorithmName> = new Set([
  "ES384",
  "ES512",
  "ML-DSA-44",
  "ML-DSA-65",
  "ML-DSA-87",
]);

export function propertiesSuite(
  { test, check }: Harness,
  { cases, algorithms, strideOfSlowAlgorithms }: Budget,
): void {
  for (const algorithm of algorithms) {
    const share = Math.ceil(cases / (algorithm.startsWith("HS") ? 1 : 50));

    test(`${algorithm}: what was signed comes out again`, async () => {
      const { sign, verify } = await makePair(algorithm);
      fc.assert(
        fc.property(claims(), (given) => {
          const added = { iss: issuer, aud: audience, iat: start, exp: start + 60 };
          check(asText(verify(sign(given))) === asText({ ...given, ...added }), "other claims");
        }),
        { numRuns: share },
      );
    });

    test(`${algorithm}: no token with one bit flipped verifies`, async () => {
      const { sign, verify } = await makePair(algorithm);
      const token = sign({ sub: "user-1", roles: ["user"] });
      // All sixteen bits of a character: to a careless decoder U+0141 is an A.
      const flips = token.length * 16;
      const stride = slowAlgorithms.has(algorithm) ? strideOfSlowAlgorithms : 1;
      for (let bit = 0; bit < flips; bit += stride) {
        const index = bit >> 4;
        const flipped = String.fromCharCode(token.charCodeAt(index) ^ (1 << (bit & 15)));
        const forged = token.slice(0, index) + flipped + token.slice(index + 1);
        check(refusalOf(() => verify(forged)) instanceof TokenError, `bit ${bit} does not matter`);
      }
      check(verify(token).sub === "user-1", "the token itself is refused");
    });
  }

  test("any string either verifies or is refused with a TokenError", async () => {
    const { sign, verify, forget } = await makePair("HS256");
    const token = sign({ sub: "user-1" });
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: "binary" }), tokenLike(token)), (text) => {
        for (const judge of [verify, forget(), decode]) {
          const refusal = refusalOf(() => judge(text));
          check(refusal === undefined || refusal instanceof TokenError, `threw ${String(refusal)}`);
        }
      }),
      { numRuns: cases },
    );
  });

  test("anything that is no string is refused with a TokenError", async () => {
    const { verify } = await makePair("HS256");
    fc.assert(
      fc.property(fc.anything({ withBigInt: true, withDate: true, withBoxedValues: true }), (value) => {
        fc.pre(typeof value !== "string");
        for (const judge of [verify, decode]) {
          const refusal = refusalOf(() => judge(value as string));
          check(refusal instanceof TokenError && refusal.code === "malformed", `threw ${String(refusal)}`);
        }
      }),
      { numRuns: cases },
    );
  });

  test("a refusal takes time linear in the length of the string", async () => {
    const { sign, forget } = await makePair("HS256", 2 ** 24);
    const [header = ""] = sign({}).split(".");
    const json = (text: string): string => Buffer.from(text).toString("base64url");
    const shapes: readonly ((length: number) => string)[] = [
      (length) => ".".repeat(length),
      (length) => "a.".repeat(length / 2),
      (length) => `${header}.${"a".repeat(length)}.`,
      (length) => `${header}.${"=".repeat(length)}.${"A".repeat(43)}`,
      (length) => `${json(`{"a":${"[".repeat(length)}`)}..`,
      (length) => `${json(`{"a":"${"\\".repeat(length)}`)}..`,
      (length) => `${json(`{"alg":"HS256"${',"a":""'.repeat(length / 7)}}`)}..`,
      (length) => `${json(`{"alg":"HS256","a":"${"\\ud800".repeat(length / 6)}"}`)}..`,
    ];
    for (const [number, shape] of shapes.entries()) {
      const verify = forget();
      const short = bestTime(() => refusalOf(() => verify(shape(8192))));
      const long = bestTime(() => refusalOf(() => verify(shape(8192 * 64))));
      // workerd holds its clock still for most of a computation, and so tells nothing.
      if (short === 0) continue;
      // Linear would be 64 times as long, quadratic 4,096 times.
      check(long < Math.max(short, 0.02) * 64 * 16, `shape ${number}: ${short} ms, then ${long} ms`);
    }
  });
}

interface Pair {
  readonly sign: (claims: object) => string;
  readonly verify: Verifier;
  /** A verifier that has seen nothing yet. */
  readonly forget: () => Verifier;
}

const keys = new Map<AlgorithmName, Promise<Key>>();

async function makePair(algorithm: AlgorithmName, maxTokenLength = 100_000): Promise<Pair> {
  const pending = keys.get(algorithm) ?? generateKey(algorithm);
  keys.set(algorithm, pending);
  const key = await pending;
  const common = { type: "at+jwt", issuer, audience, now: () => start };
  const sign = createSigner({ ...common, key, lifetimeSeconds: 60 });
  const options = { ...common, keys: keySet([key]), maxTokenLength };
  return { sign, verify: createVerifier(options), forget: () => createVerifier(options) };
}

/** Claims that a signer takes: any JSON object but for the names it adds itself. */
function claims(): fc.Arbitrary<object> {
  const names = fc.oneof(
    fc.string({ unit: "grapheme" }),
    fc.constantFrom("__proto__", "constructor", "0", "roles"),
  );
  const reserved = new Set(["iss", "sub", "aud", "exp", "nbf", "iat", "jti", "toJSON"]);
  return fc
    .dictionary(
      names.filter((name) => !reserved.has(name)),
      fc.jsonValue({ maxDepth: maxJsonDepth - 2, stringUnit: "grapheme" }),
    )
    .map((members) => JSON.parse(JSON.stringify(members)) as object);
}

/** A token, damaged. */
function tokenLike(token: string): fc.Arbitrary<string> {
  const position = fc.nat(token.length);
  const scraps = fc.oneof(
    fc.string({ unit: "binary", maxLength: 4 }),
    fc.constantFrom(".", "=", "..", "{}", "\0", "\ud800"),
  );
  return fc.array(fc.tuple(position, fc.nat(8), scraps), { minLength: 1, maxLength: 3 }).map((edits) => {
    let text = token;
    for (const [at, removed, scrap] of edits) text = text.slice(0, at) + scrap + text.slice(at + removed);
    return text;
  });
}

/** Comparable text of a JSON value: members in one order. */
function asText(value: unknown): string {
  return JSON.stringify(value, (_name, member: unknown) =>
    typeof member === "object" && member !== null && !Array.isArray(member)
      ? Object.entries(member).toSorted(([a], [b]) => (a < b ? -1 : 1))
      : member,
  );
}

function refusalOf(action: () => unknown): unknown {
  try {
    action();
    return undefined;
  } catch (error) {
    return error;
  }
}

/** In milliseconds. */
function bestTime(action: () => unknown): number {
  const times = Array.from({ length: 5 }, () => {
    const began = performance.now();
    action();
    return performance.now() - began;
  });
  return Math.min(...times);
}
