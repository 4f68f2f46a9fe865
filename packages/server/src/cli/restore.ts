// countersign restore: a backup becomes an installation again, in an empty place.
import { existsSync } from "node:fs";
import { rm } from "node:fs/promises";
import { createAuditTrail } from "../audit/trail.ts";
import { createWholeFile, removeUnfinished, type WholeFile } from "../backup/whole-file.ts";
import { openDatabase } from "../database/open.ts";
import { ConfigError } from "../errors.ts";
import { makeFolders } from "../folders.ts";
import { createAuditSealing } from "../keys/audit-sealing.ts";
import { createInstallationStore } from "../keys/installation-store.ts";
import { openMasterKey, readMasterKey } from "../keys/master-key.ts";
import { refuseWhatWasIssued, type RestoredResult } from "../operations/restored.ts";
import { databaseFileOf } from "../operations/socket-path.ts";
import { readBackupFile, type UsePart } from "./backup-file.ts";
import { CommandFailed, type Single } from "./command.ts";
import { aboutFile } from "./file-trouble.ts";
import { commandLifetimes, installationOptions, readInstallation } from "./installation.ts";
import { printResult } from "./printing.ts";
import { reportOf } from "./restored.ts";
import { dirname } from "node:path";

export const restore: Single = {
  summary: "Make an installation of a backup, in an empty place",
  text: [
    "The backup is read to its end and proved before anything is written, and the database has its name only once all is done. The master key that it was made under must be there: COUNTERSIGN_MASTER_KEY, or the file master.key in the data folder.",
    "All that was issued before is refused, as `countersign restored` does it: everybody logs in again.",
    "On PostgreSQL use pg_restore, then: countersign restored",
  ],
  examples: ["countersign restore /backups/auth-2026-01-31.backup --data-dir /var/lib/countersign"],
  operands: [{ name: "FILE", summary: "a file that `countersign backup` made", isFile: true }],
  options: installationOptions,
  async run(asked, context) {
    const [path = ""] = asked.operands;
    const settings = readInstallation(asked.values, context.environment);
    const target = databaseFileOf(settings.databaseUrl);
    if (target === undefined) throw new ConfigError([howOnPostgres(path)]);
    for (const name of [target, `${target}-wal`, `${target}-journal`])
      if (existsSync(name))
        throw new ConfigError([
          `${name} is there already: a backup is restored into an empty place. Move it away, or name another with --data-dir`,
        ]);
    const masterKey = await readMasterKey({ value: settings.masterKey, dataDir: settings.dataDir });
    const key = masterKey.derive("backup");
    const done = await aboutFile(path, async () => {
      await readBackupFile(path, key, { context, what: "Checking" });
      return restoreInto(target, settings, (use) =>
        readBackupFile(path, key, { context, what: "Restoring", use }),
      );
    });
    await printResult(
      asked,
      context,
      { database: target, ...done },
      `${target} is restored.\n${reportOf(done)}`,
    );
  },
};

function howOnPostgres(path: string): string {
  return (
    "PostgreSQL has a tool of its own for this. Restore into an empty database, then say so:\n" +
    `  pg_restore --no-owner --exit-on-error --dbname="$COUNTERSIGN_DATABASE_URL" ${path}\n` +
    '  countersign restored --database "$COUNTERSIGN_DATABASE_URL"'
  );
}

async function restoreInto(
  target: string,
  settings: ReturnType<typeof readInstallation>,
  read: (use: UsePart) => Promise<unknown>,
): Promise<RestoredResult> {
  makeFolders(dirname(target));
  removeUnfinished(target);
  const file = await createWholeFile(target);
  try {
    await read((part) => file.write(part));
    const done = await bringBack(file, settings);
    await file.place();
    return done;
  } finally {
    await file.giveUp();
    for (const end of ["-wal", "-journal", "-shm"]) await rm(`${file.path}${end}`, { force: true });
  }
}

/** The copy is opened as a database, proved, and made to refuse what was issued before. */
async function bringBack(
  file: WholeFile,
  { databaseSchema: schema, masterKey: value, dataDir }: ReturnType<typeof readInstallation>,
): Promise<RestoredResult> {
  const database = await openDatabase({
    url: `sqlite:${file.path}`,
    schema,
    ...commandLifetimes,
  });
  try {
    const flaw = database.sqliteFile?.findFlaw();
    if (flaw !== undefined) throw new CommandFailed(`the database in the backup is damaged: ${flaw}`);
    const store = createInstallationStore(database);
    if ((await store.readCanary()) === undefined)
      throw new CommandFailed("there is no installation in the backup: was databaseSchema another one then?");
    const masterKey = await openMasterKey({ value, dataDir, store });
    const audit = createAuditTrail(database);
    const sealing = createAuditSealing({ masterKey, installation: store, audit });
    const verdict = await audit.verifyChain({ seal: sealing.seal, isExpected: await sealing.isExpected() });
    if (verdict.outcome === "broken")
      throw new CommandFailed(`the audit trail in the backup is broken at event ${verdict.seq}`);
    audit.sealWith(sealing.seal);
    return await refuseWhatWasIssued(database, masterKey, false);
  } finally {
    await database.close();
  }
}
