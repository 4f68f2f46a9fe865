// Family "honest": tokens that MUST be accepted. A verifier that refuses everything is safe, and useless.
import { acceptedBy } from "../attack-case.ts";
import type { Placed, TokenCase } from "../attack-case.ts";
import { withFirst } from "../forge.ts";
import type { Forge, JsonObject } from "../forge.ts";
import { otherHalf } from "./signature-curves.ts";

const locksOut = "nothing: refusing it locks honest people out";

/** A control that is about the payload. */
function payload(
  name: string,
  source: string,
  content: (claims: JsonObject) => JsonObject | string,
): TokenCase {
  return {
    kind: "token",
    id: "OK",
    name,
    forges: locksOut,
    source,
    power: "signing-key",
    token: (forge) => forge.signed(forge.header, content(forge.claims)),
  };
}

/** A control that is about the header. */
function header(
  name: string,
  source: string,
  content: (header: JsonObject) => JsonObject | string,
  suits: (forge: Forge) => boolean = () => true,
): TokenCase {
  return {
    kind: "token",
    id: "OK",
    name,
    forges: locksOut,
    source,
    power: "signing-key",
    suits,
    token: (forge) => forge.signed(content(forge.header), forge.claims),
  };
}

const typed = ({ header: { typ } }: Forge): boolean => typeof typ === "string";

export const honestControls: readonly (TokenCase & Placed)[] = acceptedBy("honest", [
  {
    kind: "token",
    id: "OK",
    name: "the honest token",
    forges: locksOut,
    source: "RFC 7519 §7.2",
    power: "token",
    token: ({ honest }: Forge) => honest,
  },
  payload("aud is an array with the right one in it", "RFC 7519 §4.1.3", (claims) => ({
    ...claims,
    aud: ["https://other.example", claims["aud"]].flat(),
  })),
  payload("exp has a fraction", "RFC 7519 §2 (non-integer values)", (claims) => ({
    ...claims,
    exp: Number(claims["exp"]) + 0.5,
  })),
  payload("nbf has passed", "RFC 7519 §4.1.5", (claims) => ({ ...claims, nbf: Number(claims["iat"]) - 60 })),
  payload("claims that nobody registered", "RFC 7519 §4 (ignore what is not understood)", (claims) => ({
    ...claims,
    organisation: { name: "Žluťoučký kůň", members: [1, 2.5, null, true, { deep: ["er"] }] },
  })),
  payload("sub outside the basic plane", "RFC 7519 §2, RFC 8259 §8", (claims) => ({
    ...claims,
    sub: "user-\u{1f511}",
  })),
  payload("line breaks and spaces in the JSON", "RFC 7519 §3.1 (its example has both)", (claims) =>
    JSON.stringify(claims, null, 2).replaceAll("\n", "\r\n"),
  ),
  payload("escapes in the JSON strings", "RFC 8259 §7", (claims) =>
    JSON.stringify(claims)
      .replaceAll("/", String.raw`\/`)
      .replace('"sub"', String.raw`"\u0073ub"`),
  ),
  payload("a surrogate pair as two escapes", "RFC 8259 §7", (claims) =>
    withFirst(claims, String.raw`"key":"\ud83d\udd11"`),
  ),
  payload("member names that are numbers, out of order", "RFC 8259 §4", (claims) =>
    withFirst(claims, '"b":0,"10":1,"9":2'),
  ),
  payload("two members of the same name in different objects", "RFC 8259 §4", (claims) =>
    withFirst(claims, '"a":{"id":1},"b":{"id":2},"id":3'),
  ),
  header("header members that nobody registered", "RFC 7515 §4 (MUST be ignored)", (members) => ({
    ...members,
    trace: "0af7651916cd43dd",
  })),
  header("header members in another order, with spaces", "RFC 8259 §2", (members) =>
    JSON.stringify(Object.fromEntries(Object.entries(members).toReversed()), null, 1),
  ),
  header(
    "typ in capitals",
    "RFC 7515 §4.1.9, RFC 2045 §5.1 (case-insensitive)",
    (members) => ({ ...members, typ: String(members["typ"]).toUpperCase() }),
    typed,
  ),
  header(
    "typ with application/ before it",
    "RFC 7515 §4.1.9, RFC 9068 §4",
    (members) => ({ ...members, typ: `application/${String(members["typ"])}` }),
    typed,
  ),
  {
    kind: "token",
    id: "S4",
    name: "the other of the two ECDSA signatures, (r, n - s)",
    forges:
      "nothing: half of all honest signatures look like this, so never key a cache or a list by token text",
    source: "RFC 7518 §3.4 (no limit on s)",
    power: "token",
    suits: ({ algorithm }: Forge) => /^ES(?:256|384|512)$/.test(algorithm),
    token: (forge: Forge) => otherHalf(forge),
  },
]);
