// Judges what was set, wherever it was set, and fills in what was not.
import type { OptionTable } from "./options.ts";

/** A value, and what whoever set it calls it: the option, the variable or the flag. */
export interface Given {
  readonly value: unknown;
  readonly label: string;
}

/** By the option's name. */
export type GivenOptions = ReadonlyMap<string, Given>;

export interface Judgement {
  /** Of use only where there is no problem. */
  readonly values: Readonly<Record<string, unknown>>;
  readonly problems: readonly string[];
}

export function judge(table: OptionTable, given: GivenOptions): Judgement {
  const values: Record<string, unknown> = {};
  const problems: string[] = [];
  for (const [name, option] of Object.entries(table)) {
    const { kind, default: usual, defaultFrom = () => usual } = option;
    const one = given.get(name) ?? (option.required === true ? { value: undefined, label: name } : undefined);
    const problem = one === undefined ? undefined : kind.problem(one.value);
    if (one !== undefined && problem !== undefined) problems.push(`${one.label} ${problem}`);
    const value = one === undefined ? defaultFrom(values) : one.value;
    if (problem === undefined)
      values[name] = value === undefined || kind.settle === undefined ? value : kind.settle(value);
  }
  return { values, problems };
}

/** As they are set in code. */
export function optionsOf(given: GivenOptions): Record<string, unknown> {
  return Object.fromEntries([...given].map(([name, { value }]) => [name, value]));
}
