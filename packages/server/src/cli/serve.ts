// countersign serve: the auth server as a process of its own.
import { createApp } from "../app.ts";
import { ConfigError } from "../errors.ts";
import { stopOnSignals } from "../graceful-stop.ts";
import type { CountersignOptions, ServeValues } from "../settings/countersign-options.ts";
import { readEnvironment } from "../settings/environment.ts";
import { type Given, judge, optionsOf } from "../settings/judging.ts";
import { optionTable, pickOptions } from "../settings/options.ts";
import { type Command, readArguments, type Surroundings } from "./command.ts";
import { optionFlags, readFlags } from "./option-flags.ts";
import { optionHelp } from "./option-help.ts";

export const serve: Command = {
  summary: "Run the auth server",
  help: `Usage: countersign serve [options]

  countersign serve --issuer https://auth.example.com --database postgres://auth@db.example.com/auth
  countersign serve --port 4000 --access-token-ttl-seconds 300 --allowed-origins https://app.example.com

Each option is a flag and an environment variable; the flag wins. A list has commas between its items, a map is JSON.
A secret stands in its variable or in a file, never on the command line, where other users would see it.

${optionHelp(optionTable)}

It writes one line of JSON per request, and stops on SIGTERM or SIGINT once the requests under way are answered.
`,
  async run(args, { environment }) {
    const { host, port, trustedProxies, options, serviceLinks } = readServeOptions(args, environment);
    const app = createApp(options, { trustProxy: trustedProxies.length > 0 ? [...trustedProxies] : false });
    if (serviceLinks.length > 0) {
      app.log.info(
        { variables: serviceLinks },
        "ignored: Kubernetes wrote these variables for a service; enableServiceLinks: false keeps them away",
      );
    }
    stopOnSignals(app, process);
    await app.listen({ host, port });
  },
};

export interface ServeOptions extends ServeValues {
  readonly options: CountersignOptions;
  readonly serviceLinks: readonly string[];
}

/** @throws ConfigError with every mistake of the arguments and of the environment */
export function readServeOptions(
  args: readonly string[],
  environment: Surroundings["environment"],
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
  if (problems.length > 0) throw new ConfigError(problems);
  const { host, port, trustedProxies } = judged.values as unknown as ServeValues;
  const ofServer = [...given].filter(([name]) => optionTable[name]?.only !== "serve");
  const options = optionsOf(new Map(ofServer)) as unknown as CountersignOptions;
  return { host, port, trustedProxies, options, serviceLinks: fromEnvironment.serviceLinks };
}

/** The URL that follows from where the server listens, or what is wrong if none does. */
function issuerOf({ host, port }: Partial<ServeValues>): Given | string {
  // From these no URL follows under which anybody could reach us.
  if (port === 0) return "--issuer is needed with --port 0";
  if (host === "0.0.0.0" || host === "::") return `--issuer is needed with --host ${host}`;
  const name = host?.includes(":") === true ? `[${host}]` : (host ?? "127.0.0.1");
  return { value: `http://${name}:${port ?? 3001}`, label: "--issuer" };
}
