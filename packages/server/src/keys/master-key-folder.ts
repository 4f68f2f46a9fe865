// The folder of the master key, on the disk before what lies in it counts.
import { constants } from "node:fs";
import { type FileHandle, mkdir, open } from "node:fs/promises";
import { dirname } from "node:path";

/** How a folder is opened to be synchronised. */
export type OpenFolder = (folder: string) => Promise<Pick<FileHandle, "sync" | "close">>;

const openFolder: OpenFolder = (folder) => open(folder, constants.O_RDONLY);

/** Made with mode 0700, each new level on the disk in its parent. */
export async function makeFolder(folder: string, opening: OpenFolder = openFolder): Promise<void> {
  const first = await mkdir(folder, { recursive: true, mode: 0o700 });
  if (first === undefined) return;
  const parents: string[] = [];
  for (let made = folder; made.length >= first.length; made = dirname(made)) parents.push(dirname(made));
  await Promise.all(parents.map((parent) => syncFolder(parent, opening)));
}

/**
 * Waits until the names in the folder are on the disk, where a folder can be synchronised: Windows
 * and some file systems refuse it, and write names down themselves.
 */
export async function syncFolder(folder: string, opening: OpenFolder = openFolder): Promise<void> {
  try {
    const handle = await opening(folder);
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  } catch (error) {
    if (!isRefusal(error)) throw error;
  }
}

/** What a system says to whom it lets synchronise no folder; a broken disk says EIO. */
function isRefusal(error: unknown): boolean {
  const codes = ["EPERM", "EISDIR", "EINVAL", "ENOTSUP", "ENOSYS"];
  return error instanceof Error && "code" in error && codes.some((code) => code === error.code);
}
