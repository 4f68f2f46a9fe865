// countersign serve: the auth server as a process of its own.
import { existsSync } from "node:fs";
import { dirname, resolve, sep } from "node:path";
import { createApp } from "../app.ts";
import { ConfigError } from "../errors.ts";
import { explainStart } from "../explain-start.ts";
import { announceFirstAdministrator } from "../first-administrator.ts";
import { stopOnSignals } from "../graceful-stop.ts";
import type { CountersignOptions, ServeValues } from "../settings/countersign-options.ts";
import { readEnvironment } from "../settings/environment.ts";
import { type Given, judge, optionsOf } from "../settings/judging.ts";
import { isLoopbackHost } from "../settings/loopback.ts";
import { optionTable, pickOptions } from "../settings/options.ts";
import { readArguments } from "./arguments.ts";
import { CommandFailed, type CommandContext, type Single } from "./command.ts";
import { optionFlags, readFlags } from "./option-flags.ts";
import { releaseStartMemory } from "./start-memory.ts";

export const serve: Single = {
  summary: "Run the auth server",
  text: [
    "Each option is a flag and an environment variable; the flag wins. A list has commas between its items, a map is JSON.",
    "A secret stands in its variable or in a file, never on the command line, where other users would see it.",
    "It writes one line of JSON per request, and stops on SIGTERM or SIGINT once the requests under way are answered. A start that fails says why in a line; --debug adds the stack.",
  ],
  examples: [
    "countersign serve --issuer https://auth.example.com --database postgres://auth@db.example.com/auth",
    "countersign serve --port 4000 --access-token-ttl-seconds 300 --allowed-origins https://app.example.com",
  ],
  options: optionTable,
  readsItself: true,
  async run({ args }, { environment, tell }) {
    const { host, port, trustedProxies, options, serviceLinks } = readServeOptions(args, environment);
    refuseFoldersFromNowhere(options);
    const app = createApp(options, { trustProxy: trustedProxies.length > 0 ? [...trustedProxies] : false });
    if (serviceLinks.length > 0) {
      app.log.info(
        { variables: serviceLinks },
        "ignored: Kubernetes wrote these variables for a service; enableServiceLinks: false keeps them away",
      );
    }
    // Before it listens: whoever sees it listen may stop it at once.
    stopOnSignals(app, process);
    let url: string;
    try {
      await app.ready();
      releaseStartMemory();
      url = await app.listen({ host, port });
    } catch (error) {
      if (error instanceof ConfigError) throw error;
      const { databaseUrl } = options;
      const why = explainStart(error, { databaseUrl, portIsSetBy: "--port or COUNTERSIGN_PORT" });
      throw new CommandFailed(why, { cause: error });
    }
    tell?.(nextSteps(url, options));
    const { dataDir, databaseUrl } = options;
    await announceFirstAdministrator(app, { tell, dataDir, databaseUrl, program: "countersign" });
  },
};

/**
 * A mistyped path must not become a tree of folders at the root of the disk: below the working folder all may be made, and
 * elsewhere the last one.
 *
 * @throws ConfigError
 */
function refuseFoldersFromNowhere({ dataDir = "data", databaseUrl = "" }: CountersignOptions): void {
  const file = databaseUrl.startsWith("sqlite:") ? databaseUrl.slice("sqlite:".length) : ":memory:";
  const folders = [resolve(dataDir), ...(file === ":memory:" ? [] : [dirname(resolve(file))])];
  const problems = folders
    .map((folder) => ({ folder, parent: dirname(folder) }))
    .filter(({ parent }) => parent !== resolve() && !isWithin(resolve(), parent) && !existsSync(parent))
    .map(
      ({ folder, parent }) =>
        `the folder ${folder} cannot be made, as there is no ${parent}: make that first, or name another folder with --data-dir`,
    );
  if (problems.length > 0) throw new ConfigError(problems);
}

function isWithin(outer: string, inner: string): boolean {
  return outer !== dirname(outer) && inner.startsWith(`${outer}${sep}`);
}

/** For whoever has just started it in a terminal. */
export function nextSteps(
  url: string,
  { issuer, dataDir = "data", databaseUrl }: CountersignOptions,
): string {
  const json = "-H 'content-type: application/json'";
  const account = `'{"email":"ada@example.com","password":"correct horse battery"}'`;
  const where =
    databaseUrl?.startsWith("postgres") === true ? "in PostgreSQL" : `in the folder ${resolve(dataDir)}`;
  return `
The auth server is at ${url}, and issues tokens as ${issuer}. Its data lies ${where}.
In another terminal:

  curl -s ${url}/signup ${json} -d ${account}
  curl -s ${url}/login ${json} -d ${account}

Any service can verify the tokens: createAccessVerifier({ issuer: "${issuer}", audience: "${issuer}" }) of @countersign/verifier.
The commands work beside it, for example: npm run countersign -- keys list --data-dir ${dataDir}
Ctrl-C stops it. What follows are its log lines.

`;
}

export interface ServeOptions extends ServeValues {
  readonly options: CountersignOptions;
  readonly serviceLinks: readonly string[];
}

/** @throws ConfigError with every mistake of the arguments and of the environment */
export function readServeOptions(
  args: readonly string[],
  environment: CommandContext["environment"],
): ServeOptions {
  const { names, switches } = optionFlags(optionTable);
  const { values: flags, problems } = readArguments(args, names, { switches });
  const fromFlags = readFlags(optionTable, flags);
  const fromEnvironment = readEnvironment(optionTable, environment);
  const given = new Map<string, Given>(
    Object.entries(optionTable)
      .filter(([, { serveDefault }]) => serveDefault !== undefined)
      .map(([name, { serveDefault }]) => [name, { value: serveDefault, label: name }]),
  );
  for (const [name, one] of [...fromEnvironment.given, ...fromFlags.given]) given.set(name, one);
  problems.push(...fromFlags.problems, ...fromEnvironment.problems);

  const issuer = given.get("issuer") ?? issuerOf(judge(optionTable, given).values);
  if (typeof issuer === "string") problems.push(issuer);
  else given.set("issuer", issuer);

  // What is wrong with a missing issuer is said already.
  const judged = judge(
    pickOptions(optionTable, (name) => name !== "issuer" || given.has(name)),
    given,
  );
  problems.push(...judged.problems);
  const { devMail, host: listensOn } = judged.values;
  if (devMail === true && !isLoopbackAddress(listensOn))
    problems.push("--dev-mail shows everybody's mail: it needs a --host of this machine, such as 127.0.0.1");
  if (problems.length > 0) throw new ConfigError(problems);
  const { host, port, trustedProxies } = judged.values as unknown as ServeValues;
  const ofServer = [...given].filter(([name]) => optionTable[name]?.only !== "serve");
  const options = optionsOf(new Map(ofServer)) as unknown as CountersignOptions;
  return { host, port, trustedProxies, options, serviceLinks: fromEnvironment.serviceLinks };
}

function isLoopbackAddress(host: unknown): boolean {
  return typeof host === "string" && isLoopbackHost(host.includes(":") ? `[${host}]` : host);
}

/** The URL that follows from where the server listens, or what is wrong if none does. */
function issuerOf({ host, port }: Partial<ServeValues>): Given | string {
  // From these no URL follows under which anybody could reach us.
  if (port === 0) return "--issuer is needed with --port 0";
  if (host === "0.0.0.0" || host === "::") return `--issuer is needed with --host ${host}`;
  const name = host?.includes(":") === true ? `[${host}]` : (host ?? "127.0.0.1");
  return { value: `http://${name}:${port ?? 3001}`, label: "--issuer" };
}
