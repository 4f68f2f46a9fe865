// What is unsafe about a deployment, and the exact fix: judged from what the command sees and what the installation says.
import { isLoopback, isLoopbackHost } from "../settings/loopback.ts";
import { rotationSeconds } from "../keys/schedule.ts";
import { defaultGuesses } from "../settings/limits.ts";
import { readPostgresUrl } from "../settings/database-url.ts";
import type { CountersignOptions, ServeValues } from "../settings/countersign-options.ts";
import type { Examination } from "../operations/examination.ts";
import type { Deployment } from "../instances/report.ts";

export interface Finding {
  readonly check:
    | "settings"
    | "files"
    | "database"
    | "clock"
    | "pooler"
    | "proxy"
    | "tls"
    | "keys"
    | "throttling"
    | "mail"
    | "administrators"
    | "instances";
  /** `note`: nothing is wrong, but whoever runs it should know. */
  readonly level: "ok" | "note" | "problem";
  readonly text: string;
  /** What to do; null where nothing has to be done. */
  readonly fix: string | null;
}

type Check = Finding["check"];

export const ok = (check: Check, text: string): Finding => ({ check, level: "ok", text, fix: null });
export const note = (check: Check, text: string): Finding => ({ check, level: "note", text, fix: null });
export const problem = (check: Check, text: string, fix: string): Finding => ({
  check,
  level: "problem",
  text,
  fix,
});

const maxClockOffsetMs = 2000;
const maxTrailAheadMs = 60_000;
const longTransactionSeconds = 3600;
const dayMs = 86_400_000;
/** A server that runs has changed its key a day later. */
const maxKeyAgeMs = rotationSeconds * 1000 + dayMs;
/** Nobody types so many wrong passwords. */
const wideGuesses = { perSource: 10 * defaultGuesses.perSource, perAccount: 10 * defaultGuesses.perAccount };

export function judgeClock({ clock_offset_ms: offset, trail_ahead_ms: ahead }: Examination): Finding[] {
  const seconds = Math.round(Math.abs(offset) / 100) / 10;
  return [
    Math.abs(offset) > maxClockOffsetMs
      ? problem(
          "clock",
          `the database's clock is ${seconds} s ${offset > 0 ? "ahead of" : "behind"} this machine's`,
          "keep both with NTP: timedatectl set-ntp true",
        )
      : ok("clock", `the database's clock and this machine's differ by ${seconds} s`),
    ...(ahead > maxTrailAheadMs
      ? [
          problem(
            "clock",
            `the last event of the audit trail lies ${Math.round(ahead / 1000)} s in the future: the clock was set back`,
            "set the database's clock right with NTP: timedatectl set-ntp true",
          ),
        ]
      : []),
  ];
}

export function judgeDatabase({ postgres, waiting_events: waiting, instances }: Examination): Finding[] {
  if (postgres === null) return [ok("database", "SQLite, a file of this machine")];
  const { version, connections, max_connections: most, off } = postgres;
  const { prepared_transactions: prepared, oldest_transaction_seconds: oldest } = postgres;
  return [
    ok("database", `PostgreSQL ${version}, ${connections} of ${most} connections in use`),
    ...off.map((name) =>
      problem(
        "database",
        `${name} is off: a log-out that was answered may be lost with the machine`,
        `alter system set ${name} = on; select pg_reload_conf();`,
      ),
    ),
    ...(connections > most * 0.8
      ? [
          problem(
            "database",
            `${connections} of ${most} connections are in use`,
            "raise max_connections, or put a pooler in between; each instance takes ten",
          ),
        ]
      : []),
    ...(prepared > 0
      ? [
          problem(
            "database",
            `${prepared} prepared transactions were forgotten: nothing behind them is cleaned up`,
            "select gid from pg_prepared_xacts; and for each: rollback prepared 'GID';",
          ),
        ]
      : []),
    ...(oldest > longTransactionSeconds
      ? [
          problem(
            "database",
            `a transaction has been open for ${oldest} s: nothing behind it is cleaned up`,
            "select pid, query, xact_start from pg_stat_activity order by xact_start; then pg_terminate_backend(PID)",
          ),
        ]
      : []),
    ...(postgres.may_read_wal
      ? []
      : [
          problem(
            "database",
            "this user may not call pg_walfile_name(pg_current_wal_lsn()), so a point-in-time recovery or the promotion of a standby that lost log-outs cannot be told from one that lost none",
            "grant execute on function pg_current_wal_lsn(), pg_walfile_name(pg_lsn) to USER; or run countersign restored after each of them",
          ),
        ]),
    ...(waiting > 0 && instances.length === 0
      ? [note("database", `${waiting} events of the trail have no number yet; the next server gives it`)]
      : []),
    postgres.has_pooler
      ? note(
          "pooler",
          "a pooler stands before PostgreSQL: each single statement takes three exchanges, and nothing has to be set",
        )
      : ok("pooler", "there is no pooler, or one that passes everything on"),
  ];
}

/** How the way to the database is protected, from its URL. */
export function judgeDatabaseTls(databaseUrl: string): Finding[] {
  if (!databaseUrl.startsWith("postgres")) return [];
  const { protection } = readPostgresUrl(databaseUrl);
  const host = URL.canParse(databaseUrl) ? new URL(databaseUrl).hostname : "";
  if (host === "" || isLoopbackHost(host)) return [ok("tls", "the database is on this machine")];
  if (protection === "none")
    return [
      problem(
        "tls",
        "sslmode=disable: whoever listens between here and the database reads password hashes, whoever stands there changes them",
        "take sslmode=disable out of the URL; sslmode=verify-full is the default",
      ),
    ];
  if (protection === "unverified")
    return [
      problem(
        "tls",
        "sslmode=no-verify: whoever stands between here and the database reads and changes everything",
        "say sslmode=verify-full&sslrootcert=FILE with the authority of the database's certificate",
      ),
    ];
  return [ok("tls", "the way to the database uses TLS, and its certificate is verified")];
}

export function judgeKeys({ keys, master_key: trouble }: Examination, nowMs: number): Finding[] {
  const active = keys.find(({ state }) => state === "active");
  const since = active?.activated_at ?? null;
  const ageMs = since === null ? 0 : nowMs - Date.parse(since);
  const days = Math.floor(ageMs / dayMs);
  return [
    trouble === null
      ? ok("keys", "the master key opens this database")
      : problem("keys", trouble, "give the server the master key that this database was made with"),
    active === undefined
      ? problem("keys", "no key signs", "countersign keys rotate --immediately")
      : ageMs > maxKeyAgeMs
        ? problem(
            "keys",
            `the key that signs is ${days} days old, and was to be changed after ${(rotationSeconds * 1000) / dayMs}`,
            "start the server, which changes it, or: countersign keys rotate",
          )
        : ok("keys", `a key of ${active.algorithm} has signed for ${days} days`),
  ];
}

export interface SeenSettings {
  readonly trustedProxies: ServeValues["trustedProxies"];
  readonly host: ServeValues["host"];
  readonly options: Pick<CountersignOptions, "databaseUrl" | "dataDir" | "masterKey">;
}

/** `deployment` is that of a server that runs, or what the settings would make of one. */
export function judgeDeployment(
  deployment: Deployment,
  { trustedProxies, host }: Pick<SeenSettings, "trustedProxies" | "host">,
): Finding[] {
  const { issuer, guesses_per_source: perSource, guesses_per_account: perAccount } = deployment;
  const isHttps = issuer.startsWith("https:");
  const proxyFix = "name it: --trusted-proxies ADDRESS (COUNTERSIGN_TRUSTED_PROXIES)";
  return [
    isHttps
      ? ok("tls", `the issuer is ${issuer}`)
      : isLoopback(issuer)
        ? note("tls", `the issuer ${issuer} is this machine alone: nobody else can use it`)
        : problem(
            "tls",
            `the issuer ${issuer} is plain HTTP: whoever listens reads passwords and tokens`,
            "put a proxy with TLS in front, and say --issuer https://… and --trusted-proxies ADDRESS",
          ),
    isHttps && trustedProxies.length === 0
      ? problem(
          "proxy",
          "the issuer is https, so a proxy ends TLS, but none is trusted: everybody is one source to the limits on guessing, and plain HTTP is not refused",
          proxyFix,
        )
      : !isLoopbackHost(host.includes(":") ? `[${host}]` : host) && trustedProxies.length === 0
        ? note("proxy", `no proxy is trusted and ${host} is open to others: requests come straight to it`)
        : ok(
            "proxy",
            trustedProxies.length === 0 ? "no proxy is needed" : `trusted: ${trustedProxies.join(", ")}`,
          ),
    perSource > wideGuesses.perSource || perAccount > wideGuesses.perAccount
      ? problem(
          "throttling",
          `the limits on guessing are wide: ${perSource} wrong passwords at once from one source, ${perAccount} for one address`,
          "take --guesses-per-source and --guesses-per-account away: 100 and 10 are the defaults",
        )
      : ok(
          "throttling",
          `${perSource} wrong passwords at once from one source, ${perAccount} for one address`,
        ),
    deployment.dev_mail && isHttps
      ? problem("mail", "the dev mailbox shows everybody's mail", "take --dev-mail away and say --smtp-url")
      : deployment.dev_mail || deployment.sends_mail
        ? ok("mail", deployment.dev_mail ? "mail is shown to whoever sits at this machine" : "mail is sent")
        : note("mail", "no mail is sent: nobody can reset a password or verify an address"),
  ];
}

export function judgeOthers({ has_administrator: has, instances }: Examination): Finding[] {
  const versions = new Set(instances.map(({ version }) => version));
  return [
    has
      ? ok("administrators", "there is an administrator")
      : note(
          "administrators",
          "there is none: countersign users create --admin --email ADDRESS --password-stdin",
        ),
    instances.length === 0
      ? note("instances", "no server runs, so what is said of its settings is what this command was given")
      : versions.size > 1
        ? problem(
            "instances",
            `instances of several releases run: ${[...versions].join(", ")}`,
            "go on with the upgrade, or stop the old ones",
          )
        : ok("instances", `${instances.length} running, release ${[...versions].join()}`),
  ];
}
