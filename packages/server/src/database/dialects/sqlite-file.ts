// The file of an SQLite database before it is opened: made for its owner's eyes, and what lies beside it is its own.

import { closeSync, lstatSync, openSync, type Stats, statSync } from "node:fs";
import { dirname } from "node:path";
import { makeFolders } from "../../folders.ts";
import { StoreError } from "../errors.ts";
import { type FileSystemType, requireLocalFileSystem } from "./sqlite-file-systems.ts";

/**
 * Makes a missing file, and a missing folder for it.
 *
 * @throws StoreError `unsafe_permissions`, `unsupported_filesystem`; a system error
 */
export function prepareFile(path: string, typeOf: FileSystemType): void {
  const folder = dirname(path);
  // An existing folder keeps its mode: it may be the operator's.
  makeFolders(folder);
  requireLocalFileSystem(path, typeOf(folder));
  refuseOpenFolder(folder);
  // Before anything is made: of a link that leads nowhere SQLite would make what it names, with a mode of its own.
  const companions = [`${path}-wal`, `${path}-shm`, `${path}-journal`];
  for (const name of [path, ...companions]) refuseLink(name);
  try {
    // "wx" never opens an existing file: closing a second descriptor of it would drop this
    // process's POSIX locks.
    closeSync(openSync(path, "wx", 0o600));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  }
  const file = statSync(path);
  refuseExposure(path, file);
  // What a killed process left beside the file holds the same rows, under the mode that the file
  // had then; and what lies there is believed, whoever wrote it.
  for (const name of companions) {
    const companion = lstatSync(name, { throwIfNoEntry: false });
    if (companion === undefined) continue;
    refuseExposure(name, companion);
    refuseOtherOwner(name, companion, file);
  }
}

/** Undefined on Windows, which has neither owners nor modes of this kind. */
function effectiveUserId(): number | undefined {
  // oxlint-disable-next-line no-restricted-globals -- a file's owner can only be compared with who runs this process
  return process.geteuid?.();
}

/** Whoever can write to the folder can put another database in the place of this one. */
function refuseOpenFolder(folder: string): void {
  if (effectiveUserId() === undefined) return;
  const { mode } = statSync(folder);
  // In a sticky folder, such as /tmp, nobody removes or renames what belongs to others.
  const isSticky = (mode & 0o1000) !== 0;
  if ((mode & 0o002) === 0 || isSticky) return;
  throw new StoreError(
    "unsafe_permissions",
    `The folder ${folder} of the SQLite database can be written by every user. Run: chmod 700 ${folder}`,
  );
}

function refuseLink(name: string): void {
  if (lstatSync(name, { throwIfNoEntry: false })?.isSymbolicLink() !== true) return;
  throw new StoreError(
    "unsafe_permissions",
    `The SQLite database ${name} is a symbolic link, and what it leads to may change. Name the file itself.`,
  );
}

function refuseExposure(name: string, file: Stats): void {
  // Anything but a file, such as a folder, is refused when it is opened.
  if (effectiveUserId() === undefined || !file.isFile() || (file.mode & 0o077) === 0) return;
  throw new StoreError(
    "unsafe_permissions",
    `The SQLite database ${name} can be read or changed by other users. Run: chmod 600 ${name}`,
  );
}

function refuseOtherOwner(name: string, { uid }: Stats, file: Stats): void {
  const userId = effectiveUserId();
  if (userId === undefined || uid === file.uid || uid === userId) return;
  throw new StoreError(
    "unsafe_permissions",
    `${name} belongs to another user (uid ${uid}) than the SQLite database beside it (uid ${file.uid}). ` +
      "SQLite would take what it holds for changes of the database. Find out who put it there, and move it away.",
  );
}
