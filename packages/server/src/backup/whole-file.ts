// A file that stands under its name only when it is whole and on the disk.
import { randomBytes } from "node:crypto";
import { readdirSync, unlinkSync } from "node:fs";
import { link, open, rename, unlink } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { syncFolder } from "../folders.ts";

export interface WholeFile {
  /** Where it is written until it is whole: in the same folder, for its owner alone. */
  readonly path: string;
  write(bytes: Uint8Array): Promise<void>;
  /** Gives it its name, which nothing else may have. @throws a system error, such as `EEXIST` */
  place(): Promise<void>;
  /** Removes what was written, unless it has its name. */
  giveUp(): Promise<void>;
}

const unfinished = "unfinished";

/** @throws a system error */
export async function createWholeFile(target: string): Promise<WholeFile> {
  const full = resolve(target);
  const path = `${full}.${unfinished}-${randomBytes(6).toString("hex")}`;
  const file = await open(path, "wx", 0o600);
  let isOpen = true;

  async function close(): Promise<void> {
    if (!isOpen) return;
    isOpen = false;
    await file.close();
  }

  return {
    path,
    async write(bytes) {
      await file.writeFile(bytes);
    },
    async place() {
      await file.sync();
      await close();
      await name(path, full);
      syncFolder(dirname(full));
    },
    async giveUp() {
      await close();
      await unlink(path).catch(() => undefined);
    },
  };
}

/** What a killed process left behind beside `target`. Whoever asks must be the only one at work there. */
export function removeUnfinished(target: string): void {
  const full = resolve(target);
  const begin = `${basename(full)}.${unfinished}-`;
  for (const name of readdirSync(dirname(full)))
    if (name.startsWith(begin)) unlinkSync(join(dirname(full), name));
}

/** A link fails where the name is taken; a rename would replace what has it. */
async function name(path: string, full: string): Promise<void> {
  try {
    await link(path, full);
  } catch (error) {
    if (!/^(?:EPERM|ENOTSUP|EOPNOTSUPP|ENOSYS)$/.test((error as NodeJS.ErrnoException).code ?? ""))
      throw error;
    // A file system without links, on a memory stick for example: the name is taken first, and then replaced.
    await (await open(full, "wx", 0o600)).close();
    await rename(path, full);
    return;
  }
  await unlink(path);
}
