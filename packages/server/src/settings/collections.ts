// The kinds that hold many: lists, written with commas as text, and maps, written as JSON.
import type { Kind } from "./kinds.ts";
import { howToMakeSecret, isExampleSecret } from "./secrets.ts";

export interface ListRules {
  readonly isItem: (item: string) => boolean;
  /** What the list must be, in words. */
  readonly must: string;
  readonly range: string;
}

export function list({ isItem, must, range }: ListRules): Kind {
  return {
    type: "readonly string[]",
    placeholder: "LIST",
    range,
    parse: (text) => text.split(",").map((item) => item.trim()),
    problem(value) {
      const isGood = Array.isArray(value) && value.every((item) => typeof item === "string" && isItem(item));
      return isGood ? undefined : `must be ${must}`;
    },
    settle: (value) => [...(value as readonly string[])],
  };
}

export const originList = (): Kind =>
  list({
    isItem: isOrigin,
    must: 'a list of origins as browsers send them, for example "https://app.example.com"',
    range: "origins such as `https://app.example.com`",
  });

/** The same with Android apps, which name the key that they are signed with. */
export const appOriginList = (): Kind =>
  list({
    isItem: (item) => isOrigin(item) || /^android:apk-key-hash:[\w-]{43}$/.test(item),
    must: 'a list of origins such as "https://app.example.com" and "android:apk-key-hash:…"',
    range: "origins such as `https://app.example.com`, and `android:apk-key-hash:…`",
  });

/**
 * Maps names to secrets of 32 characters at least. `name` says what a name is called, such as
 * "client id".
 */
export function mapOfSecrets({ pattern, name }: { readonly pattern: RegExp; readonly name: string }): Kind {
  return {
    type: "Readonly<Record<string, string>>",
    settledType: "ReadonlyMap<string, string>",
    placeholder: "JSON",
    range: `secrets of 32 characters at least, by ${name}`,
    secrecy: "always",
    parse: parseJson,
    problem(value) {
      const entries = entriesOf(value);
      const isMap = entries?.every(
        ([key, secret]) => pattern.test(key) && typeof secret === "string" && secret.length >= 32,
      );
      if (isMap !== true) return `must map ${name}s to secrets of 32 characters at least`;
      const holdsExample = entries?.some(([, secret]) => isExampleSecret(String(secret)));
      return holdsExample === true
        ? `must map ${name}s to random secrets, not to examples or patterns; ${howToMakeSecret}`
        : undefined;
    },
    settle: (value) => new Map(entriesOf(value)),
  };
}

export interface MapOfListsRules {
  readonly isKey: (key: string) => boolean;
  readonly isItem: (item: string) => boolean;
  /** What the map must be, in words. */
  readonly must: string;
  readonly range: string;
}

export function mapOfLists({ isKey, isItem, must, range }: MapOfListsRules): Kind {
  const isGoodList = (value: unknown): boolean =>
    Array.isArray(value) && value.every((item) => typeof item === "string" && isItem(item));
  return {
    type: "Readonly<Record<string, readonly string[]>>",
    settledType: "ReadonlyMap<string, readonly string[]>",
    placeholder: "JSON",
    range,
    parse: parseJson,
    problem(value) {
      const isGood = entriesOf(value)?.every(([key, items]) => isKey(key) && isGoodList(items));
      return isGood === true ? undefined : `must be ${must}`;
    },
    settle: (value) => new Map(entriesOf(value)?.map(([key, items]) => [key, [...(items as string[])]])),
  };
}

/** A text that is no JSON stays what it is, and is refused as no map. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** Of a plain object alone: a `Map` would seem to be empty. */
function entriesOf(value: unknown): readonly (readonly [string, unknown])[] | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null ? Object.entries(value) : undefined;
}

/**
 * RFC 6454 §6.2, in the one spelling that is compared with the header. An asterisk is a host to a
 * URL, but never meant as one.
 */
function isOrigin(text: string): boolean {
  const { protocol = "", origin } = URL.parse(text) ?? {};
  return ["https:", "http:"].includes(protocol) && origin === text && !text.includes("*");
}
