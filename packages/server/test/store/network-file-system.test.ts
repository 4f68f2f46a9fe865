// The type of the file system below the database's folder comes from here: no network file system starts in a second.
import type * as FileSystem from "node:fs";
import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeEach, describe, expect, onTestFinished, test, vi } from "vitest";
import { openStore } from "../../src/store/store.ts";

const below = vi.hoisted(() => ({ type: 0 }));
vi.mock("node:fs", async (original) => {
  const fs = await original<typeof FileSystem>();
  return { ...fs, statfsSync: (): { type: number } => ({ type: below.type }) };
});

let path: string;
beforeEach(async () => {
  const folder = await mkdtemp(join(tmpdir(), "countersign-store-test-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  path = join(folder, "store.db");
});

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
  ])("is not made on %s", async (_name, type) => {
    below.type = type;
    await expect(openStore({ url: `sqlite:${path}` })).rejects.toMatchObject({
      code: "unsupported_filesystem",
      message: `The SQLite database ${path} lies on a network file system, where its locks do not hold. Use a local disk, or PostgreSQL.`,
    });
    expect(existsSync(path)).toBe(false);
  });

  test.each([
    ["ext4", 0xef53],
    ["XFS", 0x58465342],
    ["Btrfs", 0x9123683e],
    ["overlayfs", 0x794c7630],
    ["tmpfs", 0x01021994],
    ["APFS", 0x1a],
  ])("is made on %s", async (_name, type) => {
    below.type = type;
    await (await openStore({ url: `sqlite:${path}` })).close();
    expect(existsSync(path)).toBe(true);
  });
});
