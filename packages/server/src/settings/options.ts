// The options: one entry for each. Types, variables, flags, `--help` and the pages of the
// documentation come from here.
import { problemOfPrefix } from "./base-url.ts";
import { claimNames, claimsFunction } from "./claims.ts";
import { appOriginList, list, mapOfLists, mapOfSecrets, originList } from "./collections.ts";
import { problemOfDatabaseUrl } from "./database-url.ts";
import { fieldsSchema } from "./fields-schema.ts";
import { hooksOption } from "./hooks.ts";
import { boolean, choice, integer, judgedText, type Kind, path, secret, text, url } from "./kinds.ts";
import { isMailDomain } from "./mail-domain.ts";
import { problemOfMailFrom } from "./mail-from.ts";
import { problemOfRpId } from "./passkeys.ts";
import { problemOfPublicUrl } from "./public-url.ts";
import { problemOfSmtpUrl } from "./smtp-url.ts";
import {
  defaultGuesses,
  defaultSessionLimits,
  maxAccessTokenTtlSeconds,
  maxSessionSeconds,
} from "./limits.ts";
import { type Permission, permissions, roleForm } from "./permissions.ts";
import { signingAlgorithms } from "./signing-algorithms.ts";
import { isAddressOrBlock } from "./trusted-proxies.ts";

type Plain =
  | string
  | number
  | boolean
  | null
  | readonly string[]
  | Readonly<Record<string, readonly string[]>>;

export interface Option {
  readonly kind: Kind;
  readonly group: keyof typeof groups;
  /** One sentence: what it is for. */
  readonly summary: string;
  /** Where it can be set. By default in code, in the environment and by flag. */
  readonly only?: "code" | "serve";
  /** Every plugin of Fastify has this option, and there it is never `undefined`. */
  readonly isOfFastify?: boolean;
  /** Must be set in code; `countersign serve` finds a value by itself. */
  readonly required?: boolean;
  readonly default?: Plain;
  /** The default where it follows from options above. */
  readonly defaultFrom?: (values: Readonly<Record<string, unknown>>) => unknown;
  /** What the default is, in words, where its value does not say so. */
  readonly defaultText?: string;
  /** The default of `countersign serve`, where that is another one. */
  readonly serveDefault?: Plain;
  readonly serveDefaultText?: string;
  /** A flag that it has beside the one that is named after it. */
  readonly otherFlag?: string;
}

export type OptionTable = Readonly<Record<string, Option>>;

/** In the order of the documentation. */
export const groups = {
  names: "Names",
  listening: "Listening",
  data: "Data",
  tokens: "Tokens",
  accounts: "Accounts",
  feed: "Revocation feed",
  sessions: "Sessions",
  guessing: "Guessing",
  mail: "Mail",
  passkeys: "Passkeys",
  pages: "Pages on other origins",
  console: "Console",
  metrics: "Metrics",
  administration: "Administration",
} as const;

const sessionSeconds = (): Kind => integer({ min: 60, max: maxSessionSeconds, unit: "seconds" });

const attempts = (): Kind => integer({ min: 1, max: 1_000_000, unit: "attempts" });

export const optionTable: OptionTable = {
  issuer: {
    kind: url({ protocols: ["http:", "https:"], example: "https://api.example.com" }),
    group: "names",
    summary: "The URL under which clients reach this server, and the `iss` of every token.",
    required: true,
    serveDefaultText: "`http://HOST:PORT`",
  },
  audience: {
    kind: text(),
    group: "names",
    summary: "The API that the tokens are for: their `aud`.",
    defaultFrom: ({ issuer }) => issuer,
    defaultText: "the issuer",
  },
  prefix: {
    kind: judgedText({
      placeholder: "PATH",
      range: "A path such as `/auth`",
      problemOf: problemOfPrefix,
    }),
    group: "names",
    summary:
      "What stands before the path of each route, but for the metadata at the root of the host (RFC 8414).",
    isOfFastify: true,
    default: "",
    defaultText: "no prefix",
  },
  decorator: {
    kind: judgedText({
      placeholder: "NAME",
      range: "A name such as `auth`",
      problemOf: (name) =>
        /^[a-z]\w*$/i.test(name) ? undefined : "must be a name of letters, digits and _, such as auth",
    }),
    group: "names",
    summary:
      "What the app calls its guards and database, for an app in which `auth` is something else: " +
      '`app.getDecorator<Auth>("accounts")`.',
    only: "code",
    default: "auth",
  },
  host: {
    kind: text(),
    group: "listening",
    summary: "The address to listen on.",
    only: "serve",
    default: "127.0.0.1",
  },
  port: {
    kind: integer({ min: 0, max: 65_535, unit: "" }),
    group: "listening",
    summary: "The port to listen on; 0 takes a free one.",
    only: "serve",
    default: 3001,
  },
  trustedProxies: {
    kind: list({
      isItem: isAddressOrBlock,
      must: "addresses or CIDR blocks with commas between, for example 127.0.0.1,10.0.0.0/8",
      range: "addresses and CIDR blocks",
    }),
    group: "listening",
    summary: "The proxies whose `X-Forwarded-For` and `X-Forwarded-Proto` are believed.",
    only: "serve",
    default: [],
  },
  headersTimeoutSeconds: {
    kind: integer({ min: 1, max: 3600, unit: "seconds" }),
    group: "listening",
    summary: "Within what time the headers of a request must have arrived.",
    default: 10,
  },
  requestTimeoutSeconds: {
    kind: integer({ min: 1, max: 3600, unit: "seconds" }),
    group: "listening",
    summary: "Within what time a whole request must have arrived, its body too.",
    default: 30,
  },
  idleTimeoutSeconds: {
    kind: integer({ min: 1, max: 3600, unit: "seconds" }),
    group: "listening",
    summary:
      "How long a connection without a request stays open; a proxy in front should close its own first.",
    default: 72,
  },
  writeTimeoutSeconds: {
    kind: integer({ min: 1, max: 3600, unit: "seconds" }),
    group: "listening",
    summary: "How long somebody may take nothing of an answer before their connection ends.",
    default: 20,
  },
  maxConnections: {
    kind: integer({ min: 1, max: 1_000_000, unit: "connections" }),
    group: "listening",
    summary:
      "How many connections there may be; beyond that the one gives way that has gone the longest without " +
      "an authenticated request.",
    default: 10_000,
  },
  maxConnectionsPerAddress: {
    kind: integer({ min: 1, max: 1_000_000, unit: "connections" }),
    group: "listening",
    summary:
      "How many connections one address (of IPv6, one /64) may have, under the same rule; those of trusted " +
      "proxies and of followers with a name do not count.",
    default: 256,
  },
  drainDelaySeconds: {
    kind: integer({ min: 0, max: 300, unit: "seconds" }),
    group: "listening",
    summary:
      "How long `/health/ready` says no before the port closes, for a balancer that looks now and then.",
    default: 0,
  },
  drainTimeoutSeconds: {
    kind: integer({ min: 1, max: 300, unit: "seconds" }),
    group: "listening",
    summary:
      "How long requests under way may take once the port is closed; then the process ends all the same.",
    default: 10,
  },
  dataDir: {
    kind: path("a folder"),
    group: "data",
    summary: "The folder of the SQLite database and of the file `master.key`.",
    default: "data",
  },
  databaseUrl: {
    kind: judgedText({
      placeholder: "URL",
      range: "`sqlite:PATH`, `sqlite::memory:` or `postgres://…`",
      secrecy: "perhaps",
      problemOf: problemOfDatabaseUrl,
    }),
    group: "data",
    summary:
      "The database: a SQLite file, or PostgreSQL, with TLS unless that is on this machine. Of several hosts (`h1,h2`) the primary is used.",
    defaultFrom: ({ dataDir }) => `sqlite:${String(dataDir)}/countersign.db`,
    defaultText: "SQLite in `dataDir`",
    otherFlag: "database",
  },
  databaseSchema: {
    kind: judgedText({
      placeholder: "NAME",
      range: "A name of 1 to 40 lower-case letters, digits and `_`",
      problemOf: (name) =>
        /^(?!pg_|sqlite_)[a-z][a-z0-9_]{0,39}$/.test(name)
          ? undefined
          : "must be a name of 1 to 40 lower-case letters, digits and _ that begins with a letter, " +
            'not with pg_ or sqlite_, for example "countersign"',
    }),
    group: "data",
    summary:
      "Where the server's tables are, so that others of the same name may stand beside them: a schema on " +
      "PostgreSQL, made if it is missing; on SQLite what their names begin with.",
    defaultText: "the first schema of the connection's `search_path`; on SQLite no prefix",
  },
  databaseTimeoutSeconds: {
    kind: integer({ min: 1, max: 60, unit: "seconds" }),
    group: "data",
    summary:
      "How long PostgreSQL may take for what one request asks of it, the wait for a connection included; " +
      "then the answer is 503.",
    default: 2,
  },
  masterKey: {
    kind: secret({ pattern: /^[\w-]{43}$/, form: "32 random bytes in base64url, 43 characters" }),
    group: "data",
    summary: "The secret that signing keys are sealed under and that other secrets are derived from.",
    defaultText: "the file `master.key` in `dataDir`, made at the first start",
  },
  algorithm: {
    kind: choice(signingAlgorithms),
    group: "tokens",
    summary:
      "What access tokens are signed with; another algorithm than the present one begins a rotation, " +
      "which refuses no valid token.",
    defaultText: "what the present key has",
  },
  initialAlgorithm: {
    kind: choice(signingAlgorithms),
    group: "tokens",
    summary:
      "What the very first key is for, where `algorithm` does not say; verifiers elsewhere need a pair, " +
      "as whoever can check an HMAC can also forge it.",
    default: "HS256",
    serveDefault: "ES256",
  },
  accessTokenTtlSeconds: {
    kind: integer({ min: 1, max: maxAccessTokenTtlSeconds, unit: "seconds" }),
    group: "tokens",
    summary: "How long an access token lives.",
    default: 600,
  },
  renewalsPerMinute: {
    kind: integer({ min: 1, max: 10_000, unit: "a minute", wordForNull: "unlimited" }),
    group: "tokens",
    summary:
      "How often one session may be renewed at each instance in the long run, and four minutes' worth at once; " +
      "beyond that the answer is 429.",
    default: 30,
  },
  claims: {
    kind: claimsFunction(),
    group: "tokens",
    summary:
      "What your app adds to each access token: `(account, session) => ({ plan: … })`, a promise of it for a second at most; " +
      "without an answer there is no token.",
    only: "code",
    defaultText: "nothing",
  },
  claimNames: {
    kind: claimNames(),
    group: "tokens",
    summary: "The names that `claims` may use.",
    only: "code",
    default: [],
  },
  signup: {
    kind: choice(["open", "invite", "closed"]),
    group: "accounts",
    summary:
      "Who may make an account with `POST /signup`: everybody, who was invited by mail, or nobody, where administrators " +
      "make them.",
    default: "open",
  },
  invitationTtlSeconds: {
    kind: integer({ min: 3600, max: 2_592_000, unit: "seconds" }),
    group: "accounts",
    summary: "How long an invitation can be used.",
    default: 604_800,
    defaultText: "604,800 (7 days)",
  },
  signupDomains: {
    kind: list({
      isItem: isMailDomain,
      must: "a list of domains of addresses in lower-case ASCII, for example example.com",
      range: "domains such as `example.com`, each for itself alone",
    }),
    group: "accounts",
    summary: "The domains whose addresses may sign up; whoever was invited may with any.",
    default: [],
    defaultText: "all",
  },
  passwordMinLength: {
    kind: integer({ min: 8, max: 64, unit: "characters" }),
    group: "accounts",
    summary:
      "How long a new password must be at least; NIST SP 800-63B-4 §3.1.1.2 allows less than 15 only where a second " +
      "factor is needed as well.",
    default: 15,
  },
  passwordBlocklistFile: {
    kind: path("a UTF-8 text file with a word on each line"),
    group: "accounts",
    summary:
      "Passwords of your own that nobody may have, beside those that everybody tries: a word a line, 4 MiB at most, " +
      "read at the start.",
    defaultText: "none",
  },
  metadataSchema: {
    kind: fieldsSchema(),
    group: "accounts",
    summary: "What people may keep with their account as `metadata`, 4,096 bytes at most.",
    only: "code",
    defaultText: "nothing is kept",
  },
  appMetadataSchema: {
    kind: fieldsSchema(),
    group: "accounts",
    summary: "What administrators may keep with accounts as `app_metadata`, 4,096 bytes at most.",
    only: "code",
    defaultText: "nothing is kept",
  },
  hooks: {
    kind: hooksOption(),
    group: "accounts",
    summary:
      "What your app runs before and after sign-ups, logins, renewals, changes of passwords and deletions of accounts.",
    only: "code",
    defaultText: "nothing",
  },
  introspectionClients: {
    kind: mapOfSecrets({ pattern: /^[\x20-\x7e]{1,256}$/, name: "client id" }),
    group: "tokens",
    summary: "Who may ask `POST /introspect`.",
    default: {},
    defaultText: "nobody",
  },
  feed: {
    kind: choice(["open", "followers"]),
    group: "feed",
    summary:
      "Who may read `GET /revocations`: everybody, of whom strangers share a few streams, or nobody but `feedFollowers`.",
    default: "open",
  },
  feedFollowers: {
    kind: mapOfSecrets({ pattern: /^[\w.-]{1,64}$/, name: "follower" }),
    group: "feed",
    summary: "The services that follow the feed under a name, and have places of their own.",
    default: {},
    defaultText: "none",
  },
  sessionStore: {
    kind: choice(["database", "memory"]),
    group: "sessions",
    summary: "Where cookie sessions are kept; in memory they are of this process alone and end with it.",
    default: "database",
  },
  sessionIdleSeconds: {
    kind: sessionSeconds(),
    group: "sessions",
    summary: "How long a session may go unused.",
    default: defaultSessionLimits.idleSeconds,
    defaultText: "1,209,600 (14 days)",
  },
  sessionAbsoluteSeconds: {
    kind: sessionSeconds(),
    group: "sessions",
    summary: "How long a session may live from its login, however much it is used.",
    default: defaultSessionLimits.absoluteSeconds,
    defaultText: "2,592,000 (30 days)",
  },
  maxSessionsPerUser: {
    kind: integer({ min: 1, max: 10_000, unit: "sessions" }),
    group: "sessions",
    summary:
      "How many live sessions one account may have, tokens and cookies together; a login beyond that ends " +
      "the session that has gone unused the longest.",
    default: defaultSessionLimits.perUser,
  },
  hashingWaitSeconds: {
    kind: integer({ min: 1, max: 60, unit: "seconds" }),
    group: "guessing",
    summary:
      "How long whoever shows or sets a password waits for others of their account or network and for a core to " +
      "hash it; then the answer is 503.",
    default: 2,
  },
  hashingNiceness: {
    kind: integer({ min: 0, max: 19, unit: "steps" }),
    group: "guessing",
    summary:
      "How much nicer than the rest of the process the threads are that hash passwords, on Linux. 19 lets requests " +
      "go first in a flood of log-ins, where the server has a share of the processors of its own, such as a container.",
    // Where another program wants the core whole, a third is left to a hash; where nobody does, all of it.
    default: 5,
  },
  guessesPerSource: {
    kind: attempts(),
    group: "guessing",
    summary:
      "How many wrong passwords may come at once from one source (an IPv4 address, an IPv6 /64); then one " +
      "more every 10 seconds.",
    default: defaultGuesses.perSource,
  },
  guessesPerAccount: {
    kind: attempts(),
    group: "guessing",
    summary:
      "How many wrong passwords one address may get at once from devices that it does not know; then one more every 5 minutes.",
    default: defaultGuesses.perAccount,
  },
  guessesInARow: {
    kind: integer({ min: 1, max: 1_000_000, unit: "attempts", wordForNull: "unlimited" }),
    group: "guessing",
    summary:
      "How many wrong passwords in a row, from devices that it does not know, close an account to such devices " +
      "until an operator opens it or a new password is set by mail. Known devices get in all the same. NIST SP " +
      "800-63B-4 §3.2.2 allows 100.",
    default: 100,
  },
  signupsPerSource: {
    kind: attempts(),
    group: "guessing",
    summary:
      "How many sign-ups may come at once from one source, and by themselves as many requests for mail; then one more " +
      "every 10 seconds.",
    default: 100,
  },
  smtpUrl: {
    kind: judgedText({
      placeholder: "URL",
      range:
        "`smtps://USER:PASSWORD@HOST:PORT`, or `smtp://…` for STARTTLS; on this machine `smtp://…` needs no TLS",
      secrecy: "always",
      problemOf: problemOfSmtpUrl,
    }),
    group: "mail",
    summary: "The mail server, whose certificate must be good; without one no mail is sent.",
    defaultText: "no mail",
  },
  mailFrom: {
    kind: judgedText({
      placeholder: "ADDRESS",
      range: "`auth@example.com` or `Example <auth@example.com>`",
      problemOf: problemOfMailFrom,
    }),
    group: "mail",
    summary: "Whom mail comes from; needed with `smtpUrl`.",
  },
  publicUrl: {
    kind: judgedText({
      placeholder: "URL",
      range: "An https URL, or one with `{page}` in its path (`verify`, `reset`, `undo`, `not-me`, `signup`)",
      problemOf: problemOfPublicUrl,
    }),
    group: "mail",
    summary:
      "Where the links in mail lead: the server whose console has the pages, or the pages of your app; what a " +
      "request says of its host is never asked.",
    defaultText: "the issuer",
  },
  devMail: {
    kind: boolean(),
    group: "mail",
    summary:
      "Whether mail is kept in memory and shown at `GET /dev/mail`, in place of a mail server; for development, " +
      "and only where the issuer is on this machine and no proxy is in front.",
    default: false,
  },
  emailVerification: {
    kind: choice(["off", "before-login", "later"]),
    group: "mail",
    summary:
      "Whether a mail at sign-up asks to confirm the address, and whether nobody logs in before they did.",
    default: "off",
  },
  signupPrivacy: {
    kind: boolean(),
    group: "mail",
    summary:
      "Whether sign-up hides that an address has an account: the answer is 202 for every address, and the mail tells " +
      "its owner. It needs `emailVerification: before-login` and a mail server.",
    defaultText: "on where both are there",
  },
  newDeviceMail: {
    kind: boolean(),
    group: "mail",
    summary:
      "Whether a mail tells the owner of an account of a login that shows no device token of an earlier one; take it " +
      "away where clients keep none.",
    default: true,
  },
  passkeyRpId: {
    kind: judgedText({
      placeholder: "DOMAIN",
      range: "A domain such as `example.com`: the host of the issuer, or a domain above it",
      problemOf: problemOfRpId,
    }),
    group: "passkeys",
    summary:
      "The domain that passkeys are made for, on whose pages and those below it they work; a change makes all " +
      "of them useless.",
    defaultText: "the issuer's host; without passkeys where that is an address or needs no https",
  },
  passkeyOrigins: {
    kind: appOriginList(),
    group: "passkeys",
    summary: "The origins whose pages, and the apps, that may use passkeys.",
    defaultText: "the issuer's origin, and those of `allowedOrigins` at or below `passkeyRpId`",
  },
  allowedOrigins: {
    kind: originList(),
    group: "pages",
    summary:
      "The origins beside the issuer's whose pages may call this server (CORS) and act with session cookies.",
    default: [],
  },
  console: {
    kind: boolean(),
    group: "console",
    summary: "Whether the web pages for people are served at `/console`.",
    default: false,
    defaultText: "off in the plugin, on in `createApp`",
    serveDefault: true,
  },
  docs: {
    kind: boolean(),
    group: "console",
    summary: "Whether the API reference is served, at `/docs` and as `/openapi.json`.",
    default: false,
    defaultText: "off in the plugin, on in `createApp`",
    serveDefault: true,
  },
  metricsHost: {
    kind: text(),
    group: "metrics",
    summary: "The address to serve `/metrics` at, for Prometheus; nobody else should reach it.",
    default: "127.0.0.1",
  },
  metricsPort: {
    kind: integer({ min: 0, max: 65_535, unit: "" }),
    group: "metrics",
    summary: "The port to serve `/metrics` at, which is not the public one; 0 takes a free one.",
    defaultText: "none: nothing is measured",
  },
  admin: {
    kind: boolean(),
    group: "administration",
    summary: "Whether the routes for those who run the installation are served under `/admin`.",
    default: false,
    defaultText: "off in the plugin, on in `createApp`",
    serveDefault: true,
  },
  rolePermissions: {
    kind: mapOfLists({
      isKey: (role) => roleForm.test(role),
      isItem: (text) => permissions.includes(text as Permission),
      must: `a map of roles to lists of ${permissions.join(", ")}`,
      range: `for each role a list of ${permissions.map((name) => `\`${name}\``).join(", ")}`,
    }),
    group: "administration",
    summary:
      "What roles allow under `/admin`. At least one role has every permission: that of the first administrator.",
    default: { admin: permissions },
    defaultText: "`admin` has every permission",
  },
  requireSecondFactor: {
    kind: list({
      isItem: (role) => roleForm.test(role),
      must: "a list of roles, for example admin",
      range: "roles such as `admin`",
    }),
    group: "administration",
    summary:
      "Roles that no session has before its account has a second factor, and the login has shown two; their owners " +
      "cannot remove the last one.",
    default: [],
    defaultText: "none",
  },
  allowLoopbackOrigins: {
    kind: boolean(),
    group: "pages",
    summary:
      "Whether pages of this machine, on any port, may call this server, never with cookies; for development, " +
      "and only where the issuer is on this machine, too.",
    default: false,
  },
};

/** These options alone, in the order of the table. */
export function pickOptions(
  table: OptionTable,
  isWanted: (name: string, option: Option) => boolean,
): OptionTable {
  return Object.fromEntries(Object.entries(table).filter(([name, option]) => isWanted(name, option)));
}

/** The default in words, with names in backticks. */
export function defaultOf(option: Option, program: "code" | "serve"): string {
  if (program === "serve") {
    if (option.serveDefaultText !== undefined) return option.serveDefaultText;
    if (option.serveDefault !== undefined) return shown(option.serveDefault);
  }
  return option.defaultText ?? shown(option.default);
}

function shown(value: Plain | undefined): string {
  if (value === undefined) return "";
  if (typeof value === "number") return value.toLocaleString("en-US", { useGrouping: value > 9999 });
  if (typeof value === "object") return value === null ? "`null`" : "none";
  return `\`${value}\``;
}
