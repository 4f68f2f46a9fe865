// The options of the server: checked whole, every mistake reported at once with what to do.
import { ConfigError } from "../errors.ts";
import { type SigningAlgorithm, signingAlgorithms } from "../keys/sealed-keys.ts";
import { readPostgresUrl } from "../database/dialects/postgres-tls.ts";

export interface CountersignOptions {
  /** The `iss` of every token: the URL under which clients reach this server, without a path's trailing slash. */
  readonly issuer: string;
  /** The `aud` of every token: the API that they are for. The issuer by default. */
  readonly audience?: string | undefined;
  /** `sqlite:PATH`, `sqlite::memory:` (ends with the process) or `postgres://…`, with TLS unless it is on this machine. Default: SQLite in `dataDir`. */
  readonly databaseUrl?: string | undefined;
  /** Where the database and the secret file live. Default `data`, below the working directory. */
  readonly dataDir?: string | undefined;
  /** 32 random bytes in base64url; without it, the file `master.key` in `dataDir`, made at the first start. */
  readonly masterKey?: string | undefined;
  /**
   * What access tokens are signed with. Default: what they are signed with already. Another algorithm than the present one
   * begins a rotation, which refuses no valid token.
   */
  readonly algorithm?: SigningAlgorithm | undefined;
  /**
   * What the very first key is for, where `algorithm` does not say. Default HS256, whose secret never leaves this process;
   * a server whose tokens are verified elsewhere begins with a pair, as who can check an HMAC can also forge it.
   */
  readonly initialAlgorithm?: SigningAlgorithm | undefined;
  /** 1 to 900. Default 600. */
  readonly accessTokenTtlSeconds?: number | undefined;
  /** Who may ask `POST /introspect`: secrets of 32 characters at least, by client id. Nobody by default. */
  readonly introspectionClients?: Readonly<Record<string, string>> | undefined;
  /** Where cookie sessions are kept. `memory`: in this process alone, and they end with it. Default `database`. */
  readonly sessionStore?: "database" | "memory" | undefined;
  /** How long a session may go unused. Default 14 days. */
  readonly sessionIdleSeconds?: number | undefined;
  /** How long a session may live from its log-in, however much it is used. Default 30 days. */
  readonly sessionAbsoluteSeconds?: number | undefined;
  /**
   * How many live sessions one account may have, tokens and cookies together: 1 to 10,000, default 100. A log-in beyond
   * that ends the session that has gone unused the longest.
   */
  readonly maxSessionsPerUser?: number | undefined;
  /**
   * How often one session may be renewed, at each instance: 1 to 10,000 a minute in the long run, default 30, and four
   * minutes' worth at once; beyond that 429. `null`: no limit.
   */
  readonly renewalsPerMinute?: number | null | undefined;
  /** Origins beside the issuer's whose pages may act with session cookies, for example `https://app.example.com`. */
  readonly allowedOrigins?: readonly string[] | undefined;
}

export interface Settings {
  readonly issuer: string;
  readonly audience: string;
  readonly databaseUrl: string;
  readonly dataDir: string;
  readonly masterKey: string | undefined;
  readonly algorithm: SigningAlgorithm | undefined;
  readonly initialAlgorithm: SigningAlgorithm;
  readonly accessTokenTtlSeconds: number;
  readonly introspectionClients: ReadonlyMap<string, string>;
  readonly sessionStore: "database" | "memory";
  readonly sessionLimits: {
    readonly idleSeconds: number;
    readonly absoluteSeconds: number;
    readonly perUser: number;
  };
  readonly renewalsPerMinute: number | null;
  /** The issuer's and `allowedOrigins`. */
  readonly origins: ReadonlySet<string>;
}

/** The longest life of an access token: what a stolen one is worth where no revocation reaches. */
const maxAccessTokenTtlSeconds = 900;
const dayInSeconds = 86_400;
/** The longest that NIST SP 800-63B allows a person to stay logged in without proving anything. */
const maxSessionSeconds = 30 * dayInSeconds;

/** @throws ConfigError naming every option that cannot work */
export function readOptions(options: CountersignOptions): Settings {
  const problems: string[] = [];
  const {
    issuer,
    dataDir = "data",
    masterKey,
    algorithm,
    initialAlgorithm = "HS256",
    accessTokenTtlSeconds = 600,
    introspectionClients = {},
    sessionStore = "database",
    sessionIdleSeconds = 14 * dayInSeconds,
    sessionAbsoluteSeconds = maxSessionSeconds,
    maxSessionsPerUser = 100,
    renewalsPerMinute = 30,
    allowedOrigins = [],
  } = options;
  const { audience = issuer, databaseUrl = `sqlite:${dataDir}/countersign.db` } = options;

  if (!isIssuer(issuer)) {
    problems.push(
      'issuer must be an http(s) URL without query or fragment, for example "https://api.example.com"',
    );
  }
  if (typeof audience !== "string" || audience === "")
    problems.push("audience must be a text that is not empty");
  if (typeof dataDir !== "string" || dataDir === "") problems.push("dataDir must be the path of a folder");
  problems.push(...problemsOfDatabaseUrl(databaseUrl));
  if (masterKey !== undefined && !/^[\w-]{43}$/.test(masterKey)) {
    problems.push(
      "masterKey must be 32 random bytes in base64url, 43 characters; make one with: " +
        `node -p 'crypto.randomBytes(32).toString("base64url")'`,
    );
  }
  if (
    !Number.isInteger(accessTokenTtlSeconds) ||
    accessTokenTtlSeconds < 1 ||
    accessTokenTtlSeconds > maxAccessTokenTtlSeconds
  ) {
    problems.push(`accessTokenTtlSeconds must be a whole number from 1 to ${maxAccessTokenTtlSeconds}`);
  }
  for (const [name, value] of Object.entries({ algorithm, initialAlgorithm })) {
    if (value !== undefined && !signingAlgorithms.includes(value))
      problems.push(`${name} must be one of ${signingAlgorithms.join(", ")}`);
  }
  for (const [id, secret] of Object.entries(introspectionClients)) {
    if (!/^[\w.-]{1,64}$/.test(id) || typeof secret !== "string" || secret.length < 32) {
      problems.push("introspectionClients must map client ids to secrets of 32 characters at least");
    } else if (isExample(secret)) {
      problems.push(
        "introspectionClients must map client ids to random secrets, not to examples or patterns; make one with: " +
          `node -p 'crypto.randomBytes(32).toString("base64url")'`,
      );
    }
  }
  if (sessionStore !== "database" && sessionStore !== "memory")
    problems.push('sessionStore must be "database" or "memory"');
  for (const [name, seconds] of Object.entries({ sessionIdleSeconds, sessionAbsoluteSeconds })) {
    if (!Number.isInteger(seconds) || seconds < 60 || seconds > maxSessionSeconds)
      problems.push(`${name} must be a whole number from 60 to ${maxSessionSeconds}`);
  }
  if (!Number.isInteger(maxSessionsPerUser) || maxSessionsPerUser < 1 || maxSessionsPerUser > 10_000)
    problems.push("maxSessionsPerUser must be a whole number from 1 to 10000");
  if (
    renewalsPerMinute !== null &&
    (!Number.isInteger(renewalsPerMinute) || renewalsPerMinute < 1 || renewalsPerMinute > 10_000)
  )
    problems.push(
      'renewalsPerMinute must be a whole number from 1 to 10000, or null ("unlimited" in the environment) for no limit',
    );
  if (!Array.isArray(allowedOrigins) || !allowedOrigins.every(isOrigin)) {
    problems.push(
      'allowedOrigins must be a list of origins as browsers send them, for example "https://app.example.com"',
    );
  }
  if (problems.length > 0) throw new ConfigError(problems);
  return {
    issuer,
    audience,
    databaseUrl,
    dataDir,
    masterKey,
    algorithm,
    initialAlgorithm,
    accessTokenTtlSeconds,
    introspectionClients: new Map(Object.entries(introspectionClients)),
    sessionStore,
    sessionLimits: {
      idleSeconds: sessionIdleSeconds,
      absoluteSeconds: sessionAbsoluteSeconds,
      perUser: maxSessionsPerUser,
    },
    renewalsPerMinute,
    origins: new Set([new URL(issuer).origin, ...allowedOrigins]),
  };
}

export function problemsOfDatabaseUrl(url: unknown): string[] {
  if (typeof url !== "string" || !/^(sqlite:.|postgres(ql)?:\/\/)/.test(url))
    return ['databaseUrl must be "sqlite:PATH", for example "sqlite:data/countersign.db", or "postgres://…"'];
  try {
    if (!url.startsWith("sqlite:")) readPostgresUrl(url);
    return [];
  } catch (error) {
    if (error instanceof TypeError) return [error.message];
    throw error;
  }
}

/** The options that stand in environment variables; an empty variable counts as none. */
export function optionsOfEnvironment(
  environment: Readonly<Record<string, string | undefined>>,
): Omit<CountersignOptions, "issuer"> & { readonly issuer: string | undefined } {
  const read = (name: string): string | undefined => environment[`COUNTERSIGN_${name}`] || undefined;
  return {
    issuer: read("ISSUER"),
    audience: read("AUDIENCE"),
    databaseUrl: read("DATABASE_URL"),
    dataDir: read("DATA_DIR"),
    masterKey: read("MASTER_KEY"),
    // Judged with the other options.
    algorithm: read("ALGORITHM") as SigningAlgorithm | undefined,
    sessionStore: read("SESSION_STORE") as "database" | "memory" | undefined,
    maxSessionsPerUser: numberOf(read("MAX_SESSIONS_PER_USER")),
    renewalsPerMinute:
      read("RENEWALS_PER_MINUTE") === "unlimited" ? null : numberOf(read("RENEWALS_PER_MINUTE")),
    allowedOrigins: read("ALLOWED_ORIGINS")?.split(","),
  };
}

/** What people type or copy from a page (KM-08). Of 32 random characters, hexadecimal ones included, about 14 differ. */
function isExample(secret: string): boolean {
  return new Set(secret).size < 8 || /changeme|password|example|secret/i.test(secret);
}

/** What is no number is judged with the other options. */
function numberOf(text: string | undefined): number | undefined {
  return text === undefined ? undefined : /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
}

function isIssuer(text: unknown): text is string {
  if (typeof text !== "string" || !URL.canParse(text)) return false;
  const { protocol, search, hash } = new URL(text);
  return (protocol === "https:" || protocol === "http:") && search === "" && hash === "";
}

/** RFC 6454 §6.2, in the one spelling that is compared with the header. An asterisk is a host to a URL, but never meant as one. */
function isOrigin(text: unknown): boolean {
  return isIssuer(text) && new URL(text).origin === text && !text.includes("*");
}
