// What the documents show is pasted and run.
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { describe, expect, test } from "vitest";
import { blocksOf, keepsPromise, runPage } from "./page.ts";

const root = resolve(import.meta.dirname, "../..");

const pages = [
  "docs/getting-started.md",
  "docs/guides/protect-an-api.md",
  "docs/guides/add-claims.md",
  "docs/guides/keep-data-with-accounts.md",
  "docs/guides/hooks.md",
  "docs/guides/sign-up.md",
  "docs/guides/one-auth-server-many-services.md",
  "docs/guides/cookies-or-tokens.md",
  "docs/guides/front-end-on-another-origin.md",
  "docs/guides/move-from-jsonwebtoken-and-passport-jwt.md",
];

describe("README.md", () => {
  const blocks = blocksOf("README.md");

  test("has commands that put a token in one's hand", async () => {
    const steps = await runPage(
      blocks.slice(0, blocks.findIndex(({ language }) => language === "ts") - 1),
      "clone",
    );
    expect(steps.map(({ command }) => command.split("\n", 1)[0])).toEqual([
      "npm install",
      expect.stringMatching(/^ACCOUNT=/),
    ]);
    expect(steps.at(-1)?.printed).toMatch(/"access_token":"[\w-]+\.[\w-]+\.[\w-]+"/);
  });

  test("has a server of eight lines that refuses strangers and lets people with a token in", async () => {
    const server = blocks.find(({ language }) => language === "ts");
    expect(
      server?.text
        .trim()
        .split("\n")
        .filter((line) => !line.startsWith("//")),
    ).toHaveLength(8);
    const commands = [
      "node server.ts",
      `ACCOUNT='{"email": "ada@example.com", "password": "correct horse battery"}'
      TYPE='content-type: application/json'
      curl -s -o account.json http://127.0.0.1:3000/signup -H "$TYPE" -d "$ACCOUNT"
      curl -s -o login.json http://127.0.0.1:3000/login -H "$TYPE" -d "$ACCOUNT"
      curl -s -o /dev/null -w '%{http_code}\\n' http://127.0.0.1:3000/posts
      curl -s http://127.0.0.1:3000/posts -H "Authorization: Bearer $(node -p 'require("./login.json").access_token')"`,
    ];
    const asked = commands.map((text) => ({ language: "sh", text }));
    const steps = await runPage([...(server === undefined ? [] : [server]), ...asked], "folder");
    expect(steps.at(-1)?.printed).toMatch(/^401\n\{"reader":"[\w-]{22}"\}$/);
  });
});

describe("a page that is followed from top to bottom", () => {
  test.each(pages)("does what it says: %s", async (page) => {
    const steps = await runPage(blocksOf(page), "folder");
    expect(steps.length).toBeGreaterThan(1);
    expect(steps.filter((step) => !keepsPromise(step))).toEqual([]);
  });

  test("has no block that is not run, where a newcomer begins", () => {
    const others = blocksOf("docs/getting-started.md").filter(
      ({ language }) => !["sh", "ts", "text"].includes(language),
    );
    expect(others).toEqual([]);
  });
});

test("the programs that the pages show have the types that they claim", () => {
  const folder = mkdtempSync(join(tmpdir(), "countersign-types-"));
  try {
    symlinkSync(join(root, "node_modules"), join(folder, "node_modules"));
    const programs = ["README.md", ...pages].flatMap((page) =>
      blocksOf(page).filter(({ language }) => language === "ts"),
    );
    expect(programs.length).toBeGreaterThan(pages.length - 1);
    for (const [index, { text }] of programs.entries()) writeFileSync(join(folder, `${index}.ts`), text);
    const compilerOptions = { noEmit: true, allowImportingTsExtensions: true, rootDir: "/" };
    writeFileSync(
      join(folder, "tsconfig.json"),
      JSON.stringify({
        extends: join(root, "tsconfig.base.json"),
        compilerOptions: {
          ...compilerOptions,
          isolatedDeclarations: false,
          customConditions: ["@countersign/source"],
          types: ["node"],
        },
        include: ["*.ts"],
      }),
    );
    writeFileSync(join(folder, "package.json"), '{ "type": "module" }');
    const { stdout, status } = spawnSync(join(root, "node_modules/.bin/tsc"), ["-p", folder], {
      encoding: "utf8",
    });
    expect({ stdout, status }).toEqual({ stdout: "", status: 0 });
  } finally {
    rmSync(folder, { recursive: true });
  }
});
