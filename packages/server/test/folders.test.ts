// Folders as they are made, also on systems that let nobody synchronise one, as Windows does: simulated by what its calls
// answer there.
import { randomBytes } from "node:crypto";
import { mkdirSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { type FolderSystem, makeFolders } from "../src/folders.ts";
import { writeMasterKeyFile } from "../src/keys/master-key-file.ts";

function refuse(code: string): () => never {
  return () => {
    throw Object.assign(new Error(`${code}: not permitted`), { code });
  };
}

const working: FolderSystem = { open: () => 1, sync: () => {}, close: () => {} };

const systems = {
  "cannot be opened (EISDIR)": { ...working, open: refuse("EISDIR") },
  "cannot be opened (EPERM)": { ...working, open: refuse("EPERM") },
  "cannot be synchronised (EPERM)": { ...working, sync: refuse("EPERM") },
} satisfies Record<string, FolderSystem>;

async function newDataDir(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "countersign-folder-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  return join(folder, "new", "data");
}

test.each(Object.entries(systems))("a first start makes its key where a folder %s", async (_name, system) => {
  const dataDir = await newDataDir();
  const key = randomBytes(32).toString("base64url");
  const file = await writeMasterKeyFile(dataDir, () => key, randomBytes, system);
  expect(file).toEqual({ path: join(dataDir, "master.key"), text: key });
  expect(await writeMasterKeyFile(dataDir, () => "another", randomBytes, system)).toEqual(file);
  expect(await readdir(dataDir)).toEqual(["master.key"]);
});

test("a disk that cannot write the folder down is no such system: nothing is sealed under the key", async () => {
  const dataDir = await newDataDir();
  const broken = { ...working, sync: refuse("EIO") };
  await expect(writeMasterKeyFile(dataDir, () => "key", randomBytes, broken)).rejects.toThrow("EIO");
});

describe("makeFolders", () => {
  test("makes each missing level for its owner alone, leaves the others as they are, and writes each name down", async () => {
    const folder = await newDataDir();
    mkdirSync(join(folder, "../.."), { mode: 0o755, recursive: true });
    const opened: string[] = [];
    const system = { ...working, open: (path: string) => opened.push(path) };
    makeFolders(folder, system);
    makeFolders(folder, system);
    for (const made of [folder, join(folder, "..")]) expect(statSync(made).mode & 0o777).toBe(0o700);
    expect(opened).toEqual([join(folder, "../.."), join(folder, "..")]);
  });

  test("names the level that cannot be made, and what it met there", async () => {
    const folder = await newDataDir();
    const base = join(folder, "../..");
    writeFileSync(join(base, "file"), "");
    symlinkSync(join(base, "nothing"), join(base, "link"));
    const refusalOf = (path: string): unknown => {
      try {
        return makeFolders(path);
      } catch (error) {
        return error;
      }
    };
    expect(refusalOf(join(base, "file"))).toMatchObject({ code: "EEXIST", path: join(base, "file") });
    expect(refusalOf(join(base, "file/below/it"))).toMatchObject({
      code: "EEXIST",
      path: join(base, "file"),
    });
    expect(refusalOf(join(base, "link/below"))).toMatchObject({ code: "EEXIST", path: join(base, "link") });
    rmSync(join(base, "link"));
    makeFolders("/");
    makeFolders(tmpdir());
  });
});
