// The installation that a command works on: its database, and its master key where that is needed.
import { existsSync } from "node:fs";
import { createAuditTrail } from "../audit/trail.ts";
import type { Database } from "../database/database.ts";
import { openDatabase } from "../database/open.ts";
import { resolve } from "node:path";
import { ConfigError } from "../errors.ts";
import { type AuditSealing, createAuditSealing } from "../keys/audit-sealing.ts";
import { createInstallationStore } from "../keys/installation-store.ts";
import { type MasterKey, openMasterKey } from "../keys/master-key.ts";
import { revocationSecondsFor } from "../revocations/lifetimes.ts";
import { defaultGraceSeconds, requestLifetimeMs } from "../sessions/session.ts";
import type { OptionValues } from "../settings/countersign-options.ts";
import { readEnvironment } from "../settings/environment.ts";
import { judge } from "../settings/judging.ts";
import { optionTable, pickOptions } from "../settings/options.ts";
import type { CommandContext } from "./command.ts";
import { optionFlags, readFlags } from "./option-flags.ts";
import { optionHelp } from "./option-help.ts";

const options = pickOptions(optionTable, (_name, { group }) => group === "data");

/** For `readArguments`: which installation is meant. */
export const installationOptions: readonly string[] = optionFlags(options).names;

export const installationHelp: string = `Which installation (the flag wins over the variable)

${optionHelp(options)}

A server on SQLite has its file to itself: stop it first. On PostgreSQL it may run, and follows within a second.
`;

export interface OpenInstallation {
  /** For the stores of the features, whose verbs the commands share with the server. */
  readonly database: Database;
  /** What the command records from now on is sealed. @throws KeyError `master_key_*` */
  masterKey(): Promise<MasterKey>;
  /** @throws KeyError `master_key_*` */
  auditSealing(): Promise<AuditSealing>;
}

/**
 * Lends the installation to `work` and closes it afterwards. Never makes one: only a server does.
 *
 * @throws ConfigError if there is none; StoreError if it cannot be opened
 */
export async function withInstallation(
  flags: Readonly<Record<string, string | undefined>>,
  { environment }: CommandContext,
  work: (installation: OpenInstallation) => Promise<void>,
): Promise<void> {
  const {
    databaseUrl: url,
    databaseSchema: schema,
    dataDir,
    masterKey,
  } = readInstallation(flags, environment);
  if (url.startsWith("sqlite:") && !existsSync(url.slice("sqlite:".length))) throw noInstallation(url);
  const database = await openDatabase({
    url,
    schema,
    requestLifetimeMs: requestLifetimeMs({ graceSeconds: defaultGraceSeconds }),
    revocationSeconds: revocationSecondsFor(),
  });
  const store = createInstallationStore(database);
  try {
    if ((await store.readCanary()) === undefined) throw noInstallation(url);
    const openKey = async () => {
      const opened = await openMasterKey({ value: masterKey, dataDir, store });
      const audit = createAuditTrail(database);
      const sealing = createAuditSealing({ masterKey: opened, installation: store, audit });
      audit.sealWith(sealing.seal);
      return { opened, sealing };
    };
    await work({
      database,
      masterKey: async () => (await openKey()).opened,
      auditSealing: async () => (await openKey()).sealing,
    });
  } finally {
    await database.close();
  }
}

/**
 * Of the other options only the names are judged: a typing error may hide which installation was
 * meant.
 */
function readInstallation(
  flags: Readonly<Record<string, string | undefined>>,
  environment: CommandContext["environment"],
): Pick<OptionValues, "databaseUrl" | "databaseSchema" | "dataDir" | "masterKey"> {
  const fromEnvironment = readEnvironment(optionTable, environment, options);
  const fromFlags = readFlags(options, flags);
  const given = new Map([...fromEnvironment.given, ...fromFlags.given]);
  const { values, problems } = judge(options, given);
  const all = [...fromEnvironment.problems, ...fromFlags.problems, ...problems];
  if (all.length > 0) throw new ConfigError(all);
  return values as unknown as OptionValues;
}

function noInstallation(url: string): ConfigError {
  // Of a PostgreSQL URL nothing is said, as it may hold a password.
  const where = url.startsWith("sqlite:") ? `at ${resolve(url.slice("sqlite:".length))}` : "in that database";
  return new ConfigError([
    `there is no installation ${where}: name the one that the server uses with --data-dir or --database ` +
      "(COUNTERSIGN_DATA_DIR, COUNTERSIGN_DATABASE_URL), or start the server once",
  ]);
}
