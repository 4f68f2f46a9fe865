// countersign completion: what a shell can complete, written from the table of the commands.
import { type Command, type Flag, isGroup, type Single, type Verb } from "./command.ts";
import { optionFlags } from "./option-flags.ts";

const shells = ["bash", "zsh", "fish"] as const;

export function completionFor(commands: () => Readonly<Record<string, Command>>): Single {
  return {
    summary: "Print what makes a shell complete commands and flags",
    examples: [
      "source <(countersign completion bash)",
      "countersign completion zsh > ~/.zfunc/_countersign",
      "countersign completion fish > ~/.config/fish/completions/countersign.fish",
    ],
    operands: [{ name: "SHELL", summary: `one of ${shells.join(", ")}`, choices: shells }],
    async run({ operands }, { print }) {
      const [shell] = operands;
      const write = shell === "zsh" ? zsh : shell === "fish" ? fish : bash;
      await print(write(linesOf(commands())));
    },
  };
}

/** What may follow some words: each with what it is for. */
interface Line {
  /** `keys rotate`; empty for the first word. */
  readonly after: string;
  readonly words: readonly { readonly word: string; readonly summary: string }[];
  /** Flags after which comes a value, with all that it may be; none: a file name. */
  readonly values: readonly { readonly flag: string; readonly choices: readonly string[] }[];
  readonly takesFile: boolean;
}

function linesOf(commands: Readonly<Record<string, Command>>): readonly Line[] {
  const first = Object.entries(commands).map(([word, { summary }]) => ({ word, summary }));
  return [
    { after: "", words: [...first, { word: "--help", summary: "" }], values: [], takesFile: false },
    ...Object.entries(commands).flatMap(([name, command]) =>
      isGroup(command)
        ? [
            {
              after: name,
              words: Object.entries(command.verbs).map(([word, { summary }]) => ({ word, summary })),
              values: [],
              takesFile: false,
            },
            ...Object.entries(command.verbs).map(([verb, one]) => lineOf(`${name} ${verb}`, command, one)),
          ]
        : [lineOf(name, command, command)],
    ),
  ];
}

function lineOf(after: string, command: Command, verb: Verb): Line {
  const flags: readonly (readonly [string, Flag])[] = Object.entries(verb.flags ?? {});
  const { names, switches } = optionFlags(command.options ?? {});
  const choices = (verb.operands ?? []).flatMap((operand) => operand.choices ?? []);
  const ofOptions = [...names, ...switches].map((name) => ({ word: `--${name}`, summary: "" }));
  const common = isGroup(command) || command.readsItself !== true ? ["--json", "--help"] : ["--help"];
  return {
    after,
    words: [
      ...choices.map((word) => ({ word, summary: "" })),
      ...flags.map(([name, { summary }]) => ({ word: `--${name}`, summary })),
      ...common.map((word) => ({ word, summary: "" })),
      ...ofOptions,
    ],
    values: [
      ...flags
        .filter(([, flag]) => flag.value !== undefined)
        .map(([name, flag]) => ({ flag: `--${name}`, choices: flag.choices ?? [] })),
      ...names.map((name) => ({ flag: `--${name}`, choices: [] })),
    ],
    takesFile: (verb.operands ?? []).some((operand) => operand.isFile === true),
  };
}

function bash(lines: readonly Line[]): string {
  const cases = lines.map(({ after, words, values, takesFile }) => {
    const chosen = values
      .filter(({ choices }) => choices.length > 0)
      .map(({ flag, choices }) => `      ${flag}) words='${choices.join(" ")}' ;;\n`);
    const files = values.filter(({ choices }) => choices.length === 0).map(({ flag }) => flag);
    const filesCase = files.length === 0 ? "" : `      ${files.join("|")}) words='' files=1 ;;\n`;
    return `    '${after}')
      words='${words.map(({ word }) => word).join(" ")}'${takesFile ? " files=1" : ""}
      case $previous in
${chosen.join("")}${filesCase}      esac
      ;;
`;
  });
  return `# bash completion of countersign: source <(countersign completion bash)
_countersign() {
  local word=\${COMP_WORDS[COMP_CWORD]} previous='' path='' words='' files='' i
  ((COMP_CWORD > 1)) && previous=\${COMP_WORDS[COMP_CWORD - 1]}
  for ((i = 1; i < COMP_CWORD && i < 3; i++)); do
    [[ \${COMP_WORDS[i]} == -* ]] && break
    case "\${path:+$path }\${COMP_WORDS[i]}" in
${lines
  .filter(({ after }) => after !== "")
  .map(({ after }) => `      '${after}')`)
  .join("\n")
  .replaceAll(")\n      ", "|")} path="\${path:+$path }\${COMP_WORDS[i]}" ;;
    esac
  done
  case $path in
${cases.join("")}  esac
  COMPREPLY=()
  local one
  while IFS= read -r one; do COMPREPLY+=("$one"); done < <(compgen -W "$words" -- "$word")
  [[ -n $files && $word != -* ]] || return 0
  compopt -o filenames 2>/dev/null
  while IFS= read -r one; do COMPREPLY+=("$one"); done < <(compgen -f -- "$word")
}
complete -F _countersign countersign
`;
}

function zsh(lines: readonly Line[]): string {
  const cases = lines.map(({ after, words, values, takesFile }) => {
    const chosen = values
      .filter(({ choices }) => choices.length > 0)
      .map(({ flag, choices }) => `        ${flag}) compadd -- ${choices.join(" ")}; return ;;\n`);
    const files = values.filter(({ choices }) => choices.length === 0).map(({ flag }) => flag);
    const filesCase = files.length === 0 ? "" : `        ${files.join("|")}) _files; return ;;\n`;
    const described = words.map(({ word, summary }) => `'${word}:${quotedOnce(summary)}'`);
    return `    '${after}')
      case $previous in
${chosen.join("")}${filesCase}      esac
      offered=(${described.join(" ")})
      files=${takesFile ? 1 : 0}
      ;;
`;
  });
  return `#compdef countersign
# zsh completion of countersign: put it into a folder of $fpath as _countersign
_countersign() {
  local -a before offered
  local previous=\${words[CURRENT-1]} files=0 one
  for one in \${words[2,CURRENT-1]}; do
    [[ $one == -* ]] && break
    before+=($one)
  done
  case \${(j: :)before[1,2]} in
${cases.join("")}    *) files=1 ;;
  esac
  _describe -o countersign offered
  if (( files )); then _files; fi
}
_countersign "$@"
`;
}

function fish(lines: readonly Line[]): string {
  const entries = lines.flatMap(({ after, words, values, takesFile }) => {
    const parts = after === "" ? [] : after.split(" ");
    const seen = parts.map((part) => `__fish_seen_subcommand_from ${part}`);
    const verbs = words.map(({ word }) => word).filter((word) => !word.startsWith("--"));
    const unseen = verbs.length === 0 ? [] : [`not __fish_seen_subcommand_from ${verbs.join(" ")}`];
    const condition = parts.length === 0 ? "__fish_use_subcommand" : [...seen, ...unseen].join("; and ");
    return words.map(({ word, summary }) => {
      const description = summary === "" ? "" : ` -d '${quotedOnce(summary)}'`;
      if (!word.startsWith("--"))
        return `complete -c countersign -n '${condition}'${takesFile ? "" : " -f"} -a '${word}'${description}`;
      const value = values.find(({ flag }) => flag === word);
      const argument =
        value === undefined
          ? ""
          : ` -r${value.choices.length > 0 ? ` -f -a '${value.choices.join(" ")}'` : ""}`;
      return `complete -c countersign -n '${condition}' -l ${word.slice(2)}${argument}${description}`;
    });
  });
  return `# fish completion of countersign\n${entries.join("\n")}\n`;
}

/** Within single quotes of a shell, and without what zsh takes for the end of a word. */
function quotedOnce(text: string): string {
  return text.replaceAll("'", "’").replaceAll(":", ";");
}
