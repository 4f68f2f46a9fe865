// The file `master.key` in the data folder: readable by its owner alone, written whole or not at
// all.
import { constants } from "node:fs";
import { link, open, stat, unlink } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { type FolderSystem, makeFolders, syncFolder } from "../folders.ts";
import { type RandomBytes, systemRandomBytes } from "../randomness.ts";
import { KeyError } from "./error.ts";

const fileName = "master.key";
const maxFileBytes = 1024;

export interface MasterKeyFile {
  readonly path: string;
  readonly text: string;
}

/**
 * The text of the key file without its line end; `undefined` where there is no file.
 *
 * @throws KeyError `master_key_exposed` if others can read or replace it, `master_key_malformed` if
 *   it is no small file.
 */
export async function readMasterKeyFile(
  dataDir: string,
  userId: number | undefined = effectiveUserId(),
): Promise<MasterKeyFile | undefined> {
  const path = join(resolve(dataDir), fileName);
  const file = await openIfPresent(path);
  if (file === undefined) return undefined;
  try {
    // Judged on the open file, so that nobody can swap it between the look and the read.
    const stats = await file.stat();
    if (!stats.isFile() || stats.size > maxFileBytes) {
      throw new KeyError("master_key_malformed", `${path} is not a master key file`);
    }
    await refuseExposure(path, stats, userId);
    return { path, text: (await file.readFile("latin1")).replace(/\r?\n$/, "") };
  } finally {
    await file.close();
  }
}

/**
 * Makes the file with `makeText()` unless it exists, and answers the one that stands. Of any number
 * of processes at once one wins and all read the same whole text: it is written beside, then
 * linked, which fails if the name is taken. File and folder are on the disk before this returns.
 */
export async function writeMasterKeyFile(
  dataDir: string,
  makeText: () => string,
  randomBytes: RandomBytes = systemRandomBytes,
  system?: FolderSystem,
): Promise<MasterKeyFile> {
  const folder = resolve(dataDir);
  makeFolders(folder, system);
  const earlier = await readMasterKeyFile(folder);
  if (earlier === undefined) await placeFile(folder, makeText(), randomBytes);
  // Also when another process made it: it may not have come this far, and we are about to seal data
  // under it.
  syncFolder(folder, system);
  const file = earlier ?? (await readMasterKeyFile(folder));
  if (file !== undefined) return file;
  throw new KeyError("master_key_missing", `The file ${join(folder, fileName)} vanished while it was read`);
}

async function placeFile(folder: string, text: string, randomBytes: RandomBytes): Promise<void> {
  const beside = join(folder, `${fileName}.${Buffer.from(randomBytes(8)).toString("hex")}`);
  const file = await open(beside, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL, 0o600);
  try {
    await file.writeFile(`${text}\n`);
    await file.sync();
  } finally {
    await file.close();
  }
  try {
    await link(beside, join(folder, fileName));
  } catch (error) {
    if (!hasCode(error, "EEXIST")) throw error;
  } finally {
    await unlink(beside);
  }
}

/** Undefined on Windows, which has neither owners nor modes of this kind. */
function effectiveUserId(): number | undefined {
  // oxlint-disable-next-line no-restricted-globals -- a file's owner can only be compared with who runs this process
  return process.geteuid?.();
}

async function refuseExposure(
  path: string,
  { mode, uid }: { mode: number; uid: number },
  userId: number | undefined,
): Promise<void> {
  if (userId === undefined) return;
  if (uid !== userId) {
    throw new KeyError(
      "master_key_exposed",
      `${path} belongs to another user (uid ${uid}; this process runs as uid ${userId}). ` +
        `Run the server as its owner, or: chown ${userId} ${path}`,
    );
  }
  if ((mode & 0o077) !== 0) {
    throw new KeyError(
      "master_key_exposed",
      `${path} is open to other users (mode ${octal(mode)}). Close it with: chmod 600 ${path}. ` +
        "If others may have read it, treat every key of this installation as known to them.",
    );
  }
  const folder = dirname(path);
  const folderMode = (await stat(folder)).mode;
  if ((folderMode & 0o022) !== 0) {
    throw new KeyError(
      "master_key_exposed",
      `The data folder ${folder} can be written by other users (mode ${octal(folderMode)}). Close it with: chmod 700 ${folder}`,
    );
  }
}

async function openIfPresent(path: string): Promise<Awaited<ReturnType<typeof open>> | undefined> {
  try {
    return await open(path, constants.O_RDONLY);
  } catch (error) {
    if (hasCode(error, "ENOENT")) return undefined;
    if (!hasCode(error, "EACCES")) throw error;
    throw new KeyError(
      "master_key_exposed",
      `${path} cannot be read by this process. Run the server as the owner of the file`,
      { cause: error },
    );
  }
}

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && "code" in error && error.code === code;
}

function octal(mode: number): string {
  return (mode & 0o777).toString(8).padStart(4, "0");
}
