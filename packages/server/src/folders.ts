// Folders that are missing, made for this user alone and on the disk before what lies in them counts.
import { closeSync, constants, fsyncSync, mkdirSync, openSync, statSync } from "node:fs";
import { dirname } from "node:path";

/** What synchronises a folder; a test plays systems that refuse it. */
export interface FolderSystem {
  readonly open: (folder: string) => number;
  readonly sync: (descriptor: number) => void;
  readonly close: (descriptor: number) => void;
}

const fileSystem: FolderSystem = {
  open: (folder) => openSync(folder, constants.O_RDONLY),
  sync: fsyncSync,
  close: closeSync,
};

/**
 * Makes what is missing of the path, with mode 0700 and each new level on the disk in its parent; what is there keeps
 * its mode. Level by level, as Node's `mkdir` with `recursive` never comes back where a system says "no such folder"
 * of one whose parent is there, for example below `/proc`.
 *
 * @throws a system error that has the `path` of the level that cannot be made
 */
export function makeFolders(folder: string, system: FolderSystem = fileSystem): void {
  const parent = dirname(folder);
  const isBelowMissing = !isFolder(folder) && parent !== folder && !isFolder(parent);
  if (isBelowMissing) makeFolders(parent, system);
  try {
    mkdirSync(folder, { mode: 0o700 });
  } catch (error) {
    // There before, or made by another process at this moment.
    if (!isFolder(folder)) throw error;
    return;
  }
  syncFolder(parent, system);
}

/**
 * Returns when the names in the folder are on the disk, where a folder can be synchronised: Windows and some file
 * systems refuse it, and write names down themselves.
 */
export function syncFolder(folder: string, { open, sync, close }: FolderSystem = fileSystem): void {
  try {
    const descriptor = open(folder);
    try {
      sync(descriptor);
    } finally {
      close(descriptor);
    }
  } catch (error) {
    if (!isRefusal(error)) throw error;
  }
}

function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false;
  }
}

/** What a system says to whom it lets synchronise no folder; a broken disk says EIO. */
function isRefusal(error: unknown): boolean {
  const codes = ["EPERM", "EISDIR", "EINVAL", "ENOTSUP", "ENOSYS"];
  return error instanceof Error && "code" in error && codes.some((code) => code === error.code);
}
