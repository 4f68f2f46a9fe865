// countersign completion: what the shells make of it, where they are installed.
import { spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { commands } from "../../src/cli/commands.ts";
import { isGroup } from "../../src/cli/command.ts";
import { newFolder, printedBy } from "./installations.ts";

function hasShell(name: string): boolean {
  return spawnSync(name, ["--version"]).status === 0;
}

/** What bash offers for the last word. */
async function offeredByBash(words: readonly string[], folder?: string): Promise<string[]> {
  const script = await printedBy("completion", "bash");
  const quoted = words.map((word) => `'${word}'`).join(" ");
  const ask = `COMP_WORDS=(${quoted}); COMP_CWORD=${words.length - 1}; _countersign; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const { stdout, status, stderr } = spawnSync("bash", ["--norc", "-c", `${script}\n${ask}`], {
    encoding: "utf8",
    cwd: folder,
  });
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  return stdout.split("\n").filter((line) => line !== "");
}

describe.runIf(hasShell("bash"))("in bash", () => {
  test("the first word is any command", async () => {
    expect(await offeredByBash(["countersign", ""])).toEqual([...Object.keys(commands), "--help"]);
    expect(await offeredByBash(["countersign", "re"])).toContain("revoke-everything");
  });

  test("after a command come its verbs, after a verb its flags, and nothing of another", async () => {
    for (const [name, command] of Object.entries(commands)) {
      if (!isGroup(command)) continue;
      expect(await offeredByBash(["countersign", name, ""])).toEqual(Object.keys(command.verbs));
    }
    const flags = await offeredByBash(["countersign", "users", "create", "--"]);
    expect(flags).toEqual(
      expect.arrayContaining(["--email", "--admin", "--password-stdin", "--json", "--data-dir"]),
    );
    expect(flags).not.toContain("--sample");
    expect(await offeredByBash(["countersign", "serve", "--issu"])).toEqual(["--issuer"]);
  });

  test("after a flag come its values, where a file is wanted the files, and shells after completion", async () => {
    const folder = await newFolder();
    writeFileSync(join(folder, "accounts list.jsonl"), "");
    mkdirSync(join(folder, "archive"));
    expect(await offeredByBash(["countersign", "users", "export", "--format", ""])).toEqual(["jsonl", "csv"]);
    expect(await offeredByBash(["countersign", "users", "import", "acc"], folder)).toEqual([
      "accounts list.jsonl",
    ]);
    expect(await offeredByBash(["countersign", "token", "verify", "--jwks-file", "ar"], folder)).toEqual([
      "archive",
    ]);
    expect(await offeredByBash(["countersign", "completion", ""])).toEqual(
      expect.arrayContaining(["bash", "zsh", "fish"]),
    );
  });
});

describe.runIf(hasShell("fish"))("in fish", () => {
  test("commands, verbs, flags and the values of flags come where they belong", async () => {
    const file = join(await newFolder(), "countersign.fish");
    writeFileSync(file, await printedBy("completion", "fish"));
    const offered = (line: string) => {
      const { stdout, status, stderr } = spawnSync(
        "fish",
        ["--no-config", "-c", `source '${file}'; complete -C '${line}'`],
        { encoding: "utf8", env: { ...process.env, HOME: dirname(file) } },
      );
      expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
      return stdout.split("\n").flatMap((one) => one.split("\t")[0] ?? []);
    };
    expect(offered("countersign ")).toEqual(expect.arrayContaining(Object.keys(commands)));
    expect(offered("countersign keys ")).toEqual(expect.arrayContaining(["list", "rotate"]));
    expect(offered("countersign keys list ")).not.toContain("rotate");
    expect(offered("countersign users create --e")).toEqual(expect.arrayContaining(["--email"]));
    expect(offered("countersign users export --format ")).toEqual(expect.arrayContaining(["jsonl", "csv"]));
    expect(offered("countersign completion ")).toEqual(expect.arrayContaining(["bash", "zsh", "fish"]));
  });
});

describe.runIf(hasShell("zsh"))("in zsh", () => {
  test("commands, verbs, flags and the values of flags come where they belong", async () => {
    const script = await printedBy("completion", "zsh");
    // Of zsh's completion, which needs a terminal, as much as prints what it is given.
    const stubs = `_describe() { local name=$argv[-1]; print -rl -- \${\${(P)name}%%:*} }
_files() { print FILES }
compadd() { print -rl -- \${@:#--} }`;
    const offered = (...words: string[]) => {
      const typed = words.map((word) => `'${word}'`).join(" ");
      const { stdout, status, stderr } = spawnSync(
        "zsh",
        ["-f", "-c", `${stubs}\nwords=(countersign ${typed})\nCURRENT=${words.length + 1}\n${script}`],
        { encoding: "utf8" },
      );
      expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
      return stdout.split("\n").filter((line) => line !== "");
    };
    expect(offered("")).toEqual([...Object.keys(commands), "--help"]);
    expect(offered("keys", "")).toEqual(expect.arrayContaining(["list", "rotate"]));
    expect(offered("keys", "list", "")).not.toContain("rotate");
    expect(offered("users", "create", "--")).toEqual(expect.arrayContaining(["--email", "--admin"]));
    expect(offered("users", "export", "--format", "")).toEqual(["jsonl", "csv"]);
    expect(offered("users", "import", "")).toContain("FILES");
    expect(offered("completion", "")).toEqual(expect.arrayContaining(["bash", "zsh", "fish"]));
  });
});

test.each(["bash", "zsh", "fish"])(
  "%s finds no mistake in its script, which names every command and verb",
  async (shell) => {
    const script = await printedBy("completion", shell);
    for (const [name, command] of Object.entries(commands)) {
      expect(script).toContain(name);
      for (const verb of isGroup(command) ? Object.keys(command.verbs) : []) expect(script).toContain(verb);
    }
    if (!hasShell(shell)) return;
    const file = join(await newFolder(), "script");
    writeFileSync(file, script);
    const { status, stderr } = spawnSync(shell, ["-n", file], { encoding: "utf8" });
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  },
);

test("another shell is refused", async () => {
  await expect(printedBy("completion", "tcsh")).rejects.toThrow("SHELL must be one of bash, zsh, fish");
  await expect(printedBy("completion")).rejects.toThrow("needs SHELL");
});
