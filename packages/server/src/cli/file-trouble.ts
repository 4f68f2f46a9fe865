// What the disk, or a backup, refuses with, as a sentence with the file's name.
import { BackupError } from "../backup/sealed-file.ts";
import { CommandFailed } from "./command.ts";

const reasons: Readonly<Record<string, string>> = {
  EEXIST: "there is something of this name already, and nothing is replaced",
  ENOENT: "there is no such file or folder",
  ENOSPC: "the disk is full",
  EACCES: "this user may not do that there",
};

/** @throws CommandFailed where the file is the trouble; whatever else `work` throws */
export async function aboutFile<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    const isOfSystem = "syscall" in error && "code" in error;
    if (!isOfSystem && !(error instanceof BackupError)) throw error;
    const reason = isOfSystem ? reasons[String(error.code)] : undefined;
    throw new CommandFailed(`${path}: ${reason ?? error.message}`, { cause: error });
  }
}
