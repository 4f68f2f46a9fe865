// Arguments that are not a primitive string (function form only: a header field is always text).
import type { TokenCase } from "../attack-case.ts";

const VALUES: readonly (readonly [label: string, of: (token: string) => unknown])[] = [
  ["a Buffer", (token) => Buffer.from(token)],
  ["a String object", (token) => Object(token) as unknown],
  ["an array with the token", (token) => [token]],
  ["an object with toString", (token) => ({ toString: () => token })],
  ["undefined", () => undefined],
  ["null", () => null],
  ["a number", () => 0],
  ["true", () => true],
  ["an empty object", () => ({})],
];

export const valueAttacks: readonly TokenCase[] = VALUES.map(([label, of]) => ({
  kind: "token",
  id: "E11",
  name: `the token is ${label}`,
  forges: "a value that is one thing when checked and another when read",
  source: "RFC 7519 §7.2 (a string)",
  policy: "the function is made for primitive strings alone",
  power: "token",
  token: ({ honest }) => of(honest),
}));
