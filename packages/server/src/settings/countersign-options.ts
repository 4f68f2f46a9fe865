// The types of the options. Generated from options.ts: npm run generate.
import type { ClaimsFunction } from "./claims.ts";
import type { FieldsSchema } from "./fields-schema.ts";
import type { Hooks } from "./hooks.ts";

export interface CountersignOptions {
  /**
   * The URL under which clients reach this server, and the `iss` of every token. URL (http or
   * https) without query or fragment.
   */
  readonly issuer: string;
  /** The API that the tokens are for: their `aud`. Default: the issuer. */
  readonly audience?: string | undefined;
  /**
   * What stands before the path of each route, but for the metadata at the root of the host
   * (RFC 8414). A path such as `/auth`. Default: no prefix.
   */
  readonly prefix?: string;
  /**
   * What the app calls its guards and database, for an app in which `auth` is something else:
   * `app.getDecorator<Auth>("accounts")`. A name such as `auth`. Default: `auth`.
   */
  readonly decorator?: string | undefined;
  /**
   * Within what time the headers of a request must have arrived. 1 to 3,600 seconds. Default:
   * 10.
   */
  readonly headersTimeoutSeconds?: number | undefined;
  /**
   * Within what time a whole request must have arrived, its body too. 1 to 3,600 seconds.
   * Default: 30.
   */
  readonly requestTimeoutSeconds?: number | undefined;
  /**
   * How long a connection without a request stays open; a proxy in front should close its own
   * first. 1 to 3,600 seconds. Default: 72.
   */
  readonly idleTimeoutSeconds?: number | undefined;
  /**
   * How long somebody may take nothing of an answer before their connection ends. 1 to 3,600
   * seconds. Default: 20.
   */
  readonly writeTimeoutSeconds?: number | undefined;
  /**
   * How many connections there may be; beyond that the one gives way that has gone the longest
   * without an authenticated request. 1 to 1,000,000 connections. Default: 10,000.
   */
  readonly maxConnections?: number | undefined;
  /**
   * How many connections one address (of IPv6, one /64) may have, under the same rule; those
   * of trusted proxies and of followers with a name do not count. 1 to 1,000,000 connections.
   * Default: 256.
   */
  readonly maxConnectionsPerAddress?: number | undefined;
  /**
   * How long `/health/ready` says no before the port closes, for a balancer that looks now and
   * then. 0 to 300 seconds. Default: 0.
   */
  readonly drainDelaySeconds?: number | undefined;
  /**
   * How long requests under way may take once the port is closed; then the process ends all
   * the same. 1 to 300 seconds. Default: 10.
   */
  readonly drainTimeoutSeconds?: number | undefined;
  /** The folder of the SQLite database and of the file `master.key`. Default: `data`. */
  readonly dataDir?: string | undefined;
  /**
   * The database: a SQLite file, or PostgreSQL, with TLS unless that is on this machine. Of
   * several hosts (`h1,h2`) the primary is used. `sqlite:PATH`, `sqlite::memory:` or
   * `postgres://…`. Default: SQLite in `dataDir`.
   */
  readonly databaseUrl?: string | undefined;
  /**
   * Where the server's tables are, so that others of the same name may stand beside them: a
   * schema on PostgreSQL, made if it is missing; on SQLite what their names begin with. A name
   * of 1 to 40 lower-case letters, digits and `_`. Default: the first schema of the
   * connection's `search_path`; on SQLite no prefix.
   */
  readonly databaseSchema?: string | undefined;
  /**
   * How long PostgreSQL may take for what one request asks of it, the wait for a connection
   * included; then the answer is 503. 1 to 60 seconds. Default: 2.
   */
  readonly databaseTimeoutSeconds?: number | undefined;
  /**
   * The secret that signing keys are sealed under and that other secrets are derived from. 32
   * random bytes in base64url, 43 characters. Default: the file `master.key` in `dataDir`,
   * made at the first start.
   */
  readonly masterKey?: string | undefined;
  /**
   * What access tokens are signed with; another algorithm than the present one begins a
   * rotation, which refuses no valid token. `HS256`, `ES256`, `Ed25519` or `RS256`. Default:
   * what the present key has.
   */
  readonly algorithm?: "HS256" | "ES256" | "Ed25519" | "RS256" | undefined;
  /**
   * What the very first key is for, where `algorithm` does not say; verifiers elsewhere need a
   * pair, as whoever can check an HMAC can also forge it. `HS256`, `ES256`, `Ed25519` or
   * `RS256`. Default: `HS256`.
   */
  readonly initialAlgorithm?: "HS256" | "ES256" | "Ed25519" | "RS256" | undefined;
  /** How long an access token lives. 1 to 900 seconds. Default: 600. */
  readonly accessTokenTtlSeconds?: number | undefined;
  /**
   * How often one session may be renewed at each instance in the long run, and four minutes'
   * worth at once; beyond that the answer is 429. 1 to 10,000 a minute, or "unlimited" (null
   * in code). Default: 30.
   */
  readonly renewalsPerMinute?: number | null | undefined;
  /**
   * What your app adds to each access token: `(account, session) => ({ plan: … })`, a promise
   * of it for a second at most; without an answer there is no token. Default: nothing.
   */
  readonly claims?: ClaimsFunction | undefined;
  /** The names that `claims` may use. Names that mean nothing yet. Default: none. */
  readonly claimNames?: readonly string[] | undefined;
  /**
   * Who may make an account with `POST /signup`: everybody, who was invited by mail, or
   * nobody, where administrators make them. `open`, `invite` or `closed`. Default: `open`.
   */
  readonly signup?: "open" | "invite" | "closed" | undefined;
  /** How long an invitation can be used. 3,600 to 2,592,000 seconds. Default: 604,800 (7 days). */
  readonly invitationTtlSeconds?: number | undefined;
  /**
   * The domains whose addresses may sign up; whoever was invited may with any. Domains such as
   * `example.com`, each for itself alone. Default: all.
   */
  readonly signupDomains?: readonly string[] | undefined;
  /**
   * How long a new password must be at least; NIST SP 800-63B-4 §3.1.1.2 allows less than 15
   * only where a second factor is needed as well. 8 to 64 characters. Default: 15.
   */
  readonly passwordMinLength?: number | undefined;
  /**
   * Passwords of your own that nobody may have, beside those that everybody tries: a word a
   * line, 4 MiB at most, read at the start. Default: none.
   */
  readonly passwordBlocklistFile?: string | undefined;
  /**
   * What people may keep with their account as `metadata`, 4,096 bytes at most. A Standard
   * Schema, or a JSON Schema of an object. Default: nothing is kept.
   */
  readonly metadataSchema?: FieldsSchema | undefined;
  /**
   * What administrators may keep with accounts as `app_metadata`, 4,096 bytes at most. A
   * Standard Schema, or a JSON Schema of an object. Default: nothing is kept.
   */
  readonly appMetadataSchema?: FieldsSchema | undefined;
  /**
   * What your app runs before and after sign-ups, logins, renewals, changes of passwords and
   * deletions of accounts. `{ before, after }`, each with functions by name. Default: nothing.
   */
  readonly hooks?: Hooks | undefined;
  /**
   * Who may ask `POST /introspect`. Secrets of 32 characters at least, by client id. Default:
   * nobody.
   */
  readonly introspectionClients?: Readonly<Record<string, string>> | undefined;
  /**
   * Who may read `GET /revocations`: everybody, of whom strangers share a few streams, or
   * nobody but `feedFollowers`. `open` or `followers`. Default: `open`.
   */
  readonly feed?: "open" | "followers" | undefined;
  /**
   * The services that follow the feed under a name, and have places of their own. Secrets of
   * 32 characters at least, by follower. Default: none.
   */
  readonly feedFollowers?: Readonly<Record<string, string>> | undefined;
  /**
   * Where cookie sessions are kept; in memory they are of this process alone and end with it.
   * `database` or `memory`. Default: `database`.
   */
  readonly sessionStore?: "database" | "memory" | undefined;
  /** How long a session may go unused. 60 to 2,592,000 seconds. Default: 1,209,600 (14 days). */
  readonly sessionIdleSeconds?: number | undefined;
  /**
   * How long a session may live from its login, however much it is used. 60 to 2,592,000
   * seconds. Default: 2,592,000 (30 days).
   */
  readonly sessionAbsoluteSeconds?: number | undefined;
  /**
   * How many live sessions one account may have, tokens and cookies together; a login beyond
   * that ends the session that has gone unused the longest. 1 to 10,000 sessions. Default:
   * 100.
   */
  readonly maxSessionsPerUser?: number | undefined;
  /**
   * How long whoever shows or sets a password waits for others of their account or network and
   * for a core to hash it; then the answer is 503. 1 to 60 seconds. Default: 2.
   */
  readonly hashingWaitSeconds?: number | undefined;
  /**
   * How much nicer than the rest of the process the threads are that hash passwords, on Linux.
   * 19 lets requests go first in a flood of log-ins, where the server has a share of the
   * processors of its own, such as a container. 0 to 19 steps. Default: 5.
   */
  readonly hashingNiceness?: number | undefined;
  /**
   * How many wrong passwords may come at once from one source (an IPv4 address, an IPv6 /64);
   * then one more every 10 seconds. 1 to 1,000,000 attempts. Default: 100.
   */
  readonly guessesPerSource?: number | undefined;
  /**
   * How many wrong passwords one address may get at once from devices that it does not know;
   * then one more every 5 minutes. 1 to 1,000,000 attempts. Default: 10.
   */
  readonly guessesPerAccount?: number | undefined;
  /**
   * How many wrong passwords in a row, from devices that it does not know, close an account to
   * such devices until an operator opens it or a new password is set by mail. Known devices
   * get in all the same. NIST SP 800-63B-4 §3.2.2 allows 100. 1 to 1,000,000 attempts, or
   * "unlimited" (null in code). Default: 100.
   */
  readonly guessesInARow?: number | null | undefined;
  /**
   * How many sign-ups may come at once from one source, and by themselves as many requests for
   * mail; then one more every 10 seconds. 1 to 1,000,000 attempts. Default: 100.
   */
  readonly signupsPerSource?: number | undefined;
  /**
   * The mail server, whose certificate must be good; without one no mail is sent.
   * `smtps://USER:PASSWORD@HOST:PORT`, or `smtp://…` for STARTTLS; on this machine `smtp://…`
   * needs no TLS. Default: no mail.
   */
  readonly smtpUrl?: string | undefined;
  /**
   * Whom mail comes from; needed with `smtpUrl`. `auth@example.com` or `Example
   * <auth@example.com>`.
   */
  readonly mailFrom?: string | undefined;
  /**
   * Where the links in mail lead: the server whose console has the pages, or the pages of your
   * app; what a request says of its host is never asked. An https URL, or one with `{page}` in
   * its path (`verify`, `reset`, `undo`, `not-me`, `signup`). Default: the issuer.
   */
  readonly publicUrl?: string | undefined;
  /**
   * Whether mail is kept in memory and shown at `GET /dev/mail`, in place of a mail server;
   * for development, and only where the issuer is on this machine and no proxy is in front.
   * `true` or `false`. Default: `false`.
   */
  readonly devMail?: boolean | undefined;
  /**
   * Whether a mail at sign-up asks to confirm the address, and whether nobody logs in before
   * they did. `off`, `before-login` or `later`. Default: `off`.
   */
  readonly emailVerification?: "off" | "before-login" | "later" | undefined;
  /**
   * Whether sign-up hides that an address has an account: the answer is 202 for every address,
   * and the mail tells its owner. It needs `emailVerification: before-login` and a mail
   * server. `true` or `false`. Default: on where both are there.
   */
  readonly signupPrivacy?: boolean | undefined;
  /**
   * Whether a mail tells the owner of an account of a login that shows no device token of an
   * earlier one; take it away where clients keep none. `true` or `false`. Default: `true`.
   */
  readonly newDeviceMail?: boolean | undefined;
  /**
   * The domain that passkeys are made for, on whose pages and those below it they work; a
   * change makes all of them useless. A domain such as `example.com`: the host of the issuer,
   * or a domain above it. Default: the issuer's host; without passkeys where that is an
   * address or needs no https.
   */
  readonly passkeyRpId?: string | undefined;
  /**
   * The origins whose pages, and the apps, that may use passkeys. Origins such as
   * `https://app.example.com`, and `android:apk-key-hash:…`. Default: the issuer's origin, and
   * those of `allowedOrigins` at or below `passkeyRpId`.
   */
  readonly passkeyOrigins?: readonly string[] | undefined;
  /**
   * The origins beside the issuer's whose pages may call this server (CORS) and act with
   * session cookies. Origins such as `https://app.example.com`. Default: none.
   */
  readonly allowedOrigins?: readonly string[] | undefined;
  /**
   * Whether the web pages for people are served at `/console`. `true` or `false`. Default: off
   * in the plugin, on in `createApp`.
   */
  readonly console?: boolean | undefined;
  /**
   * Whether the API reference is served, at `/docs` and as `/openapi.json`. `true` or `false`.
   * Default: off in the plugin, on in `createApp`.
   */
  readonly docs?: boolean | undefined;
  /**
   * The address to serve `/metrics` at, for Prometheus; nobody else should reach it. Default:
   * `127.0.0.1`.
   */
  readonly metricsHost?: string | undefined;
  /**
   * The port to serve `/metrics` at, which is not the public one; 0 takes a free one. 0 to
   * 65,535. Default: none: nothing is measured.
   */
  readonly metricsPort?: number | undefined;
  /**
   * Whether the routes for those who run the installation are served under `/admin`. `true` or
   * `false`. Default: off in the plugin, on in `createApp`.
   */
  readonly admin?: boolean | undefined;
  /**
   * What roles allow under `/admin`. At least one role has every permission: that of the first
   * administrator. For each role a list of `users:read`, `users:write`, `roles:write`,
   * `sessions:write`, `keys:write`, `audit:read`. Default: `admin` has every permission.
   */
  readonly rolePermissions?: Readonly<Record<string, readonly string[]>> | undefined;
  /**
   * Roles that no session has before its account has a second factor, and the login has shown
   * two; their owners cannot remove the last one. Roles such as `admin`. Default: none.
   */
  readonly requireSecondFactor?: readonly string[] | undefined;
  /**
   * Whether pages of this machine, on any port, may call this server, never with cookies; for
   * development, and only where the issuer is on this machine, too. `true` or `false`.
   * Default: `false`.
   */
  readonly allowLoopbackOrigins?: boolean | undefined;
}

/** What the server reads: every option with its default. */
export interface OptionValues {
  readonly issuer: string;
  readonly audience: string;
  readonly prefix: string;
  readonly decorator: string;
  readonly headersTimeoutSeconds: number;
  readonly requestTimeoutSeconds: number;
  readonly idleTimeoutSeconds: number;
  readonly writeTimeoutSeconds: number;
  readonly maxConnections: number;
  readonly maxConnectionsPerAddress: number;
  readonly drainDelaySeconds: number;
  readonly drainTimeoutSeconds: number;
  readonly dataDir: string;
  readonly databaseUrl: string;
  readonly databaseSchema: string | undefined;
  readonly databaseTimeoutSeconds: number;
  readonly masterKey: string | undefined;
  readonly algorithm: "HS256" | "ES256" | "Ed25519" | "RS256" | undefined;
  readonly initialAlgorithm: "HS256" | "ES256" | "Ed25519" | "RS256";
  readonly accessTokenTtlSeconds: number;
  readonly renewalsPerMinute: number | null;
  readonly claims: ClaimsFunction | undefined;
  readonly claimNames: readonly string[];
  readonly signup: "open" | "invite" | "closed";
  readonly invitationTtlSeconds: number;
  readonly signupDomains: readonly string[];
  readonly passwordMinLength: number;
  readonly passwordBlocklistFile: string | undefined;
  readonly metadataSchema: FieldsSchema | undefined;
  readonly appMetadataSchema: FieldsSchema | undefined;
  readonly hooks: Hooks | undefined;
  readonly introspectionClients: ReadonlyMap<string, string>;
  readonly feed: "open" | "followers";
  readonly feedFollowers: ReadonlyMap<string, string>;
  readonly sessionStore: "database" | "memory";
  readonly sessionIdleSeconds: number;
  readonly sessionAbsoluteSeconds: number;
  readonly maxSessionsPerUser: number;
  readonly hashingWaitSeconds: number;
  readonly hashingNiceness: number;
  readonly guessesPerSource: number;
  readonly guessesPerAccount: number;
  readonly guessesInARow: number | null;
  readonly signupsPerSource: number;
  readonly smtpUrl: string | undefined;
  readonly mailFrom: string | undefined;
  readonly publicUrl: string | undefined;
  readonly devMail: boolean;
  readonly emailVerification: "off" | "before-login" | "later";
  readonly signupPrivacy: boolean | undefined;
  readonly newDeviceMail: boolean;
  readonly passkeyRpId: string | undefined;
  readonly passkeyOrigins: readonly string[] | undefined;
  readonly allowedOrigins: readonly string[];
  readonly console: boolean;
  readonly docs: boolean;
  readonly metricsHost: string;
  readonly metricsPort: number | undefined;
  readonly admin: boolean;
  readonly rolePermissions: ReadonlyMap<string, readonly string[]>;
  readonly requireSecondFactor: readonly string[];
  readonly allowLoopbackOrigins: boolean;
}

/** What `countersign serve` reads beside. */
export interface ServeValues {
  readonly host: string;
  readonly port: number;
  readonly trustedProxies: readonly string[];
}
