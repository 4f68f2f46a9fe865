// countersign backup: one encrypted file that holds the whole database, made while it serves.
import { createWholeFile } from "../backup/whole-file.ts";
import { ConfigError } from "../errors.ts";
import { readMasterKey } from "../keys/master-key.ts";
import { makeBackup } from "../operations/backup.ts";
import { databaseFileOf } from "../operations/socket-path.ts";
import { readBackupFile } from "./backup-file.ts";
import { type CommandContext, type Single } from "./command.ts";
import { installationOptions, installationText, readInstallation, withInstallation } from "./installation.ts";
import { checkDump } from "./postgres-dump.ts";
import { printResult, showProgress } from "./printing.ts";
import { aboutFile } from "./file-trouble.ts";

export const backup: Single = {
  summary: "Write the whole database into one encrypted file, while the server serves",
  text: [
    "The file is encrypted under a key derived from the master key, which is not in it: keep that one elsewhere. It has its name only once it is whole and on the disk, and never replaces another file.",
    "On PostgreSQL use pg_dump, as the command says; with --check it proves the result.",
  ],
  examples: [
    "countersign backup /backups/auth-$(date +%F).backup",
    "countersign backup /backups/auth-2026-01-31.backup --check",
  ],
  operands: [{ name: "FILE", summary: "the file to make, or with --check to read", isFile: true }],
  flags: { check: { summary: "Read FILE to its end and prove it whole; the database is not asked" } },
  options: installationOptions,
  optionsText: installationText,
  async run(asked, context) {
    const [path = ""] = asked.operands;
    const settings = readInstallation(asked.values, context.environment);
    const isSqlite = databaseFileOf(settings.databaseUrl) !== undefined;
    if (asked.flags.has("check")) {
      const found = isSqlite ? await checkBackup(path, settings, context) : await checkDump(path, context);
      return printResult(asked, context, { file: path, whole: true, ...found }, `${path} is whole.\n`);
    }
    if (!isSqlite) throw new ConfigError([howOnPostgres(path)]);
    const bytes = await writeBackup(path, asked.values, context);
    await printResult(asked, context, { file: path, bytes }, `${path} holds the backup: ${bytes} bytes.\n`);
  },
};

function howOnPostgres(path: string): string {
  return (
    "PostgreSQL has a tool of its own for this. Run it with the URL of the server, then have the result proved:\n" +
    `  pg_dump --format=custom --file=${path} "$COUNTERSIGN_DATABASE_URL"\n` +
    `  countersign backup ${path} --check --database "$COUNTERSIGN_DATABASE_URL"`
  );
}

async function writeBackup(
  path: string,
  values: Readonly<Record<string, string | undefined>>,
  context: CommandContext,
): Promise<number> {
  let bytes = 0;
  await withInstallation({ values }, context, async (installation) => {
    const file = await aboutFile(path, () => createWholeFile(path));
    const progress = showProgress(context, "Backup");
    try {
      const made = await installation.ask(
        makeBackup,
        {},
        {
          async onItem({ bytes: part, done, total }) {
            progress.at(done, total);
            await aboutFile(path, () => file.write(Buffer.from(part, "base64")));
          },
        },
      );
      await aboutFile(path, () => file.place());
      ({ bytes } = made);
    } finally {
      progress.end();
      await file.giveUp();
    }
  });
  return bytes;
}

async function checkBackup(
  path: string,
  { masterKey: value, dataDir }: { readonly masterKey?: string | undefined; readonly dataDir: string },
  context: CommandContext,
): Promise<{ readonly bytes: number }> {
  const key = (await readMasterKey({ value, dataDir })).derive("backup");
  return { bytes: await aboutFile(path, () => readBackupFile(path, key, { context, what: "Checking" })) };
}
