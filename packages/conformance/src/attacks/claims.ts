// Family "claims": claims of a wrong type, from a wrong time or for somebody else. All of it properly signed.
import { refusedBy } from "../attack-case.ts";
import type { Placed, TokenCase } from "../attack-case.ts";
import { withLast, without } from "../forge.ts";
import type { Forge, JsonObject } from "../forge.ts";

type Facts = Pick<TokenCase, "id" | "name" | "forges" | "source" | "policy">;

/** A case about some claims: members to replace, or raw JSON to put in their place. */
function claims(facts: Facts, change: (forge: Forge) => JsonObject | string): TokenCase {
  return {
    kind: "token",
    power: "signing-key",
    ...facts,
    token: (forge) => {
      const changed = change(forge);
      return forge.signed(
        forge.header,
        typeof changed === "string" ? changed : { ...forge.claims, ...changed },
      );
    },
  };
}

function nowOf({ claims: { iat } }: Forge): number {
  return Number(iat);
}

const NUMERIC_DATE = "RFC 7519 §2 (NumericDate: a JSON number)";

/** Values of the wrong type for a time; each a minute ahead where that could help. */
const NOT_TIMES: readonly (readonly [name: string, value: (seconds: number) => unknown])[] = [
  ["a string", String],
  ["a date text", (seconds) => new Date(seconds * 1000).toISOString()],
  ["an empty string", () => ""],
  ["null", () => null],
  ["true", () => true],
  ["an array", (seconds) => [seconds]],
  ["an object", () => ({})],
];

const wrongTypes: readonly TokenCase[] = NOT_TIMES.flatMap(([name, value]) => [
  claims(
    {
      id: "C1",
      name: `exp is ${name}`,
      forges: "a token that never dies",
      source: `CVE-2026-44459; ${NUMERIC_DATE}, §4.1.4`,
    },
    (forge) => ({ exp: value(nowOf(forge) + 600) }),
  ),
  claims(
    {
      id: "C1",
      name: `nbf is ${name}`,
      forges: "a token before its time",
      source: `CVE-2026-25537; ${NUMERIC_DATE}, §4.1.5`,
    },
    (forge) => ({ nbf: value(nowOf(forge) - 60) }),
  ),
  claims(
    {
      id: "C1",
      name: `iat is ${name}`,
      forges: "a token whose age nobody can tell",
      source: `${NUMERIC_DATE}, §4.1.6`,
    },
    (forge) => ({ iat: value(nowOf(forge)) }),
  ),
]);

const yearLimit = "times lie between 1970 and the year 9999 (Tink does so too)";

const infinite: readonly TokenCase[] = [
  ...[
    ["exp", "1e400", "a token that never dies"],
    ["exp", "-1e400", "a token without an end"],
    ["nbf", "-1e400", "a token without a beginning"],
    ["iat", "1e400", "a token that is never too old"],
    ["iat", "-1e400", "a token without an age"],
  ].map(([claim = "", number = "", forges = ""]) =>
    claims(
      { id: "C2", name: `${claim} is ${number}`, forges, source: `CVE-2026-44459; ${NUMERIC_DATE}` },
      (forge) => withLast(without(forge.claims, claim), `"${claim}":${number}`),
    ),
  ),
  claims(
    {
      id: "C2",
      name: "exp is 1e308",
      forges: "a token that never dies",
      source: NUMERIC_DATE,
      policy: yearLimit,
    },
    (forge) => withLast(without(forge.claims, "exp"), '"exp":1e308'),
  ),
  claims(
    {
      id: "C3",
      name: "exp in milliseconds",
      forges: "a token that lives for fifty thousand years",
      source: NUMERIC_DATE,
      policy: yearLimit,
    },
    (forge) => ({ exp: (nowOf(forge) + 600) * 1000 }),
  ),
];

const untimely: readonly TokenCase[] = [
  ...(
    [
      ["an hour ago", (now: number) => now - 3600],
      ["this very second", (now: number) => now],
      ["a second ago, and a half", (now: number) => now - 1.5],
      ["zero", () => 0],
      ["negative", () => -1],
    ] as const
  ).map(([name, exp]) =>
    claims(
      {
        id: "C3",
        name: `exp is ${name}`,
        forges: "a token that has died",
        source: "RFC 7519 §4.1.4 (on or after)",
      },
      (forge) => ({ exp: exp(nowOf(forge)) }),
    ),
  ),
  claims(
    {
      id: "C4",
      name: "exp missing",
      forges: "a token that never dies",
      source: "RFC 7519 §4.1.4, RFC 9068 §2.2 (required)",
      policy: "requiredClaims names exp",
    },
    (forge) => JSON.stringify(without(forge.claims, "exp")),
  ),
  claims(
    { id: "C6", name: "nbf is an hour ahead", forges: "a token before its time", source: "RFC 7519 §4.1.5" },
    (forge) => ({ nbf: nowOf(forge) + 3600, exp: nowOf(forge) + 7200 }),
  ),
  claims(
    {
      id: "C6",
      name: "nbf is after exp",
      forges: "a token before its time",
      source: "RFC 7519 §4.1.5",
    },
    (forge) => ({ nbf: nowOf(forge) + 3600, exp: nowOf(forge) + 600 }),
  ),
  claims(
    {
      id: "C6",
      name: "iat is an hour ahead",
      forges: "a token that outlives its revocation and its greatest age",
      source: "RFC 7519 §4.1.6",
      policy: "clockToleranceSeconds is 0: nobody signs in the future",
    },
    (forge) => ({ iat: nowOf(forge) + 3600, exp: nowOf(forge) + 7200 }),
  ),
];

const issuerRule = "RFC 7519 §4.1.1, RFC 8725 §3.8";

/** Issuers that are not the one expected, but contain it or look like it. */
const OTHER_ISSUERS: readonly (readonly [name: string, iss: (right: string) => unknown])[] = [
  ["another", () => "https://evil.example"],
  ["an array with the right one in it", (right) => ["https://evil.example", right]],
  ["an array with the right one alone", (right) => [right]],
  ["the right one with a slash after it", (right) => `${right}/`],
  ["the right one cut short", (right) => right.slice(0, -1)],
  ["the right one as a prefix", (right) => `${right}.evil.example`],
  ["the right one as a suffix", (right) => `https://evil.example/?${right}`],
  ["the right one in capitals", (right) => right.toUpperCase()],
  ["the right one with a space before it", (right) => ` ${right}`],
  ["the right one with a NUL after it", (right) => `${right}\u0000`],
  ["the right one with a zero-width space", (right) => `${right}\u200b`],
  ["the right one in full-width letters", fullWidth],
  ["an empty string", () => ""],
  ["a number", () => 1],
  ["null", () => null],
  ["true", () => true],
  ["an object", (right) => ({ iss: right })],
];

/** Letters that compatibility normalisation (NFKC) would fold back into the right ones. */
function fullWidth(text: string): string {
  return text.replaceAll(/[a-z]/g, (letter) => String.fromCodePoint((letter.codePointAt(0) ?? 0) + 0xfee0));
}

/** Audiences that are not the one expected. */
const OTHER_AUDIENCES: readonly (readonly [name: string, aud: (right: string) => unknown])[] = [
  ["another", () => "https://other.example"],
  ["an array of others", () => ["https://other.example", "https://third.example"]],
  ["an empty array", () => []],
  ["an empty string", () => ""],
  ["a number", () => 1],
  ["null", () => null],
  ["true", () => true],
  ["an object with the right one in it", (right) => ({ aud: right })],
  ["an object that looks like an array", (right) => ({ 0: right, length: 1 })],
  ["an array in an array", (right) => [[right]]],
  ["an array with the right one and a number", (right) => [right, 1]],
  ["an array with the right one and null", (right) => [null, right]],
  ["the right one cut short", (right) => right.slice(0, -1)],
  ["the right one as a prefix", (right) => `${right}/admin`],
  ["the right one in capitals", (right) => right.toUpperCase()],
  ["the right one among others in one string", (right) => `https://other.example ${right}`],
  ["the right one among others with commas", (right) => `https://other.example,${right}`],
];

const parties: readonly TokenCase[] = [
  ...OTHER_ISSUERS.map(([name, iss]) =>
    claims(
      {
        id: name.includes("array") ? "C9" : /NUL|width/.test(name) ? "J11" : "C10",
        name: `iss is ${name}`,
        forges: "a token of another issuer",
        source: `CVE-2025-30144, CVE-2024-53861; ${issuerRule}`,
      },
      (forge) => ({ iss: iss(String(forge.claims["iss"])) }),
    ),
  ),
  claims(
    { id: "C16", name: "iss missing", forges: "a token of another issuer", source: issuerRule },
    (forge) => JSON.stringify(without(forge.claims, "iss")),
  ),
  ...OTHER_AUDIENCES.map(([name, aud]) =>
    claims(
      {
        id: "C13",
        name: `aud is ${name}`,
        forges: "a token that was meant for another service",
        source: "CVE-2020-26160; RFC 7519 §4.1.3, RFC 8725 §3.9",
      },
      (forge) => ({ aud: aud(audienceOf(forge)) }),
    ),
  ),
  claims(
    {
      id: "C16",
      name: "aud missing",
      forges: "a token that was meant for another service",
      source: "RFC 7519 §4.1.3, RFC 8725 §3.9",
    },
    (forge) => JSON.stringify(without(forge.claims, "aud")),
  ),
];

function audienceOf({ claims: { aud } }: Forge): string {
  return String(Array.isArray(aud) ? aud[0] : aud);
}

const strings: readonly TokenCase[] = ["sub", "jti"].flatMap((claim) =>
  (
    [
      ["a number", 1],
      ["null", null],
      ["an array", ["admin"]],
      ["an object", { id: "admin" }],
      ["true", true],
    ] as const
  ).map(([name, value]) =>
    claims(
      {
        id: "C17",
        name: `${claim} is ${name}`,
        forges: "an identity that two readers compare differently",
        source: claim === "sub" ? "RFC 7519 §4.1.2 (a string)" : "RFC 7519 §4.1.7 (a string)",
      },
      () => ({ [claim]: value }),
    ),
  ),
);

export const claimAttacks: readonly (TokenCase & Placed)[] = refusedBy("claims", [
  ...wrongTypes,
  ...infinite,
  ...untimely,
  ...parties,
  ...strings,
]);
