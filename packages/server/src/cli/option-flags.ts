// The options of the server as flags of a command.
import { readFromFile } from "../settings/environment.ts";
import type { Given, GivenOptions } from "../settings/judging.ts";
import { fileFlagOf, flagsOf } from "../settings/names.ts";
import type { Option, OptionTable } from "../settings/options.ts";

/** For `readArguments`. */
export interface OptionFlags {
  readonly names: readonly string[];
  readonly switches: readonly string[];
}

export function optionFlags(table: OptionTable): OptionFlags {
  const names: string[] = [];
  const switches: string[] = [];
  for (const [name, option] of Object.entries(table)) {
    if (option.only === "code") continue;
    (option.kind.isSwitch === true ? switches : names).push(...flagsOf(name, option));
    const fileFlag = fileFlagOf(name, option);
    if (fileFlag !== undefined) names.push(fileFlag);
  }
  return { names, switches };
}

/** What the flags say; the values are judged later, with those that come from the environment. */
export function readFlags(
  table: OptionTable,
  flags: Readonly<Record<string, string | undefined>>,
): { readonly given: GivenOptions; readonly problems: readonly string[] } {
  const given = new Map<string, Given>();
  const problems: string[] = [];
  for (const [name, option] of Object.entries(table)) {
    const said = [...flagsOf(name, option), fileFlagOf(name, option)].filter(
      (flag) => flag !== undefined && flags[flag] !== undefined,
    );
    const [flag, another] = said;
    if (flag === undefined) continue;
    const one =
      another === undefined
        ? readFlag(name, option, flag, flags[flag] ?? "")
        : `--${flag} and --${another} are one option: take one of them away`;
    if (typeof one === "string") problems.push(one);
    else given.set(name, one);
  }
  return { given, problems };
}

function readFlag(name: string, option: Option, flag: string, text: string): Given | string {
  const label = `--${flag}`;
  return flag === fileFlagOf(name, option)
    ? readFromFile(text, label, option.kind)
    : { value: option.kind.parse(text), label };
}
