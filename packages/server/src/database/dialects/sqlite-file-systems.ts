// File systems under which SQLite's locks and its write-ahead log do not hold (MI-05).
import { statfsSync } from "node:fs";
import { StoreError } from "../errors.ts";

/**
 * `f_type` of statfs(2), as Linux numbers it (linux/magic.h). Not FUSE: a folder shared into a
 * container looks like that.
 */
const names: ReadonlyMap<number, string> = new Map([
  [0x6969, "NFS"],
  [0x517b, "SMB"],
  [0xff534d42, "CIFS"],
  [0xfe534d42, "SMB2"],
  [0x5346414f, "AFS"],
  [0x01021997, "9P"],
  [0x00c36400, "Ceph"],
]);

/** The number of the file system on which this folder lies. */
export type FileSystemType = (folder: string) => number;

export const fileSystemType: FileSystemType = (folder) => statfsSync(folder).type;

/** @throws StoreError `unsupported_filesystem` */
export function requireLocalFileSystem(path: string, type: number): void {
  const name = names.get(type);
  if (name === undefined) return;
  throw new StoreError(
    "unsupported_filesystem",
    `The SQLite database ${path} lies on ${name}, where its locks do not hold. Put it on a local disk, or use PostgreSQL.`,
  );
}
