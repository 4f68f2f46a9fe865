// Family "headers": header parameters that change the meaning of a token. All of it properly signed.
import { deflateRawSync } from "node:zlib";
import { refusedBy } from "../attack-case.ts";
import type { Placed, TokenCase } from "../attack-case.ts";
import { segment, withLast, without } from "../forge.ts";
import type { Forge, JsonObject } from "../forge.ts";

type Facts = Pick<TokenCase, "id" | "name" | "forges" | "source" | "policy" | "suits">;

/** A case about further header members. */
function members(facts: Facts, more: JsonObject | ((forge: Forge) => JsonObject)): TokenCase {
  return {
    kind: "token",
    power: "signing-key",
    ...facts,
    token: (forge) =>
      forge.signed({ ...forge.header, ...(typeof more === "function" ? more(forge) : more) }, forge.claims),
  };
}

const ignored = "a token whose condition the issuer made critical and the verifier did not see";

const UNKNOWN_CRIT: readonly (readonly [name: string, header: JsonObject])[] = [
  ["an extension that nobody knows", { crit: ["x-countersign-test"], "x-countersign-test": true }],
  ["exp as a header parameter", { crit: ["exp"], exp: 1 }],
];

/** Values of `crit` that a producer MUST NOT write. */
const MALFORMED_CRIT: readonly (readonly [name: string, header: JsonObject])[] = [
  ["an empty array", { crit: [] }],
  ["a string", { crit: "x", x: 1 }],
  ["null", { crit: null }],
  ["false", { crit: false }],
  ["zero", { crit: 0 }],
  ["an object", { crit: { x: true }, x: 1 }],
  ["an array of numbers", { crit: [1], 1: 1 }],
  ["an array with an empty name", { crit: [""], "": 1 }],
  ["an array with one name twice", { crit: ["x", "x"], x: 1 }],
  ["an array with alg in it", { crit: ["alg"] }],
  ["an array with a name that the header lacks", { crit: ["x"] }],
  ["an array with __proto__ in it", { crit: ["__proto__"] }],
  ["an array with toString in it", { crit: ["toString"] }],
];

const critical: readonly TokenCase[] = [
  ...UNKNOWN_CRIT.map(([name, header]) =>
    members(
      {
        id: "H1",
        name: `crit names ${name}`,
        forges: ignored,
        source: "CVE-2026-35042, CVE-2026-32597, CVE-2025-59420; RFC 7515 §4.1.11",
      },
      header,
    ),
  ),
  ...MALFORMED_CRIT.map(([name, header]) =>
    members({ id: "H2", name: `crit is ${name}`, forges: ignored, source: "RFC 7515 §4.1.11" }, header),
  ),
];

const unencoded: readonly TokenCase[] = [
  members(
    {
      id: "H1",
      name: "crit names b64, and b64 has its default",
      forges: ignored,
      source: "RFC 7515 §4.1.11, RFC 7797 §6",
      policy: "the setup names no extension that it understands",
    },
    { crit: ["b64"], b64: true },
  ),
  members(
    {
      id: "H3",
      name: "b64 false without crit, payload encoded",
      forges: "a token whose payload two readers decode differently",
      source: "RFC 7797 §6, §7 (not in a JWT)",
    },
    { b64: false },
  ),
  {
    kind: "token",
    id: "H3",
    name: "b64 false with crit, payload as it is",
    forges: "a token whose payload two readers decode differently",
    source: "RFC 7797 §7 (not in a JWT)",
    power: "signing-key",
    token: (forge) =>
      forge.signedSegments(
        segment({ ...forge.header, b64: false, crit: ["b64"] }),
        JSON.stringify(without(forge.claims, "motto")).replaceAll(".", String.raw`\u002e`),
      ),
  },
  {
    kind: "token",
    id: "H3",
    name: "b64 false with crit, dots in the payload",
    forges: "a token that two readers cut differently",
    source: "RFC 7797 §5.2, §7",
    power: "signing-key",
    token: (forge) =>
      forge.signedSegments(
        segment({ ...forge.header, b64: false, crit: ["b64"] }),
        JSON.stringify(without(forge.claims, "motto")),
      ),
  },
];

const OTHER_KINDS = ["JWT", "at+jwt", "logout+jwt", "dpop+jwt", "secevent+jwt", "statuslist+jwt", "JOSE"];

const typed = ({ header }: Forge): boolean => typeof header["typ"] === "string";
const otherKind = "a token of another kind: an ID token or a proof in the place of an access token";
const typeRule = "RFC 8725 §3.11, RFC 9068 §4";
const typePolicy = "the setup names one type";

const types: readonly TokenCase[] = [
  ...OTHER_KINDS.map((typ) =>
    members(
      {
        id: "H4",
        name: `typ is ${typ}, which is not the type expected`,
        forges: otherKind,
        source: typeRule,
        policy: typePolicy,
        suits: (forge) => typed(forge) && forge.header["typ"] !== typ,
      },
      { typ },
    ),
  ),
  {
    kind: "token",
    id: "H4",
    name: "typ missing",
    forges: otherKind,
    source: typeRule,
    policy: typePolicy,
    power: "signing-key",
    suits: typed,
    token: (forge) => forge.signed(without(forge.header, "typ"), forge.claims),
  },
  ...(
    [
      ["a number", () => 1],
      ["an array with the right type", (type: unknown) => [type]],
      ["null", () => null],
      ["an object", (type: unknown) => ({ type })],
    ] as const
  ).map(([name, typ]) =>
    members(
      {
        id: "H5",
        name: `typ is ${name}`,
        forges: otherKind,
        source: "RFC 7515 §4.1.9 (a string)",
        suits: typed,
      },
      ({ header }) => ({ typ: typ(header["typ"]) }),
    ),
  ),
  ...(
    [
      ["a parameter", (type: string) => `${type};x=1`],
      ["a space after it", (type: string) => `${type} `],
      ["application/ twice", (type: string) => `application/application/${type}`],
      ["text/ before it", (type: string) => `text/${type}`],
    ] as const
  ).map(([name, typ]) =>
    members(
      {
        id: "H5",
        name: `typ with ${name}`,
        forges: otherKind,
        source: "RFC 7515 §4.1.9",
        policy: typePolicy,
        suits: typed,
      },
      ({ header }) => ({ typ: typ(String(header["typ"])) }),
    ),
  ),
];

const foreign: readonly TokenCase[] = [
  {
    kind: "token",
    id: "H6",
    name: "a token inside the token (cty JWT)",
    forges: "claims that were signed for another reader",
    source: "RFC 7519 §5.2, §7.2 step 8",
    power: "signing-key",
    token: (forge) => forge.signed({ ...forge.header, cty: "JWT" }, forge.honest),
  },
  members(
    {
      id: "H6",
      name: "cty JWT over plain claims",
      forges: "claims that one reader takes for another token",
      source: "RFC 7519 §7.2 step 8",
      policy: "the setup expects claims, not a nested token",
    },
    { cty: "JWT" },
  ),
  {
    kind: "token",
    id: "H7",
    name: "zip DEF over a compressed payload",
    forges: "memory and time: a few bytes that unpack to gigabytes",
    source: "RFC 7516 §4.1.3 (for encryption only), RFC 8725 §3.6",
    power: "signing-key",
    token: (forge) =>
      forge.signed({ ...forge.header, zip: "DEF" }, deflateRawSync(JSON.stringify(forge.claims))),
  },
  members(
    {
      id: "H7",
      name: "zip DEF over a plain payload",
      forges: "a token whose payload two readers decode differently",
      source: "RFC 7516 §4.1.3 (for encryption only)",
      policy: "the setup expects signed tokens; zip belongs to encrypted ones",
    },
    { zip: "DEF" },
  ),
];

/** Claims in the header are copies for routing (RFC 7519 §5.3): the payload decides. */
const copies: readonly TokenCase[] = [
  {
    kind: "token",
    id: "J15",
    name: "right iss in the header, wrong iss in the payload",
    forges: "a token of another issuer",
    source: "RFC 7519 §5.3",
    power: "signing-key",
    token: (forge) =>
      forge.signed(
        { ...forge.header, iss: forge.claims["iss"], aud: forge.claims["aud"] },
        { ...forge.claims, iss: "https://evil.example" },
      ),
  },
  {
    kind: "token",
    id: "J15",
    name: "exp ahead in the header, passed in the payload",
    forges: "a token that never dies",
    source: "RFC 7519 §5.3",
    power: "signing-key",
    token: (forge) =>
      forge.signed(withLast(forge.header, `"exp":${String(forge.claims["exp"])}`), {
        ...forge.claims,
        exp: Number(forge.claims["iat"]) - 60,
      }),
  },
];

export const headerAttacks: readonly (TokenCase & Placed)[] = refusedBy("headers", [
  ...critical,
  ...unencoded,
  ...types,
  ...foreign,
  ...copies,
]);
