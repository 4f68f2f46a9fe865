import { describe, expect, test } from "vitest";
import { readArguments } from "../../src/cli/arguments.ts";
import { optionFlags, readFlags } from "../../src/cli/option-flags.ts";
import { list, mapOfLists, mapOfSecrets, originList } from "../../src/settings/collections.ts";
import { readEnvironment } from "../../src/settings/environment.ts";
import { type GivenOptions, judge } from "../../src/settings/judging.ts";
import {
  boolean,
  choice,
  codeOnly,
  integer,
  judgedText,
  type Kind,
  path,
  secret,
  text,
  url,
} from "../../src/settings/kinds.ts";
import type { OptionTable } from "../../src/settings/options.ts";

const random = Buffer.from(crypto.getRandomValues(new Uint8Array(32))).toString("hex");
const isWord = (word: string): boolean => /^[a-z:]+$/.test(word);

interface Case {
  readonly name: string;
  readonly kind: Kind;
  /** What is set in code; then as text, where it can be; then what the server reads, where that is another value. */
  readonly good: readonly (readonly [code: unknown, text?: string, settled?: unknown])[];
  readonly wrongInCode: readonly unknown[];
  readonly wrongTexts: readonly string[];
}

const cases: readonly Case[] = [
  {
    name: "text",
    kind: text(),
    good: [["posts API", "posts API"]],
    wrongInCode: ["", 1, null, {}],
    wrongTexts: [],
  },
  {
    name: "path",
    kind: path("a folder"),
    good: [["/var/lib/x", "/var/lib/x"]],
    wrongInCode: ["", 1, null],
    wrongTexts: [],
  },
  {
    name: "url",
    kind: url({ protocols: ["https:"], example: "https://example.com" }),
    good: [["https://example.com/x", "https://example.com/x"]],
    wrongInCode: [new URL("https://example.com"), null, "http://example.com", "https://example.com/?x=1"],
    wrongTexts: ["example.com", "https://example.com/#x"],
  },
  {
    name: "url with a query",
    kind: url({ protocols: ["smtp:", "smtps:"], example: "smtps://mail.example.com", allowsQuery: true }),
    good: [["smtp://localhost:25?pool=1", "smtp://localhost:25?pool=1"]],
    wrongInCode: ["https://example.com"],
    wrongTexts: ["localhost:25"],
  },
  {
    name: "judgedText",
    kind: judgedText({
      placeholder: "X",
      range: "x",
      problemOf: (x) => (x === "x" ? undefined : "must be x"),
    }),
    good: [["x", "x"]],
    wrongInCode: [1, null, "y"],
    wrongTexts: ["y"],
  },
  {
    name: "integer",
    kind: integer({ min: 1, max: 9, unit: "seconds" }),
    good: [
      [1, "1"],
      [9, "9"],
    ],
    wrongInCode: [0, 10, 1.5, Number.NaN, "1", null],
    wrongTexts: ["0", "10", "1.5", "1s", " 1", "0x1", "null", "unlimited"],
  },
  {
    name: "integer or null",
    kind: integer({ min: 1, max: 9, unit: "a minute", wordForNull: "unlimited" }),
    good: [
      [1, "1"],
      [null, "unlimited"],
    ],
    wrongInCode: ["unlimited", Number.POSITIVE_INFINITY, 0],
    wrongTexts: ["null", "Unlimited", "0"],
  },
  {
    name: "choice",
    kind: choice(["open", "closed"]),
    good: [["open", "open"]],
    wrongInCode: ["Open", null, ["open"]],
    wrongTexts: ["Open", "open,closed"],
  },
  {
    name: "boolean",
    kind: boolean(),
    good: [
      [true, "true"],
      [false, "false"],
    ],
    wrongInCode: ["true", 1, null],
    wrongTexts: ["yes", "1", "TRUE"],
  },
  {
    name: "list of texts",
    kind: list({ isItem: isWord, must: "a list of words", range: "words" }),
    good: [
      [["admin"], "admin"],
      [["admin", "editor"], "admin, editor"],
    ],
    wrongInCode: ["admin", [1], ["A"], null, {}],
    wrongTexts: ["admin,", ",", "admin,,editor"],
  },
  {
    name: "list of origins",
    kind: originList(),
    good: [[["https://a.example", "http://b.example:81"], "https://a.example,http://b.example:81"]],
    wrongInCode: [["https://a.example/"], "https://a.example"],
    wrongTexts: ["*", "https://*.example", "https://a.example,null"],
  },
  {
    name: "map of lists",
    kind: mapOfLists({ isKey: isWord, isItem: isWord, must: "a map of words to lists of words", range: "" }),
    good: [
      [{ admin: ["users:read"] }, '{"admin":["users:read"]}', new Map([["admin", ["users:read"]]])],
      [{}, "{}", new Map()],
    ],
    wrongInCode: [{ admin: "users:read" }, { Admin: [] }, new Map(), [], null],
    wrongTexts: ["admin=users:read", "[]", "null", '{"admin":[1]}'],
  },
  {
    name: "secret",
    kind: secret({ pattern: /^[0-9a-f]{64}$/, form: "64 hexadecimal digits" }),
    good: [[random, random]],
    wrongInCode: ["", random.slice(1), null],
    wrongTexts: [random.slice(1)],
  },
  {
    name: "map of secrets",
    kind: mapOfSecrets({ pattern: /^\w+$/, name: "client id" }),
    good: [[{ api: random }, JSON.stringify({ api: random }), new Map([["api", random]])]],
    wrongInCode: [
      { api: "short" },
      { "a\u0007b": random },
      { api: "x".repeat(40) },
      { api: "correct horse battery staple mountain river" },
      { api: "Qwertyuiop1234567890Asdfghjkl1234567" },
      new Map([["api", random]]),
      null,
    ],
    wrongTexts: [`api=${random}`, '{"api":"short"}'],
  },
];

const tableOf = (kind: Kind): OptionTable => ({
  anOption: { kind, group: "data", summary: "For this test." },
});

/** What the server reads, or what is wrong. */
function outcome(table: OptionTable, given: GivenOptions, more: readonly string[] = []): unknown {
  const { values, problems } = judge(table, given);
  const all = [...more, ...problems];
  return all.length > 0 ? { problems: all } : { value: values["anOption"] };
}

function fromEnvironment(table: OptionTable, written: string): unknown {
  const { given, problems } = readEnvironment(table, { COUNTERSIGN_AN_OPTION: written });
  return outcome(table, given, problems);
}

function fromFlag(table: OptionTable, ...args: readonly string[]): unknown {
  const { names, switches } = optionFlags(table);
  const { values, problems } = readArguments(args, names, { switches });
  const flags = readFlags(table, values);
  return outcome(table, flags.given, [...problems, ...flags.problems]);
}

function refusal(label: string): unknown {
  return { problems: [expect.stringMatching(new RegExp(`^${label} must (be|map) `))] };
}

describe.each(cases)("an option of the kind $name", ({ kind, good, wrongInCode, wrongTexts }) => {
  const table = tableOf(kind);
  const inCode = (value: unknown): unknown =>
    outcome(table, new Map([["anOption", { value, label: "anOption" }]]));

  test("is read alike from code, from the environment and from a flag", () => {
    for (const [value, written, settled = value] of good) {
      expect(inCode(value)).toEqual({ value: settled });
      if (written === undefined) continue;
      expect(fromEnvironment(table, written)).toEqual({ value: settled });
      if (kind.secrecy === "always") continue;
      expect(fromFlag(table, `--an-option=${written}`)).toEqual({ value: settled });
    }
  });

  test("that is wrong is told under the name that was used, without its value", () => {
    for (const value of wrongInCode) expect(inCode(value), String(value)).toEqual(refusal("anOption"));
    for (const written of wrongTexts) {
      expect(fromEnvironment(table, written), written).toEqual(refusal("COUNTERSIGN_AN_OPTION"));
      if (kind.secrecy !== "always")
        expect(fromFlag(table, `--an-option=${written}`), written).toEqual(refusal("--an-option"));
    }
  });
});

test("a list or map that changes later changes no setting", () => {
  const items = ["admin"];
  const table = tableOf(list({ isItem: isWord, must: "words", range: "words" }));
  const { values } = judge(table, new Map([["anOption", { value: items, label: "anOption" }]]));
  items.push("NOT A WORD");
  expect(values["anOption"]).toEqual(["admin"]);
});

test("a boolean flag says true by itself, and takes a value only with an equals sign", () => {
  const table = tableOf(boolean());
  expect(fromFlag(table, "--an-option")).toEqual({ value: true });
  expect(fromFlag(table, "--an-option=false")).toEqual({ value: false });
  expect(fromFlag(table, "--an-option", "false")).toEqual({
    problems: ['"false" is not expected here; see --help'],
  });
});

test("a secret has no flag but that of its file", () => {
  const table = tableOf(secret({ pattern: /^\w+$/, form: "a word" }));
  expect(fromFlag(table, "--an-option", random)).toEqual({
    problems: ["there is no option --an-option; the nearest is --an-option-file; see --help"],
  });
  expect(fromFlag(table, "--an-option-file", "/nowhere/at/all")).toEqual({
    problems: ["--an-option-file names a file that cannot be read (ENOENT): /nowhere/at/all"],
  });
});

test("an option that exists in code alone has neither variable nor flag", () => {
  const problem = (value: unknown): string | undefined =>
    typeof value === "function" ? undefined : "must be a function";
  const kind = codeOnly({ type: "Hook", typeFrom: "hook.ts", range: "", problem });
  const table: OptionTable = { anOption: { kind, group: "data", summary: "For this test.", only: "code" } };
  const hook = (): void => {};
  expect(outcome(table, new Map([["anOption", { value: hook, label: "anOption" }]]))).toEqual({
    value: hook,
  });
  expect(outcome(table, new Map([["anOption", { value: 1, label: "anOption" }]]))).toEqual(
    refusal("anOption"),
  );
  expect(fromEnvironment(table, "x")).toEqual({
    problems: [expect.stringContaining("there is no variable")],
  });
  expect(fromFlag(table, "--an-option=x")).toEqual({
    problems: [expect.stringContaining("there is no option")],
  });
});
