// One consistent copy of the database while it serves, encrypted before it leaves.
import { createReadStream } from "node:fs";
import { rm, stat } from "node:fs/promises";
import Type from "typebox";
import { sealBackup } from "../backup/sealed-file.ts";
import { createWholeFile } from "../backup/whole-file.ts";
import { strict } from "../http/schema.ts";
import { isoTime } from "../iso-time.ts";
import { type Operation, OperationRefused, operator } from "./operation.ts";

export interface BackupPart {
  /** A part of the file, in base64. */
  readonly bytes: string;
  /** How many bytes there have been, of about how many. */
  readonly done: number;
  readonly total: number;
}

export const makeBackup: Operation<
  Record<never, never>,
  { readonly created_at: string; readonly bytes: number },
  BackupPart
> = {
  name: "backup",
  input: Type.Object({}, strict),
  async run(installation, _input, { send, signal }) {
    const { database } = installation;
    const { sqliteFile } = database;
    if (sqliteFile === undefined) throw new OperationRefused("this database is no file that could be copied");
    const key = (await installation.masterKey()).derive("backup");
    // Before the copy, so that a trail that was restored says where it came from.
    await database.record({ event: "backup_made", ...operator });
    const createdAt = isoTime(Date.now());
    const copy = await createWholeFile(sqliteFile.path);
    try {
      await sqliteFile.copyTo(copy.path, () => signal.throwIfAborted());
      const { size: total } = await stat(copy.path);
      let done = 0;
      const plaintext = createReadStream(copy.path, { highWaterMark: 1024 * 1024 });
      for await (const part of sealBackup(plaintext, key)) {
        signal.throwIfAborted();
        done += part.length;
        await send({ bytes: part.toString("base64"), done, total });
      }
      return { created_at: createdAt, bytes: done };
    } finally {
      await copy.giveUp();
      await rm(`${copy.path}-journal`, { force: true });
    }
  },
};
