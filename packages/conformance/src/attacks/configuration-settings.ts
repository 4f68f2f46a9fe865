// Settings that must hold, or be refused when they make no sense.
import type { SetupCase } from "../attack-case.ts";
import { without } from "../forge.ts";
import type { Forge, JsonObject } from "../forge.ts";
import { judge } from "../judgement.ts";
import { forgeFrom, makeKeys } from "../keys.ts";
import type { VerifierSetup } from "../verifier-setup.ts";
import { setupCase, verdictOf } from "./challenge.ts";
import type { SetupFacts } from "./challenge.ts";

/** A fixed moment for the verifiers whose clock can be set: 2026-01-01T00:00:00Z. */
const NOON = 1_767_225_600;

const CHECKED = "settings that make no sense are refused when the verifier is built";

/** HS256 with some settings changed, and a token with some claims changed. */
function setting(
  facts: SetupFacts,
  settings: Partial<Record<keyof VerifierSetup, unknown>>,
  claims: (forge: Forge) => JsonObject = (forge) => forge.claims,
): SetupCase {
  return setupCase(facts, "HS256", (profile) => {
    const keys = makeKeys("HS256", profile);
    const forge = forgeFrom(keys);
    // The wrong types are the point: a setting may come from an environment variable.
    const setup = { ...keys.setup, ...settings } as VerifierSetup;
    return { setup, token: forge.signed(forge.header, claims(forge)) };
  });
}

const expired = ({ claims }: Forge): JsonObject => ({
  ...claims,
  iat: Number(claims["iat"]) - 7200,
  exp: Number(claims["iat"]) - 3600,
});

const tolerance: readonly SetupCase[] = (
  [
    ["the text '60'", "60"],
    ["Infinity", Infinity],
    ["NaN", Number.NaN],
    ["an object", {}],
  ] as const
).map(([name, clockToleranceSeconds]) =>
  setting(
    {
      id: "C8",
      name: `clock tolerance is ${name}, the token long expired`,
      forges: "a token that never dies, by a slip in the configuration",
      source: "RFC 7519 §4.1.4 (no more than a few minutes)",
      policy: CHECKED,
    },
    { clockToleranceSeconds },
    expired,
  ),
);

const dropped: readonly SetupCase[] = [
  ...(
    [
      ["an empty string", ""],
      ["undefined", undefined],
      ["an empty array", []],
    ] as const
  ).flatMap(([name, value]) => [
    setting(
      {
        id: "C15",
        name: `issuer is ${name}, the token from another issuer`,
        forges: "a token of another issuer, where a missing setting means no check",
        source: "RFC 8725 §3.8",
        policy: CHECKED,
      },
      { issuer: value },
      ({ claims }) => ({ ...claims, iss: "https://evil.example" }),
    ),
    setting(
      {
        id: "C15",
        name: `audience is ${name}, the token for another service`,
        forges: "a token for another service, where a missing setting means no check",
        source: "RFC 8725 §3.9",
        policy: CHECKED,
      },
      { audience: value },
      ({ claims }) => ({ ...claims, aud: "https://other.example" }),
    ),
  ]),
  ...["constructor", "toString", "__proto__"].map((claim) =>
    setting(
      {
        id: "J4",
        name: `${claim} required, and only inherited`,
        forges: "a token without the claim that was asked for",
        source: "CWE-1321",
      },
      { requiredClaims: ["exp", claim] },
    ),
  ),
];

const age: readonly SetupCase[] = (
  [
    ["missing", (claims: JsonObject) => without(claims, "iat")],
    ["an hour ahead", (claims: JsonObject) => ({ ...claims, iat: Number(claims["iat"]) + 3600 })],
    ["an hour old", (claims: JsonObject) => ({ ...claims, iat: Number(claims["iat"]) - 3600 })],
  ] as const
).map(([name, change]) =>
  setting(
    {
      id: "C7",
      name: `a greatest age of a minute, iat ${name}`,
      forges: "a token that is never too old",
      source: "RFC 7519 §4.1.6",
    },
    { maxAgeSeconds: 60 },
    ({ claims }) => ({ ...change(claims), exp: Number(claims["iat"]) + 7200 }),
  ),
);

/** The boundaries of time, where the verifier's clock can be held still. */
function boundary(name: string, source: string, claims: JsonObject): SetupCase {
  return setting(
    { id: "C3", name, forges: "the second that belongs to the other side", source },
    { now: () => NOON },
    (forge) => ({ ...forge.claims, iat: NOON - 60, exp: NOON + 60, ...claims }),
  );
}

const isolation: readonly SetupCase[] = (
  [
    ["another key", (setup: VerifierSetup, other: VerifierSetup) => ({ ...setup, ...keyOf(other) })],
    ["another audience", (setup: VerifierSetup) => ({ ...setup, audience: "https://other.example" })],
    ["another issuer", (setup: VerifierSetup) => ({ ...setup, issuer: "https://other.example" })],
  ] as const
).map(([name, change]): SetupCase => ({
  kind: "setup",
  algorithm: "HS256",
  id: "V5",
  name: `a token that a first verifier remembers, shown to one with ${name}`,
  forges: "a token from one service in the next",
  source: "CVE-2026-35039",
  play: async (build, profile) => {
    const keys = makeKeys("HS256", profile);
    const { honest } = forgeFrom(keys);
    const setup = { ...keys.setup, rememberTokens: 100 };
    const other = makeKeys("HS256", profile);
    return verdictOf(build, setup, async (first) => {
      for (let times = 0; times < 3; times++) await judge(first, honest);
      const got = await verdictOf(build, change(setup, other.setup), (verify) => judge(verify, honest));
      return { accepted: got === "accept" };
    });
  },
}));

function keyOf({ secret }: VerifierSetup): Pick<VerifierSetup, "secret"> {
  return secret === undefined ? {} : { secret };
}

export const refusedSettings: readonly SetupCase[] = [
  ...tolerance,
  ...dropped,
  ...age,
  boundary("exp is now, on the verifier's own clock", "RFC 7519 §4.1.4 (on or after)", { exp: NOON }),
  boundary("exp was a second ago, on the verifier's own clock", "RFC 7519 §4.1.4", { exp: NOON - 1 }),
  boundary("nbf is in a second, on the verifier's own clock", "RFC 7519 §4.1.5", { nbf: NOON + 1 }),
  ...isolation,
];

export const acceptedSettings: readonly SetupCase[] = [
  boundary("exp is in a second, on the verifier's own clock", "RFC 7519 §4.1.4", { exp: NOON + 1 }),
  boundary("nbf is now, on the verifier's own clock", "RFC 7519 §4.1.5 (after or equal)", { nbf: NOON }),
];
