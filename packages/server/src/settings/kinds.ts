// What kinds of options there are: what each may be, how it is written as text, and its type in
// code.
import { howToMakeSecret } from "./secrets.ts";

export interface Kind {
  /** The TypeScript type of what is set in code. */
  readonly type: string;
  /** The type of what the server reads, where that is another one. */
  readonly settledType?: string;
  /** The file of `settings/` that declares the type. */
  readonly typeFrom?: string;
  /** Stands for the value in `--help`. */
  readonly placeholder: string;
  /** What it may be, for tables. */
  readonly range: string;
  /** `always` is never written on a command line; both can be read from a file. */
  readonly secrecy?: "always" | "perhaps";
  /** Whether a flag without a value says `true`. */
  readonly isSwitch?: boolean;
  /**
   * What the text of a variable or flag says; a text that says nothing becomes a value that
   * `problem` refuses.
   */
  parse(text: string): unknown;
  /**
   * What follows the option's name in a sentence that says what is wrong: "must be …". Never
   * repeats the value.
   */
  problem(value: unknown): string | undefined;
  /** Makes of a good value what the server reads. */
  settle?(value: unknown): unknown;
}

export const text = (): Kind => textual("TEXT", "", isFilled, "must be a text that is not empty");

/** `what`: "a folder", "a file". */
export const path = (what: string): Kind => textual("PATH", "", isFilled, `must be the path of ${what}`);

export interface UrlRules {
  /** With their colons. */
  readonly protocols: readonly string[];
  readonly example: string;
  /** Whether a query and a fragment may stand in it. Default false. */
  readonly allowsQuery?: boolean;
}

export function url({ protocols, example, allowsQuery = false }: UrlRules): Kind {
  const names = protocols.map((protocol) => protocol.slice(0, -1)).join(" or ");
  const rule = `URL (${names})${allowsQuery ? "" : " without query or fragment"}`;
  const isGood = (value: string): boolean => isUrl(value, protocols, allowsQuery);
  return textual("URL", rule, isGood, `must be a ${rule}, for example "${example}"`);
}

/** For a text whose rules are told one by one: `problemOf` answers the rest of the sentence. */
export function judgedText(rules: {
  readonly placeholder: string;
  readonly range: string;
  readonly secrecy?: "always" | "perhaps";
  readonly problemOf: (value: string) => string | undefined;
}): Kind {
  const { problemOf, ...kind } = rules;
  return {
    ...kind,
    type: "string",
    parse: asItIs,
    problem: (value) => problemOf(typeof value === "string" ? value : ""),
  };
}

/** Random text: `pattern` says of what form, `form` says so in words. */
export const secret = ({ pattern, form }: { readonly pattern: RegExp; readonly form: string }): Kind => ({
  ...textual("TEXT", form, (value) => pattern.test(value), `must be ${form}; ${howToMakeSecret}`),
  secrecy: "always",
});

export interface IntegerRules {
  readonly min: number;
  readonly max: number;
  readonly unit: string;
  /** If set, `null` is a value too, and this the word for it in text. */
  readonly wordForNull?: string;
}

export function integer({ min, max, unit, wordForNull }: IntegerRules): Kind {
  const orNull = wordForNull === undefined ? "" : `, or "${wordForNull}" (null in code)`;
  return {
    type: wordForNull === undefined ? "number" : "number | null",
    placeholder: "NUMBER",
    range: `${grouped(min)} to ${grouped(max)}${unit === "" ? "" : ` ${unit}`}${orNull}`,
    parse: (written) => {
      if (written === wordForNull) return null;
      return /^\d{1,15}$/.test(written) ? Number(written) : Number.NaN;
    },
    problem(value) {
      const isGood =
        (wordForNull !== undefined && value === null) ||
        (typeof value === "number" && Number.isInteger(value) && value >= min && value <= max);
      return isGood ? undefined : `must be a whole number from ${min} to ${max}${orNull}`;
    },
  };
}

export function choice(choices: readonly string[]): Kind {
  return {
    type: choices.map((one) => JSON.stringify(one)).join(" | "),
    placeholder: "NAME",
    range: spoken(choices.map((one) => `\`${one}\``)),
    parse: asItIs,
    problem: (value) => (choices.some((one) => one === value) ? undefined : `must be ${spoken(choices)}`),
  };
}

/** `true` or `false` in text; a flag without a value says `true`. */
export const boolean = (): Kind => ({
  type: "boolean",
  placeholder: "",
  range: "`true` or `false`",
  isSwitch: true,
  parse: (written) => (written === "true" ? true : written === "false" ? false : written),
  problem: (value) => (typeof value === "boolean" ? undefined : "must be true or false"),
});

/**
 * What no text can say, such as a function. `type` is declared in the file `typeFrom` of
 * `settings/`.
 */
export const codeOnly = (rules: {
  readonly type: string;
  readonly typeFrom: string;
  readonly range: string;
  readonly problem: (value: unknown) => string | undefined;
}): Kind => ({ ...rules, placeholder: "", parse: asItIs });

function spoken(choices: readonly string[]): string {
  return `${choices.slice(0, -1).join(", ")} or ${choices.at(-1) ?? ""}`;
}

function textual(placeholder: string, range: string, isGood: (value: string) => boolean, must: string): Kind {
  return {
    type: "string",
    placeholder,
    range,
    parse: asItIs,
    problem: (value) => (typeof value === "string" && isGood(value) ? undefined : must),
  };
}

function asItIs(written: string): string {
  return written;
}

function isFilled(value: string): boolean {
  return value !== "";
}

function isUrl(value: string, protocols: readonly string[], allowsQuery: boolean): boolean {
  const { protocol = "", search, hash } = URL.parse(value) ?? {};
  return protocols.includes(protocol) && (allowsQuery || (search === "" && hash === ""));
}

function grouped(number: number): string {
  return number.toLocaleString("en-US");
}
