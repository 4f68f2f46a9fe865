// The installation that a command works on. On SQLite a running server has the file to itself, so the command asks that
// server through its socket; where none runs, and on PostgreSQL, the command opens the database.
import { existsSync } from "node:fs";
import { createAdministrators } from "../accounts/administrators.ts";
import { createAccountStore } from "../accounts/store.ts";
import { createAdministration } from "../admin/administration.ts";
import { createAskingOf } from "../admin/asking.ts";
import { createInviting } from "../admin/inviting.ts";
import { createPermissions } from "../admin/permissions.ts";
import { createAccountSearch } from "../admin/search-store.ts";
import { readBlocklist } from "../passwords/blocklist.ts";
import { createPasswordHashing, type PasswordHashing } from "../passwords/hashing.ts";
import { createPasswordPolicy } from "../passwords/policy.ts";
import { agreeOnTime } from "../database/steady-clock.ts";
import { createDatabaseSessions } from "../sessions/database-sessions.ts";
import { createStoredSessions } from "../sessions/store.ts";
import { defaultSessionLimits } from "../settings/limits.ts";
import { createAuditTrail } from "../audit/trail.ts";
import type { Database } from "../database/database.ts";
import { StoreError } from "../database/errors.ts";
import { openDatabase, type OpenDatabaseOptions } from "../database/open.ts";
import { ConfigError } from "../errors.ts";
import { createAuditSealing } from "../keys/audit-sealing.ts";
import { createInstallationStore } from "../keys/installation-store.ts";
import { createInstanceReportStore } from "../instances/store.ts";
import { type MasterKey, openMasterKey } from "../keys/master-key.ts";
import { createInvitationStore } from "../invitations/store.ts";
import { createMailingOn } from "../mail/mail.ts";
import type { Installation, Operation } from "../operations/operation.ts";
import { type AskOptions, askServer, connectToServer, exchangeHere } from "../operations/socket-client.ts";
import { databaseFileOf, socketPlaceOf } from "../operations/socket-path.ts";
import { createSendReset } from "../password-reset/sending-store.ts";
import { revocationSecondsFor } from "../revocations/lifetimes.ts";
import { defaultGraceSeconds, requestLifetimeMs } from "../sessions/session.ts";
import type { OptionValues } from "../settings/countersign-options.ts";
import { readEnvironment } from "../settings/environment.ts";
import { judge } from "../settings/judging.ts";
import { type OptionTable, optionTable, pickOptions } from "../settings/options.ts";
import { type Asked, CommandFailed, type CommandContext } from "./command.ts";
import { readFlags } from "./option-flags.ts";

/** Which installation is meant. */
export const installationOptions: OptionTable = pickOptions(
  optionTable,
  // Which roles are an administrator's decides whom no command removes.
  (name, { group }) => group === "data" || name === "rolePermissions",
);

const ofAccounts: ReadonlySet<string> = new Set([
  "signup",
  "passwordMinLength",
  "passwordBlocklistFile",
  "invitationTtlSeconds",
]);

/** And by what accounts are made, for the commands that do. A server on SQLite goes by its own options. */
export const accountOptions: OptionTable = pickOptions(
  optionTable,
  (name) => name in installationOptions || ofAccounts.has(name),
);

export const installationText: string = `The flag wins over the variable. A running server need not be stopped: on SQLite it is asked through its socket beside
the database, which its own user alone can open; on PostgreSQL it follows within a second.`;

/** What a command can have done, wherever it is done. */
export interface ReachedInstallation {
  /** @throws OperationRefused, ConfigError, KeyError, StoreError */
  ask<Input, Result, Item>(
    operation: Operation<Input, Result, Item>,
    input: Input,
    options?: AskOptions<Item>,
  ): Promise<Result>;
}

/** A server that starts or stops has the lock and no socket for a while. */
const lockedPatienceMs = 10_000;
const lockedRetryMs = 100;

/**
 * Lends the installation to `work` and closes it afterwards. Never makes one: only a server does.
 *
 * @throws ConfigError if there is none; StoreError if it cannot be opened
 */
export async function withInstallation(
  { values }: Pick<Asked, "values">,
  context: CommandContext,
  work: (installation: ReachedInstallation) => Promise<void>,
  opening: Opening = {},
): Promise<void> {
  const settings = readInstallation(values, context.environment);
  const file = databaseFileOf(settings.databaseUrl);
  if (settings.databaseUrl.startsWith("sqlite:") && (file === undefined || !existsSync(file)))
    throw noInstallation(settings.databaseUrl);
  const signal = new AbortController().signal;
  for (const startMs = performance.now(); ;) {
    const server = file === undefined ? undefined : await reachServer(settings.databaseUrl, file);
    if (server !== undefined) return work(server);
    try {
      return await withOpened(settings, opening, (installation) =>
        work({
          ask: (operation, input, options = {}) =>
            operation.run(installation, input, exchangeHere(options, signal)),
        }),
      );
    } catch (error) {
      if (!(error instanceof LockedElsewhere)) throw error;
      const place = socketPlaceOf(settings.databaseUrl);
      if (place?.kind === "too_long") throw new CommandFailed(place.sentence, { cause: error });
      if (performance.now() - startMs > lockedPatienceMs) throw silent(error.cause);
    }
    await new Promise((resolve) => setTimeout(resolve, lockedRetryMs));
  }
}

async function reachServer(databaseUrl: string, file: string): Promise<ReachedInstallation | undefined> {
  const place = socketPlaceOf(databaseUrl);
  if (place?.kind !== "socket") return undefined;
  const { path } = place;
  const first = await connectToServer(path, file);
  if (first === undefined) return undefined;
  let next: typeof first | undefined = first;
  return {
    async ask(operation, input, options) {
      const socket = next ?? (await connectToServer(path, file));
      next = undefined;
      if (socket === undefined) throw new CommandFailed("the server was stopped meanwhile");
      return askServer(socket, operation, input, options);
    },
  };
}

/** Another process has the file; nothing was done yet. */
class LockedElsewhere extends Error {
  override readonly name = "LockedElsewhere";
}

function silent(cause: unknown): CommandFailed {
  return new CommandFailed(
    `${cause instanceof Error ? cause.message : String(cause)} ` +
      "It has not answered on a socket beside the file: it may be a command that takes long, or a server of an earlier release.",
    { cause },
  );
}

/** For a command that is not bound by what a request may take. */
type Opening = Pick<OpenDatabaseOptions, "statementTimeoutMs" | "acceptsAnyHistory">;

type InstallationSettings = Pick<
  OptionValues,
  | "databaseUrl"
  | "databaseSchema"
  | "dataDir"
  | "masterKey"
  | "rolePermissions"
  | "passwordMinLength"
  | "passwordBlocklistFile"
  | "signup"
  | "invitationTtlSeconds"
>;

/** Of a server with default options: a command does not know what a server was started with. */
export const commandLifetimes: { readonly requestLifetimeMs: number; readonly revocationSeconds: number } = {
  requestLifetimeMs: requestLifetimeMs({ graceSeconds: defaultGraceSeconds }),
  revocationSeconds: revocationSecondsFor(),
};

async function openOrLocked(
  { databaseUrl: url, databaseSchema: schema }: InstallationSettings,
  opening: Opening,
): Promise<Database> {
  try {
    return await openDatabase({
      ...opening,
      url,
      schema,
      ...commandLifetimes,
    });
  } catch (error) {
    if (error instanceof StoreError && error.code === "locked_by_other_process")
      throw new LockedElsewhere(error.message, { cause: error });
    throw error;
  }
}

async function withOpened(
  settings: InstallationSettings,
  opening: Opening,
  work: (installation: Installation) => Promise<void>,
): Promise<void> {
  const database = await openOrLocked(settings, opening);
  const store = createInstallationStore(database);
  const hashing = createPasswordHashing();
  try {
    if ((await store.readCanary()) === undefined) throw noInstallation(settings.databaseUrl);
    const openKey = async () => {
      const { masterKey: value, dataDir } = settings;
      const opened = await openMasterKey({ value, dataDir, store });
      const audit = createAuditTrail(database);
      const sealing = createAuditSealing({ masterKey: opened, installation: store, audit });
      audit.sealWith(sealing.seal);
      return { opened, sealing };
    };
    await work({
      database,
      masterKey: async () => (await openKey()).opened,
      auditSealing: async () => (await openKey()).sealing,
      async administration() {
        const { opened: masterKey } = await openKey();
        return administrationOn(database, masterKey, settings, hashing);
      },
      sendTestMail: undefined,
      hasAdministrator: () =>
        createAdministrators(
          database,
          createPermissions(settings.rolePermissions).administratorRoles,
        ).areThere(),
      instances: async () => (await createInstanceReportStore(database)?.recent()) ?? [],
      hashing,
    });
  } finally {
    hashing.close();
    await database.close();
  }
}

async function administrationOn(
  database: Database,
  masterKey: MasterKey,
  settings: InstallationSettings,
  hashing: PasswordHashing,
): ReturnType<Installation["administration"]> {
  const { passwordMinLength: minLength, passwordBlocklistFile: file } = settings;
  const blocklist = file === undefined ? undefined : readBlocklist(file);
  const permissions = createPermissions(settings.rolePermissions);
  const limits = { graceSeconds: defaultGraceSeconds, ...defaultSessionLimits };
  const sessions = createStoredSessions(database, limits, await agreeOnTime(database));
  const sessionStore = createDatabaseSessions(sessions);
  const administrators = createAdministrators(database, permissions.administratorRoles);
  // Written down here, and sent by a server of the installation.
  const mailing = createMailingOn(database, masterKey);
  const verbs = createAdministration({
    accounts: createAccountStore(database, limits, { administrators }),
    search: createAccountSearch(database),
    sessions,
    sessionStore,
    sendReset: createSendReset(database, limits, mailing),
    permissions,
    hashing,
    passwordPolicy: createPasswordPolicy({ minLength, blocklist }),
  });
  const inviting = createInviting({
    store: createInvitationStore(database, limits, mailing),
    askingOf: createAskingOf(permissions, sessionStore),
    lifetimeSeconds: settings.invitationTtlSeconds,
    isMailOn: true,
    isSignupClosed: settings.signup === "closed",
  });
  return { verbs, inviting, permissions };
}

/**
 * Of the other options only the names are judged: a typing error may hide which installation was
 * meant.
 */
export function readInstallation(
  flags: Readonly<Record<string, string | undefined>>,
  environment: CommandContext["environment"],
): InstallationSettings {
  return readSettings(accountOptions, flags, environment);
}

/** These options alone, of those that nobody has to set. @throws ConfigError with every mistake */
export function readSettings(
  table: OptionTable,
  flags: Readonly<Record<string, string | undefined>>,
  environment: CommandContext["environment"],
): OptionValues {
  const fromEnvironment = readEnvironment(optionTable, environment, table);
  const fromFlags = readFlags(table, flags);
  const given = new Map([...fromEnvironment.given, ...fromFlags.given]);
  const { values, problems } = judge(table, given);
  const all = [...fromEnvironment.problems, ...fromFlags.problems, ...problems];
  if (all.length > 0) throw new ConfigError(all);
  return values as unknown as OptionValues;
}

function noInstallation(url: string): ConfigError {
  const file = databaseFileOf(url);
  // Of a PostgreSQL URL nothing is said, as it may hold a password.
  const where = file === undefined ? "in that database" : `at ${file}`;
  return new ConfigError([
    `there is no installation ${where}: name the one that the server uses with --data-dir or --database ` +
      "(COUNTERSIGN_DATA_DIR, COUNTERSIGN_DATABASE_URL), or start the server once",
  ]);
}
