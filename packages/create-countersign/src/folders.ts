// The folder of the project, and what is missing above it.
import { mkdir, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { CreateError } from "./errors.ts";

/**
 * Makes what is missing of the path, level by level: Node's `mkdir` with `recursive` never comes back where a system
 * says "no such folder" of one whose parent is there, for example below `/proc`.
 *
 * @throws CreateError `folder_not_made`
 */
export async function makeFolders(folder: string): Promise<void> {
  if (await isFolder(folder)) return;
  const parent = dirname(folder);
  if (parent !== folder) await makeFolders(parent);
  try {
    await mkdir(folder);
  } catch (cause) {
    if (await isFolder(folder)) return;
    const reason = cause instanceof Error && "code" in cause ? ` (${String(cause.code)})` : "";
    throw new CreateError(
      "folder_not_made",
      `${folder} cannot be made${reason}. Choose a folder that this user may make`,
      { cause },
    );
  }
}

async function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (stats) => stats.isDirectory(),
    () => false,
  );
}
