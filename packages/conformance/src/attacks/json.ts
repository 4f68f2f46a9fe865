// Family "json": content that two parsers read differently, or that is not JSON at all. All of it properly signed.
import { refusedBy } from "../attack-case.ts";
import type { Placed, ScenarioCase, TokenCase } from "../attack-case.ts";
import { withFirst, withLast, without } from "../forge.ts";
import type { Content, Forge, JsonObject } from "../forge.ts";

const OBJECT_RULE = "RFC 7519 §7.2 step 10 (a JSON object)";
const UNIQUE_RULE = "RFC 7519 §4, RFC 7515 §4, RFC 8725 §2.6";
const UTF8_RULE = "RFC 7519 §7.2 step 10, RFC 8259 §8.1";

/** A case about what stands in the payload. */
function payload(
  facts: Pick<TokenCase, "id" | "name" | "forges" | "source" | "policy">,
  content: (forge: Forge) => Content,
): TokenCase {
  return {
    kind: "token",
    power: "signing-key",
    ...facts,
    token: (forge) => forge.signed(forge.header, content(forge)),
  };
}

/** A case about what stands in the header. */
function header(
  facts: Pick<TokenCase, "id" | "name" | "forges" | "source" | "policy">,
  content: (forge: Forge) => Content,
): TokenCase {
  return {
    kind: "token",
    power: "signing-key",
    ...facts,
    token: (forge) => forge.signed(content(forge), forge.claims),
  };
}

const twoReadings = "a token that means one thing to the gateway and another to the service";

const duplicates: readonly TokenCase[] = (
  [
    header({ id: "J1", name: "alg twice, none first", forges: twoReadings, source: UNIQUE_RULE }, (forge) =>
      withFirst(forge.header, '"alg":"none"'),
    ),
    header(
      { id: "J1", name: "alg twice, once with an escape", forges: twoReadings, source: UNIQUE_RULE },
      (forge) => withFirst(forge.header, String.raw`"\u0061lg":"none"`),
    ),
    header({ id: "J1", name: "kid twice", forges: twoReadings, source: UNIQUE_RULE }, (forge) =>
      withFirst(forge.header, '"kid":"other"'),
    ),
    ...[
      ["sub", '"sub":"admin"'],
      ["exp", '"exp":1'],
      ["aud", '"aud":"https://other.example"'],
      ["iss", '"iss":"https://evil.example"'],
      ["roles", '"roles":["admin"]'],
    ].map(([claim = "", member = ""]) =>
      payload(
        { id: "J2", name: `${claim} twice, the raised one first`, forges: twoReadings, source: UNIQUE_RULE },
        (forge) => withFirst(forge.claims, member),
      ),
    ),
    payload(
      { id: "J2", name: "sub twice, the raised one last", forges: twoReadings, source: UNIQUE_RULE },
      (forge) => withLast(forge.claims, '"sub":"admin"'),
    ),
    payload(
      { id: "J2", name: "sub twice, once with an escape", forges: twoReadings, source: UNIQUE_RULE },
      (forge) => withFirst(forge.claims, String.raw`"\u0073ub":"admin"`),
    ),
    payload(
      { id: "J2", name: "a member twice in a nested object", forges: twoReadings, source: UNIQUE_RULE },
      (forge) => withLast(forge.claims, '"org":{"id":"mine","id":"theirs"}'),
    ),
  ] satisfies readonly TokenCase[]
).map((one) => ({
  ...one,
  policy: "duplicate names are refused; RFC 7519 §4 would also let the last one win",
}));

/** Contents that are not one JSON object. */
const NOT_OBJECTS: readonly (readonly [name: string, content: (object: JsonObject) => string])[] = [
  ["an array with the claims in it", (object) => JSON.stringify([object])],
  ["an empty array", () => "[]"],
  ["a string", () => '"admin"'],
  ["a number", () => "42"],
  ["true", () => "true"],
  ["null", () => "null"],
  ["an object after a BOM", (object) => `\ufeff${JSON.stringify(object)}`],
  ["an object with a bracket too many", (object) => `${JSON.stringify(object)}}`],
  ["two objects", (object) => `${JSON.stringify(object)}{"sub":"admin"}`],
  ["an object with a comment", (object) => `{/* */${JSON.stringify(object).slice(1)}`],
  ["an object with a comma at the end", (object) => `${JSON.stringify(object).slice(0, -1)},}`],
  ["an object with single quotes", (object) => JSON.stringify(object).replaceAll('"', "'")],
  ["an object before a NUL", (object) => `${JSON.stringify(object)}\u0000`],
];

function bomPolicy(name: string): { policy?: string } {
  return name.includes("BOM")
    ? { policy: "the content begins with its object; RFC 8259 §8.1 lets a parser skip a BOM" }
    : {};
}

const notObjects: readonly TokenCase[] = NOT_OBJECTS.flatMap(([name, content]) => [
  payload(
    {
      id: "J5",
      name: `payload is ${name}`,
      forges: "a token that passes because no claim can be looked at",
      source: `${OBJECT_RULE}, RFC 7515 §10.12`,
      ...bomPolicy(name),
    },
    ({ claims }) => content(claims),
  ),
  header(
    {
      id: "J6",
      name: `header is ${name}`,
      forges: "a token whose header nobody could read",
      source: "RFC 7515 §5.2 step 3, §10.12",
      ...bomPolicy(name),
    },
    (forge) => content(forge.header),
  ),
]);

/** Bytes that lenient decoders turn into U+FFFD, so that two names become one. */
const BAD_UTF8: readonly (readonly [name: string, hex: string])[] = [
  ["a byte that no character has", "ff"],
  ["an overlong slash", "c0af"],
  ["a surrogate pair as CESU-8", "eda080edb080"],
  ["a character cut short", "e282"],
  ["Latin-1", "e9"],
];

const texts: readonly TokenCase[] = [
  ...BAD_UTF8.flatMap(([name, hex]) => [
    payload(
      { id: "J7", name: `sub contains ${name}`, forges: "one identity out of two", source: UTF8_RULE },
      ({ claims }) => bytesFor({ ...claims, sub: "user-#" }, hex),
    ),
    header(
      {
        id: hex === "e9" ? "J10" : "J7",
        name: `header contains ${name}`,
        forges: "a key id that two readers spell differently",
        source: "RFC 7515 §5.2 step 3, §4 (UTF-8)",
      },
      (forge) => bytesFor({ ...forge.header, note: "#" }, hex),
    ),
  ]),
  payload(
    {
      id: "J8",
      name: "sub contains half of a surrogate pair",
      forges: "one identity out of two, once it is stored as UTF-8",
      source: "RFC 8259 §8.2, RFC 7493 §2.1",
      policy: "strings are Unicode text",
    },
    ({ claims }) => withLast(without(claims, "sub"), String.raw`"sub":"user-\ud800"`),
  ),
  payload(
    {
      id: "J8",
      name: "a member name contains half of a surrogate pair",
      forges: "a claim that two readers name differently",
      source: "RFC 8259 §8.2, RFC 7493 §2.1",
      policy: "strings are Unicode text",
    },
    ({ claims }) => withLast(claims, String.raw`"\udc00":1`),
  ),
  ...(["utf16le", "utf16be", "utf32le"] as const).map((encoding) =>
    payload(
      {
        id: "J9",
        name: `payload in ${encoding.replace("utf", "UTF-").toUpperCase()}`,
        forges: "a token that only some readers can read",
        source: `${UTF8_RULE}, RFC 8725 §3.7`,
      },
      ({ claims }) => encode(JSON.stringify(claims), encoding),
    ),
  ),
];

function bytesFor(object: JsonObject, hex: string): Buffer {
  const [before = "", after = ""] = JSON.stringify(object).split("#");
  return Buffer.concat([Buffer.from(before), Buffer.from(hex, "hex"), Buffer.from(after)]);
}

function encode(text: string, encoding: "utf16le" | "utf16be" | "utf32le"): Buffer {
  const utf16 = Buffer.from(text, "utf16le");
  if (encoding === "utf16le") return utf16;
  if (encoding === "utf16be") return utf16.swap16();
  return Buffer.concat(
    Array.from(text, (character) => Buffer.from([character.codePointAt(0) ?? 0, 0, 0, 0])),
  );
}

const depth =
  "maxTokenLength leaves room for it, but nobody nests claims a thousand deep (Tink stops at 100)";

const shapes: readonly TokenCase[] = [
  payload(
    {
      id: "J12",
      name: "arrays nested a thousand deep",
      forges: "a stack overflow in whoever walks the claims",
      source: "CWE-674",
      policy: depth,
    },
    ({ claims }) => withLast(claims, `"deep":${"[".repeat(1000)}${"]".repeat(1000)}`),
  ),
  payload(
    {
      id: "J12",
      name: "objects nested five hundred deep",
      forges: "a stack overflow in whoever walks the claims",
      source: "CWE-674",
      policy: depth,
    },
    ({ claims }) => withLast(claims, `"deep":${'{"a":'.repeat(500)}0${"}".repeat(500)}`),
  ),
  payload(
    {
      id: "J12",
      name: "arrays nested a hundred thousand deep",
      forges: "a stack overflow in whoever walks the claims",
      source: "CWE-674",
      policy: "maxTokenLength is 8192 characters",
    },
    ({ claims }) => withLast(claims, `"deep":${"[".repeat(100_000)}${"]".repeat(100_000)}`),
  ),
  ...["01", "+1", ".5", "1.", "0x10", "NaN", "Infinity"].map((number) =>
    payload(
      {
        id: "J13",
        name: `the number ${number}`,
        forges: "a number that two readers read differently",
        source: "RFC 8259 §6",
      },
      ({ claims }) => withLast(claims, `"n":${number}`),
    ),
  ),
];

const pollution: readonly ScenarioCase[] = [
  pollutes("__proto__ member", '"__proto__":{"admin":true,"polluted":true}'),
  pollutes("constructor.prototype member", '"constructor":{"prototype":{"polluted":true}}'),
];

function pollutes(name: string, member: string): ScenarioCase {
  return {
    kind: "scenario",
    functionOnly: true,
    id: "J3",
    name: `${name} reaches a prototype`,
    forges: "rights that no claim of the token gives",
    source: "CWE-1321",
    power: "signing-key",
    play: async (forge, present) => {
      const { value } = await present(forge.signed(forge.header, withLast(forge.claims, member)));
      const fresh: object = {};
      if ("polluted" in fresh) {
        for (const name of ["polluted", "admin"]) Reflect.deleteProperty(Object.prototype, name);
        return "accept";
      }
      return inherits(value) ? "accept" : "reject";
    },
  };
}

/** Whether claims, or anything right below them, have a right that is not their own. */
function inherits(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  const candidates: readonly unknown[] = [value, ...Object.values(value)];
  return candidates.some(
    (one) => typeof one === "object" && one !== null && "admin" in one && !Object.hasOwn(one, "admin"),
  );
}

export const jsonAttacks: readonly ((TokenCase | ScenarioCase) & Placed)[] = refusedBy<
  TokenCase | ScenarioCase
>("json", [...duplicates, ...notObjects, ...texts, ...shapes, ...pollution]);
