import { execFileSync } from "node:child_process";
import { mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { maxBlocklistBytes, readBlocklist } from "../../src/passwords/blocklist.ts";
import { createPasswordPolicy } from "../../src/passwords/policy.ts";

async function newFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "countersign-words-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  return folder;
}

async function fileOf(content: string | Uint8Array): Promise<string> {
  const path = join(await newFolder(), "words.txt");
  await writeFile(path, content);
  return path;
}

describe("the app's own blocklist", () => {
  const words =
    "\ufeffKestrelworks\r\n\r\n  tangerine violin ledger  \nfle\u0301cha d'or des bois\n---\nlong-winded.slogan\n";

  test.each([
    "kestrelworks2026",
    "KestrelWorks-KestrelWorks",
    "Kestrelworks Password",
    "tangerine violin ledger",
    "Tangerine-Violin-Ledger",
    "tangerineviolinledger",
    "Flécha d'or des bois",
    "fle\u0301cha-d'or-des-bois",
    "longwinded slogan",
    "long-winded.slogan",
  ])("PW-05: refuses %s", async (password) => {
    const policy = createPasswordPolicy({ minLength: 15, blocklist: readBlocklist(await fileOf(words)) });
    expect(() => policy.accept(password, [])).toThrow(
      expect.objectContaining({ code: "password_too_common" }),
    );
    expect(createPasswordPolicy({ minLength: 8 }).accept("tangerine violin ledger", [])).toBeTypeOf("string");
  });

  test("PW-05: lets through what only begins or ends with a word of it", async () => {
    const policy = createPasswordPolicy({ minLength: 15, blocklist: readBlocklist(await fileOf(words)) });
    for (const password of ["kestrelworks umbrella tea", "three violin ledgers", "--- --- pq8-zm2 ---"])
      expect(policy.accept(password, []), password).toBe(password);
  });

  test("is found through a link, as orchestrators mount files", async () => {
    const folder = await newFolder();
    await symlink(await fileOf("kestrelworks\n"), join(folder, "words"));
    expect(readBlocklist(join(folder, "words")).has("kestrelworks")).toBe(true);
  });

  test("may have 4 MiB and not one byte more", async () => {
    const line = "kestrel\n";
    const full = line.repeat(maxBlocklistBytes / line.length);
    expect(readBlocklist(await fileOf(full)).has("kestrel")).toBe(true);
    const over = await fileOf(`${full}x`);
    expect(() => readBlocklist(over)).toThrow(`but ${over} has over 4194304 bytes`);
  });

  test.each([
    ["nothing", "", "holds no word"],
    ["empty lines alone", " \n\r\n \n", "holds no word"],
    ["Latin-1", Buffer.from("fl\u00e9cha\n", "latin1"), "is not UTF-8"],
    ["UTF-16", Buffer.from("kestrel\n", "utf16le"), "is no text: it holds a NUL"],
  ])("is refused at the start where it holds %s", async (_what, content, sentence) => {
    const path = await fileOf(content);
    expect(() => readBlocklist(path)).toThrow(
      `passwordBlocklistFile must name a UTF-8 text file with a word on each line, but ${path} ${sentence}`,
    );
  });

  test("is refused at once where no file is, or what is there is a folder or a pipe", async () => {
    const folder = await newFolder();
    expect(() => readBlocklist(join(folder, "none"))).toThrow("cannot be read (ENOENT)");
    expect(() => readBlocklist(folder)).toThrow("is no file");
    execFileSync("mkfifo", [join(folder, "pipe")]);
    expect(() => readBlocklist(join(folder, "pipe"))).toThrow("is no file");
  });
});
