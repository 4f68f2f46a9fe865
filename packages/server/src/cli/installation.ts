// The installation that a command works on: its database, and its master key where that is needed.
import { existsSync } from "node:fs";
import { optionsOfEnvironment, problemsOfDatabaseUrl } from "../settings/settings.ts";
import { ConfigError } from "../errors.ts";
import { type MasterKey, openMasterKey } from "../keys/master-key.ts";
import { openStore, type Store } from "../store.ts";
import type { Surroundings } from "./command.ts";

/** For `readArguments`: which installation is meant. */
export const installationOptions = ["database", "data-dir"] as const;

export const installationHelp = `Which installation (each has an environment variable; the option wins)
  --database URL    sqlite:PATH or postgres://…                    COUNTERSIGN_DATABASE_URL  SQLite in the data folder
  --data-dir PATH   the folder of the database and the master key  COUNTERSIGN_DATA_DIR      data

  COUNTERSIGN_MASTER_KEY  the master key itself, in place of the file master.key in the data folder

A server on SQLite has its file to itself: stop it first. On PostgreSQL it may run, and follows within a second.
`;

export interface OpenInstallation {
  readonly store: Store;
  /** @throws KeyError `master_key_*` */
  masterKey(): Promise<MasterKey>;
}

/**
 * Lends the installation to `work` and closes it afterwards. Never makes one: only a server does.
 *
 * @throws ConfigError if there is none; StoreError if it cannot be opened
 */
export async function withInstallation(
  values: Partial<Record<(typeof installationOptions)[number], string>>,
  { environment }: Surroundings,
  work: (installation: OpenInstallation) => Promise<void>,
): Promise<void> {
  const defaults = optionsOfEnvironment(environment);
  const dataDir = values["data-dir"] ?? defaults.dataDir ?? "data";
  const url = values.database ?? defaults.databaseUrl ?? `sqlite:${dataDir}/countersign.db`;
  const problems = problemsOfDatabaseUrl(url);
  if (problems.length > 0) throw new ConfigError(problems);
  if (url.startsWith("sqlite:") && !existsSync(url.slice("sqlite:".length))) throw noInstallation();
  const store = await openStore({ url });
  try {
    if ((await store.installation.readCanary()) === undefined) throw noInstallation();
    await work({
      store,
      masterKey: () => openMasterKey({ value: defaults.masterKey, dataDir, store: store.installation }),
    });
  } finally {
    await store.close();
  }
}

function noInstallation(): ConfigError {
  return new ConfigError([
    "there is no installation here: start the server once, or name another with --data-dir or --database",
  ]);
}
