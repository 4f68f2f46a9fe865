// Systems that let nobody synchronise a folder, as Windows does, simulated by what its calls answer there.
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { writeMasterKeyFile } from "../../src/keys/master-key-file.ts";
import type { OpenFolder } from "../../src/keys/master-key-folder.ts";
import { randomBytes } from "node:crypto";

const systemError = (code: string): Error => Object.assign(new Error(`${code}: not permitted`), { code });

const folders = {
  "cannot be opened (EISDIR)": () => Promise.reject(systemError("EISDIR")),
  "cannot be opened (EPERM)": () => Promise.reject(systemError("EPERM")),
  "cannot be synchronised (EPERM)": async () => ({
    sync: () => Promise.reject(systemError("EPERM")),
    close: async () => {},
  }),
} satisfies Record<string, OpenFolder>;

async function newDataDir(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "countersign-folder-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  return join(folder, "new", "data");
}

test.each(Object.entries(folders))(
  "a first start makes its key where a folder %s",
  async (_name, opening) => {
    const dataDir = await newDataDir();
    const key = randomBytes(32).toString("base64url");
    const file = await writeMasterKeyFile(dataDir, () => key, randomBytes, opening);
    expect(file).toEqual({ path: join(dataDir, "master.key"), text: key });
    expect(await writeMasterKeyFile(dataDir, () => "another", randomBytes, opening)).toEqual(file);
    expect(await readdir(dataDir)).toEqual(["master.key"]);
  },
);

test("a disk that cannot write the folder down is no such system: nothing is sealed under the key", async () => {
  const dataDir = await newDataDir();
  const opening: OpenFolder = () => Promise.reject(systemError("EIO"));
  await expect(writeMasterKeyFile(dataDir, () => "key", randomBytes, opening)).rejects.toThrow("EIO");
});
