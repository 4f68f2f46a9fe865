// Reading a backup to its end, with progress.
import type { KeyObject } from "node:crypto";
import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { openBackup } from "../backup/sealed-file.ts";
import type { CommandContext } from "./command.ts";
import { showProgress } from "./printing.ts";

/** What is done with each part of the plaintext. */
export type UsePart = (part: Buffer) => Promise<void>;

/**
 * Answers how many bytes of plaintext there were.
 *
 * @throws BackupError where the file is not whole, or sealed under another key; a system error
 */
export async function readBackupFile(
  path: string,
  key: KeyObject,
  { context, what, use }: { readonly context: CommandContext; readonly what: string; readonly use?: UsePart },
): Promise<number> {
  const { size } = await stat(path);
  const progress = showProgress(context, what);
  let bytes = 0;
  try {
    for await (const part of openBackup(createReadStream(path, { highWaterMark: 1024 * 1024 }), key)) {
      bytes += part.length;
      progress.at(bytes, size);
      await use?.(part);
    }
  } finally {
    progress.end();
  }
  return bytes;
}
