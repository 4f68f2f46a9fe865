// Segments in almost base64url: every lenience gives one token many texts.
import { NOT_POSABLE } from "../attack-case.ts";
import type { TokenCase } from "../attack-case.ts";
import { partsOf, segment } from "../forge.ts";
import type { Forge } from "../forge.ts";

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
const twin = "a token with two texts, past a list of revoked ones";
const ONE_TEXT = "a token has one text; RFC 4648 §3.5 leaves it to the decoder";
const strict = "RFC 7515 §2, §5.2 step 2 (no line breaks, whitespace or other characters)";

/** Characters that lenient decoders drop. */
const FOREIGN: readonly (readonly [label: string, text: string])[] = [
  ["a space", " "],
  ["a tab", "\t"],
  ["a line feed", "\n"],
  ["a carriage return and a line feed", "\r\n"],
  ["a NUL", "\u0000"],
  ["an exclamation mark", "!"],
  ["a question mark", "?"],
  ["a tilde", "~"],
  ["an asterisk", "*"],
  ["a percent escape", "%20"],
  ["a no-break space", "\u00a0"],
  ["a zero-width space", "\u200b"],
  ["a BOM", "\ufeff"],
];

const PLACES: readonly (readonly [label: string, insert: (token: string, text: string) => string])[] = [
  ["before the token", (token, text) => text + token],
  ["after the token", (token, text) => token + text],
  ["after the first dot", (token, text) => token.replace(".", `.${text}`)],
  ["in the signature", (token, text) => `${token.slice(0, -4)}${text}${token.slice(-4)}`],
];

const inserted: readonly TokenCase[] = FOREIGN.flatMap(([character, text]) => [
  ...PLACES.map(([place, insert]): TokenCase => ({
    kind: "token",
    id: /^[ \t\r\n]/.test(text) ? "E4" : "E7",
    name: `${character} ${place}`,
    forges: twin,
    source: strict,
    power: "token",
    token: ({ honest }) => insert(honest, text),
  })),
  {
    kind: "token",
    id: /^[ \t\r\n]/.test(text) ? "E4" : "E7",
    name: `${character} inside the payload, properly signed so`,
    forges: "a token that two readers cut differently",
    source: strict,
    power: "signing-key",
    token: (forge) => {
      const payload = segment(forge.claims);
      return forge.signedSegments(segment(forge.header), `${payload.slice(0, 8)}${text}${payload.slice(8)}`);
    },
  },
]);

/** Claims whose JSON is a certain number of bytes modulo three, so that base64url ends as the case needs it. */
function claimsOfLength({ claims }: Forge, remainder: 0 | 1 | 2): string {
  const fill = ["", "x", "xx"].find(
    (text) => Buffer.byteLength(JSON.stringify({ ...claims, fill: text })) % 3 === remainder,
  );
  return JSON.stringify({ ...claims, fill: fill ?? "" });
}

/** The header with spaces after it until its length fits, because honest headers must stay what they are. */
function headerOfLength({ header }: Forge, remainder: 0 | 1 | 2): string {
  let text = JSON.stringify(header);
  while (Buffer.byteLength(text) % 3 !== remainder) text += " ";
  return text;
}

function padded(text: string): string {
  return text + "=".repeat((4 - (text.length % 4)) % 4);
}

const padding: readonly TokenCase[] = [
  {
    kind: "token",
    id: "E5",
    name: "signature with its padding",
    forges: twin,
    source: "RFC 7515 §2 (padding omitted)",
    power: "token",
    suits: ({ honest }) => partsOf(honest)[2].length % 4 !== 0,
    token: ({ honest }) => {
      const [header, payload, signature] = partsOf(honest);
      return `${header}.${payload}.${padded(signature)}`;
    },
  },
  {
    kind: "token",
    id: "E5",
    name: "signature with four characters of padding",
    forges: twin,
    source: "RFC 7515 §2 (padding omitted)",
    power: "token",
    token: ({ honest }) => `${honest}====`,
  },
  {
    kind: "token",
    id: "E5",
    name: "payload with its padding, properly signed so",
    forges: "a token that two readers cut differently",
    source: "RFC 7515 §2 (padding omitted)",
    power: "signing-key",
    token: (forge) => forge.signedSegments(segment(forge.header), padded(segment(claimsOfLength(forge, 1)))),
  },
  {
    kind: "token",
    id: "E5",
    name: "header with its padding, properly signed so",
    forges: "a token that two readers cut differently",
    source: "RFC 7515 §2 (padding omitted)",
    power: "signing-key",
    token: (forge) => forge.signedSegments(padded(segment(headerOfLength(forge, 1))), segment(forge.claims)),
  },
];

/** Another text for the same bytes: sets a bit that the last character does not use. */
function nonCanonical(text: string): string {
  const unused = [0, 0, 4, 2][text.length % 4] ?? 0;
  if (unused === 0) return text;
  const value = ALPHABET.indexOf(text.slice(-1));
  return text.slice(0, -1) + (ALPHABET[value ^ 1] ?? "");
}

const canonical: readonly TokenCase[] = [
  {
    kind: "token",
    id: "E6",
    name: "signature in the standard alphabet",
    forges: twin,
    source: "RFC 7515 §2 (base64url)",
    power: "token",
    token: ({ honest }) => {
      const [header, payload, signature] = partsOf(honest);
      const standard = signature.replaceAll("-", "+").replaceAll("_", "/");
      return standard === signature ? NOT_POSABLE : `${header}.${payload}.${standard}`;
    },
  },
  {
    kind: "token",
    id: "E6",
    name: "payload in the standard alphabet, properly signed so",
    forges: "a token that two readers cut differently",
    source: "RFC 7515 §2 (base64url)",
    power: "signing-key",
    token: (forge) => {
      const text = withLetters(forge);
      return forge.signedSegments(segment(forge.header), text.replaceAll("-", "+").replaceAll("_", "/"));
    },
  },
  {
    kind: "token",
    id: "E8",
    name: "unused bits set at the end of the signature",
    forges: twin,
    source: "RFC 4648 §3.5",
    policy: ONE_TEXT,
    power: "token",
    suits: ({ honest }) => partsOf(honest)[2].length % 4 !== 0,
    token: ({ honest }) => {
      const [header, payload, signature] = partsOf(honest);
      return `${header}.${payload}.${nonCanonical(signature)}`;
    },
  },
  {
    kind: "token",
    id: "E9",
    name: "unused bits set at the end of the payload, properly signed so",
    forges: "a token that two readers cut differently",
    source: "RFC 4648 §3.5",
    policy: ONE_TEXT,
    power: "signing-key",
    token: (forge) =>
      forge.signedSegments(segment(forge.header), nonCanonical(segment(claimsOfLength(forge, 1)))),
  },
  {
    kind: "token",
    id: "E9",
    name: "unused bits set at the end of the header, properly signed so",
    forges: "a token that two readers cut differently",
    source: "RFC 4648 §3.5",
    policy: ONE_TEXT,
    power: "signing-key",
    token: (forge) =>
      forge.signedSegments(nonCanonical(segment(headerOfLength(forge, 1))), segment(forge.claims)),
  },
  {
    kind: "token",
    id: "E10",
    name: "one character too many at the end of the payload, properly signed so",
    forges: "a token that two readers cut differently",
    source: "RFC 7515 §5.2 step 2",
    power: "signing-key",
    token: (forge) => forge.signedSegments(segment(forge.header), `${segment(claimsOfLength(forge, 0))}A`),
  },
  {
    kind: "token",
    id: "E10",
    name: "one character too many at the end of the header, properly signed so",
    forges: "a token that two readers cut differently",
    source: "RFC 7515 §5.2 step 2",
    power: "signing-key",
    token: (forge) => forge.signedSegments(`${segment(headerOfLength(forge, 0))}A`, segment(forge.claims)),
  },
  {
    kind: "token",
    id: "E7",
    name: "dots as percent escapes",
    forges: twin,
    source: strict,
    power: "token",
    token: ({ honest }) => honest.replaceAll(".", "%2E"),
  },
  {
    kind: "token",
    id: "E7",
    name: "dots as full-width stops",
    forges: twin,
    source: strict,
    power: "token",
    token: ({ honest }) => honest.replaceAll(".", "\uff0e"),
  },
];

/** A payload segment in which `-` or `_` occurs. */
function withLetters({ claims }: Forge): string {
  const texts = ["", "x", "xx"].map((fill) => segment({ fill, letters: "~~~>>>???ÿÿÿ", ...claims }));
  return texts.find((text) => /[-_]/.test(text)) ?? "";
}

export const encodingAttacks: readonly TokenCase[] = [...inserted, ...padding, ...canonical];
