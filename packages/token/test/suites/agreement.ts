/**
 * Our verdicts beside those of two independent libraries, jose and fast-jwt.
 *
 * A token is put together from ingredients, each in its usual form or a variant. Where the libraries and we differ,
 * one of the variants must be listed as the reason, with an explanation; and each listed variant must, on its own,
 * make the difference that it is listed for.
 */
import crypto from "node:crypto";
import fc from "fast-check";
import { createVerifier as createFastVerifier } from "fast-jwt";
import { jwtVerify } from "jose";
import { createVerifier, keySet, secretKey, TokenError } from "../../src/index.ts";
import type { Harness } from "./harness.ts";

const issuer = "https://auth.example.com";
const audience = "https://api.example.com";
const now = 1_800_000_000;
/** Not random, so that every run has the same tokens. */
const secret = crypto.createHash("sha256").update("a secret for tests").digest();

/** Ingredients as JSON text, so that they may also be what no serializer would write. */
type Ingredients = Record<keyof typeof variants, string>;

const usual = {
  alg: '"alg":"HS256"',
  typ: '"typ":"JWT"',
  kid: '"kid":"k"',
  headerMember: "",
  iss: `"iss":"${issuer}"`,
  aud: `"aud":"${audience}"`,
  sub: '"sub":"user-1"',
  exp: `"exp":${now + 60}`,
  nbf: "",
  iat: `"iat":${now - 60}`,
  claim: '"roles":["user"]',
  form: "usual",
} as const;

const variants = {
  alg: [
    "",
    '"alg":"none"',
    '"alg":"HS384"',
    '"alg":"hs256"',
    '"alg":["HS256"]',
    '"alg":"none","alg":"HS256"',
  ],
  typ: ["", '"typ":"at+jwt"', '"typ":7', '"typ":null'],
  kid: ["", '"kid":"another"', '"kid":""', '"kid":7', '"kid":null', '"kid":"\\ud800"'],
  headerMember: [
    '"crit":["exp"]',
    '"crit":[]',
    '"crit":null',
    '"b64":false',
    '"b64":true',
    '"zip":"DEF"',
    '"cty":"JWT"',
    '"jku":"https://evil.example"',
    '"jwk":{"kty":"oct","k":"AA"}',
    '"x":{"y":1,"y":2}',
  ],
  iss: [
    "",
    '"iss":"https://evil.example"',
    `"iss":["${issuer}"]`,
    `"iss":"${issuer}/"`,
    '"iss":7',
    '"iss":null',
  ],
  aud: [
    "",
    '"aud":"https://evil.example"',
    `"aud":["${audience}"]`,
    `"aud":["x","${audience}"]`,
    `"aud":["${audience}",7]`,
    '"aud":[]',
    '"aud":7',
    `"aud":{"0":"${audience}","length":1}`,
  ],
  sub: [
    "",
    '"sub":7',
    '"sub":null',
    '"sub":"\\ud800"',
    '"sub":"a","sub":"b"',
    '"sub":"a","\\u0073ub":"b"',
    '"sub":"ü"',
  ],
  exp: [
    "",
    `"exp":${now}`,
    `"exp":${now - 1}`,
    `"exp":${now}.5`,
    '"exp":1e400',
    '"exp":-1',
    `"exp":"${now + 60}"`,
    '"exp":null',
    `"exp":${now * 1000}`,
    `"exp":${now - 1},"exp":${now + 60}`,
  ],
  nbf: [`"nbf":${now}`, `"nbf":${now + 1}`, `"nbf":"${now}"`, '"nbf":-1e400', '"nbf":null'],
  iat: ["", `"iat":${now}`, `"iat":${now + 60}`, `"iat":"${now}"`, '"iat":1e400', '"iat":null'],
  claim: [
    "",
    '"__proto__":{"admin":true}',
    '"constructor":1',
    `"deep":${"[".repeat(40)}${"]".repeat(40)}`,
    `"deep":${"[".repeat(20)}${"]".repeat(20)}`,
    '"a":1,"a":1',
    '"jti":7',
    '"text":"\\u00e9\\n"',
    ' "spaced" : [ 1 , 2 ] ',
  ],
  form: [
    "array payload",
    "null payload",
    "no payload",
    "trailing text",
    "byte order mark",
    "invalid UTF-8",
    "padded",
    "trailing newline",
    "space in front",
    "foreign alphabet",
    "loose header bits",
    "loose payload bits",
    "loose signature bits",
    "four parts",
    "two parts",
    "no signature",
    "short signature",
    "another signature",
  ],
} as const satisfies Record<keyof typeof usual, readonly string[]>;

const duplicates =
  "a member name occurs twice: whoever reads the first sees another token (RFC 7515 §4, RFC 7519 §4)";
const wrongType =
  "a registered parameter or claim of another type than the RFC gives it (RFC 7515 §4.1, RFC 7519 §4.1)";
const notFinite =
  "a time that is no NumericDate before the year 10000: in milliseconds, or beyond all numbers (RFC 7519 §2)";
const manyTexts = "the same bytes in another text: one token would have several (RFC 7515 §2, RFC 4648 §3.5)";
const illFormed = "half of a surrogate pair: no two readers make the same of it (RFC 8259 §8.2)";

/** Both libraries accept these and we do not. There is nothing that we accept and one of them does not. */
const weRefuse: Readonly<Record<string, string>> = {
  '"alg":"none","alg":"HS256"': duplicates,
  '"x":{"y":1,"y":2}': duplicates,
  '"sub":"a","sub":"b"': duplicates,
  '"sub":"a","\\u0073ub":"b"': duplicates,
  [`"exp":${now - 1},"exp":${now + 60}`]: duplicates,
  '"a":1,"a":1': duplicates,
  '"typ":7': wrongType,
  '"typ":null': wrongType,
  '"kid":7': wrongType,
  '"kid":null': wrongType,
  '"sub":7': wrongType,
  '"sub":null': wrongType,
  '"jti":7': wrongType,
  '"exp":1e400': notFinite,
  [`"exp":${now * 1000}`]: notFinite,
  '"nbf":-1e400': notFinite,
  '"iat":1e400': notFinite,
  '"kid":"\\ud800"': illFormed,
  '"sub":"\\ud800"': illFormed,
  "loose header bits": manyTexts,
  "loose payload bits": manyTexts,
  "loose signature bits": manyTexts,
  '"b64":false': "unencoded payloads are not for JWTs (RFC 7797 §7)",
  '"b64":true': "b64 without crit (RFC 7797 §6)",
  '"zip":"DEF"': "nothing in a JWS is compressed: whoever says so takes it for something else",
  '"cty":"JWT"': "says that the payload is a token again, which it is not (RFC 7519 §5.2)",
  [`"iat":${now + 60}`]: "issued in the future: one of the clocks is wrong",
  [`"deep":${"[".repeat(40)}${"]".repeat(40)}`]:
    "nested deeper than what works on claims can be trusted to bear",
};

export function agreementSuite({ test, check }: Harness, { cases }: { cases: number }): void {
  for (const [name, values] of Object.entries(variants)) {
    for (const value of values) {
      const label = value === "" ? `no ${name}` : value;
      test(`${label}: we and the others agree, or not as listed`, async () => {
        const verdicts = await judge(bake({ ...usual, [name]: value }));
        const difference = differenceOf(verdicts);
        const expected = label in weRefuse ? "we refuse" : "none";
        check(difference === expected, `${difference}: ${JSON.stringify(verdicts)}`);
      });
    }
  }

  test("on random mixtures all differences are explained", async () => {
    const mixture = fc.record(
      Object.fromEntries(
        Object.entries(variants).map(([name, values]) => [
          name,
          fc.oneof(
            { weight: 8, arbitrary: fc.constant(usual[name as keyof typeof usual]) },
            { weight: 1, arbitrary: fc.constantFrom<string>(...values) },
          ),
        ]),
      ) as Record<keyof typeof variants, fc.Arbitrary<string>>,
    );
    await fc.assert(
      fc.asyncProperty(mixture, async (ingredients) => {
        const verdicts = await judge(bake(ingredients));
        const labels = Object.entries(ingredients).map(([name, value]) =>
          value === "" ? `no ${name}` : value,
        );
        const isExplained = labels.some((label) => label in weRefuse);
        check(isExplained || differenceOf(verdicts) === "none", JSON.stringify({ labels, verdicts }));
      }),
      { numRuns: cases },
    );
  });
}

/** Claims as text, or undefined for a refusal. */
interface Verdicts {
  readonly ours: string | undefined;
  readonly jose: string | undefined;
  readonly fastJwt: string | undefined;
}

function differenceOf({
  ours,
  jose,
  fastJwt,
}: Verdicts): "none" | "we refuse" | "we accept" | "other claims" {
  if (ours === undefined) return jose !== undefined && fastJwt !== undefined ? "we refuse" : "none";
  if (jose === undefined || fastJwt === undefined) return "we accept";
  return ours === jose && ours === fastJwt ? "none" : "other claims";
}

const verifyOurs = createVerifier({
  keys: keySet([secretKey("HS256", secret)]),
  type: null,
  issuer,
  audience,
  now: () => now,
});

const verifyFast = createFastVerifier({
  key: secret,
  algorithms: ["HS256"],
  allowedIss: issuer,
  allowedAud: audience,
  requiredClaims: ["exp", "iss", "aud"],
  clockTimestamp: now * 1000,
});

async function judge(token: string): Promise<Verdicts> {
  return {
    ours: await claimsOf(() => verifyOurs(token), TokenError),
    jose: await claimsOf(async () => {
      const { payload } = await jwtVerify(token, secret, {
        algorithms: ["HS256"],
        issuer,
        audience,
        requiredClaims: ["exp"],
        currentDate: new Date(now * 1000),
      });
      return payload;
    }, Error),
    fastJwt: await claimsOf(() => verifyFast(token) as unknown, Error),
  };
}

async function claimsOf(
  verify: () => unknown,
  refusal: new (...parameters: never[]) => Error,
): Promise<string | undefined> {
  try {
    return JSON.stringify(await verify());
  } catch (error) {
    if (error instanceof refusal) return undefined;
    throw error;
  }
}

/** The token of some ingredients, signed as it stands. */
function bake(ingredients: Ingredients): string {
  const { alg, typ, kid, headerMember, form, ...claims } = ingredients;
  const object = (...members: readonly string[]): string =>
    `{${members.filter((text) => text !== "").join(",")}}`;
  const header = encode(Buffer.from(object(alg, typ, kid, headerMember)));
  const payload = encode(bakePayload(form, object(...Object.values(claims))));
  const looseHeader = form === "loose header bits" ? loosen(header) : header;
  const loosePayload = reshape(form, payload);
  const input = `${looseHeader}.${loosePayload}`;
  const signature = crypto.createHmac("sha256", secret).update(input).digest("base64url");
  switch (form) {
    case "trailing newline":
      return `${input}.${signature}\n`;
    case "space in front":
      return ` ${input}.${signature}`;
    case "loose signature bits":
      return `${input}.${loosen(signature)}`;
    case "four parts":
      return `${input}.${signature}.`;
    case "two parts":
      return input;
    case "no signature":
      return `${input}.`;
    case "short signature":
      return `${input}.${signature.slice(0, 22)}`;
    case "another signature":
      return `${input}.${signature.slice(1)}A`;
    default:
      return `${input}.${signature}`;
  }
}

function bakePayload(form: string, json: string): Buffer {
  switch (form) {
    case "array payload":
      return Buffer.from(`[${json}]`);
    case "null payload":
      return Buffer.from("null");
    case "no payload":
      return Buffer.alloc(0);
    case "trailing text":
      return Buffer.from(`${json}{}`);
    case "byte order mark":
      return Buffer.from(`\ufeff${json}`);
    case "invalid UTF-8":
      return Buffer.concat([
        Buffer.from(json.slice(0, -1)),
        Buffer.from(',"x":"'),
        Buffer.from([0xff]),
        Buffer.from('"}'),
      ]);
    case "padded":
    case "loose payload bits":
      // White space after it, so that its last character has bits to spare.
      return Buffer.from(json.length % 3 === 0 ? `${json} ` : json);
    default:
      return Buffer.from(json);
  }
}

/** The text of a payload as the form wants it. */
function reshape(form: string, payload: string): string {
  switch (form) {
    case "padded":
      return payload.padEnd(Math.ceil(payload.length / 4) * 4, "=");
    case "foreign alphabet":
      return payload.replace("-", "+").replace("_", "/").concat("+/8");
    case "loose payload bits":
      return loosen(payload);
    default:
      return payload;
  }
}

function encode(bytes: Buffer): string {
  return bytes.toString("base64url");
}

/** The same bytes in another text, if the last character has bits to spare. */
function loosen(text: string): string {
  const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  const last = alphabet.indexOf(text.slice(-1));
  return text.length % 4 === 0 ? text : text.slice(0, -1) + alphabet[last + 1];
}
