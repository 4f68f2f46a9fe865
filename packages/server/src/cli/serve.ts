// countersign serve: the auth server as a process of its own.
import { createApp } from "../app.ts";
import { type CountersignOptions, optionsOfEnvironment, readOptions } from "../settings/settings.ts";
import { ConfigError } from "../errors.ts";
import { type Command, readArguments } from "./command.ts";
import { readTrustedProxies } from "./trusted-proxies.ts";

const optionNames = [
  "port",
  "host",
  "database",
  "issuer",
  "audience",
  "algorithm",
  "data-dir",
  "trusted-proxies",
] as const;

/** Requests under way get this long to end, and connections that were opened and never used. */
const drainTimeoutMs = 10_000;

export const serve: Command = {
  summary: "Run the auth server",
  help: `Usage: countersign serve [options]

Options (each has an environment variable; the option wins)
  --issuer URL            the URL under which clients reach this server    COUNTERSIGN_ISSUER           http://HOST:PORT
  --audience TEXT         the API that the tokens are for                  COUNTERSIGN_AUDIENCE         the issuer
  --algorithm NAME        ES256, Ed25519 or HS256; a change is a rotation  COUNTERSIGN_ALGORITHM        as it is; ES256 at first
  --port NUMBER           where to listen                                  COUNTERSIGN_PORT             3001
  --host ADDRESS                                                           COUNTERSIGN_HOST             127.0.0.1
  --database URL          sqlite:PATH or postgres://…                      COUNTERSIGN_DATABASE_URL     SQLite in the data folder
  --data-dir PATH         the folder of the database and the master key    COUNTERSIGN_DATA_DIR         data
  --trusted-proxies LIST  addresses or CIDR blocks, with commas between,   COUNTERSIGN_TRUSTED_PROXIES  none
                          whose X-Forwarded-For and -Proto are believed

Without an option
  COUNTERSIGN_MASTER_KEY             32 random bytes in base64url, in place of the file master.key in the data folder
  COUNTERSIGN_SESSION_STORE          database (default) or memory: where cookie sessions are kept
  COUNTERSIGN_ALLOWED_ORIGINS        origins beside the issuer's whose pages may act with session cookies, with commas between
  COUNTERSIGN_MAX_SESSIONS_PER_USER  100; a log-in beyond that ends the session that has gone unused the longest
  COUNTERSIGN_RENEWALS_PER_MINUTE    30 for each session, and 120 at once; "unlimited" for no limit

It writes one line of JSON per request, and stops on SIGTERM or SIGINT once the requests under way are answered.
`,
  async run(args, { environment }) {
    const { values, problems } = readArguments(args, optionNames);
    const { host, port, trustProxy, options } = readSettings(values, environment, problems);
    const app = createApp(options, { trustProxy });
    for (const signal of ["SIGTERM", "SIGINT"] as const) {
      process.once(signal, () => {
        setTimeout(() => app.server.closeAllConnections(), drainTimeoutMs).unref();
        void app.close().then(
          () => process.exit(0),
          () => process.exit(1),
        );
      });
    }
    await app.listen({ host, port });
  },
};

function readSettings(
  values: Partial<Record<(typeof optionNames)[number], string>>,
  environment: Readonly<Record<string, string | undefined>>,
  mistakes: readonly string[],
): { host: string; port: number; trustProxy: string[] | false; options: CountersignOptions } {
  const problems = [...mistakes];
  const host = values.host ?? (environment["COUNTERSIGN_HOST"] || "127.0.0.1");
  const portText = values.port ?? (environment["COUNTERSIGN_PORT"] || "3001");
  const port = /^\d{1,5}$/.test(portText) && Number(portText) <= 65_535 ? Number(portText) : undefined;
  if (port === undefined) problems.push("--port must be a number from 0 to 65535");

  const proxies = values["trusted-proxies"] ?? (environment["COUNTERSIGN_TRUSTED_PROXIES"] || undefined);
  const trustProxy = proxies === undefined ? false : readTrustedProxies(proxies);
  if (trustProxy === undefined) {
    problems.push(
      "--trusted-proxies must be addresses or CIDR blocks with commas between, for example 127.0.0.1,10.0.0.0/8",
    );
  }

  const defaults = optionsOfEnvironment(environment);
  const issuer = values.issuer ?? defaults.issuer;
  // From these no URL follows under which anybody could reach us.
  if (issuer === undefined && (port === 0 || ["0.0.0.0", "::"].includes(host))) {
    problems.push(`--issuer is needed with ${port === 0 ? "--port 0" : `--host ${host}`}`);
  }
  const options = {
    ...defaults,
    issuer: issuer ?? `http://${host.includes(":") ? `[${host}]` : host}:${port ?? 3001}`,
    audience: values.audience ?? defaults.audience,
    // Judged with the other options.
    algorithm: (values.algorithm as CountersignOptions["algorithm"]) ?? defaults.algorithm,
    // Whoever can check an HMAC can also forge it, so services elsewhere get public keys.
    initialAlgorithm: "ES256" as const,
    databaseUrl: values.database ?? defaults.databaseUrl,
    dataDir: values["data-dir"] ?? defaults.dataDir,
  };
  try {
    readOptions(options);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    problems.push(...error.problems);
  }
  if (port === undefined || trustProxy === undefined || problems.length > 0) throw new ConfigError(problems);
  return { host, port, trustProxy, options };
}
