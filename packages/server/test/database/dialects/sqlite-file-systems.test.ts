// The type of the file system below the database's folder comes from here: no network file system starts in a second.
import { existsSync, type PathLike } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { fileSystemType } from "../../../src/database/dialects/sqlite-file-systems.ts";
import { openSqlite } from "../../../src/database/dialects/sqlite.ts";

let path: string;
beforeEach(async () => {
  const folder = await mkdtemp(join(tmpdir(), "countersign-store-test-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  path = join(folder, "made", "store.db");
});

/** Opens the database there and closes it again; answers which folders were asked for. */
async function openOn(type: number): Promise<PathLike[]> {
  const asked: PathLike[] = [];
  const { dialect } = openSqlite(path, (folder) => {
    asked.push(folder);
    return type;
  });
  const driver = dialect.createDriver();
  await driver.init();
  await driver.destroy();
  return asked;
}

describe("MI-05: an SQLite database", () => {
  // `f_type` as in statfs(2) and linux/magic.h.
  test.each([
    ["NFS", 0x6969],
    ["SMB", 0x517b],
    ["CIFS", 0xff534d42],
    ["SMB2", 0xfe534d42],
    ["AFS", 0x5346414f],
    ["9P", 0x01021997],
    ["Ceph", 0x00c36400],
  ])("is not made on %s", async (name, type) => {
    await expect(openOn(type)).rejects.toMatchObject({
      code: "unsupported_filesystem",
      message: `The SQLite database ${path} lies on ${name}, where its locks do not hold. Put it on a local disk, or use PostgreSQL.`,
    });
    expect(existsSync(path)).toBe(false);
  });

  test.each([
    ["ext4", 0xef53],
    ["XFS", 0x58465342],
    ["Btrfs", 0x9123683e],
    ["ZFS", 0x2fc12fc1],
    ["overlayfs", 0x794c7630],
    ["tmpfs", 0x01021994],
    ["FUSE, as a folder shared into a container", 0x65735546],
    ["APFS", 0x1a],
  ])("is made on %s", async (_name, type) => {
    expect(await openOn(type)).toEqual([dirname(path)]);
    expect(existsSync(path)).toBe(true);
  });

  test.runIf(process.platform === "linux" && existsSync("/proc/self"))(
    "has its file system's number from the operating system",
    () => {
      // PROC_SUPER_MAGIC, the one that lies at the same place everywhere.
      expect(fileSystemType("/proc/self")).toBe(0x9fa0);
    },
  );
});
