// Starts the one-process API: sign up, log in, protected posts.
import {
  announceFirstAdministrator,
  ConfigError,
  createApp,
  explainStart,
  optionsOfEnvironment,
  stopOnSignals,
} from "@countersign/server";
import { isIPv6 } from "node:net";
import { inspect } from "node:util";
import { postsRoutes } from "./posts-routes.ts";
import { secondVerifierRoutes } from "./second-verifier.ts";
import { walkthrough } from "./walkthrough.ts";

const { HOST: host = "127.0.0.1", PORT: portText = "3000" } = process.env;

// A terminal that has gone, or a full disk behind it, is no reason to stop.
process.stdout.on("error", () => undefined);

try {
  const { port, environment } = readEnvironment();
  // With PORT=0 the real port is known too late to be the issuer; the name then stands for itself.
  const issuer = environment.issuer ?? `http://${isIPv6(host) ? `[${host}]` : host}:${port}`;
  // A front end under development is on another port of this machine.
  const allowLoopbackOrigins = URL.canParse(issuer) && isLoopback(new URL(issuer).hostname);
  // Mail is shown instead of sent, to nobody but whoever sits at this machine.
  const isAlone = allowLoopbackOrigins && isLoopback(isIPv6(host) ? `[${host}]` : host);
  const devMail = environment.smtpUrl === undefined && isAlone;
  // A pair, so that others can check tokens as well: the console's inspector, and a second verifier.
  const initialAlgorithm = "ES256";
  const app = createApp({ allowLoopbackOrigins, devMail, initialAlgorithm, ...environment, issuer });
  await app.register(postsRoutes);
  if (isAlone) await app.register(secondVerifierRoutes, { issuer, audience: environment.audience });
  app.get("/", async (_request, reply) => reply.redirect("/console"));
  stopOnSignals(app, process);
  const address = await app.listen({ host, port });
  process.stdout.write(greeting(address, allowLoopbackOrigins) + aboutMail(address, devMail, environment));
  await announceFirstAdministrator(app, {
    tell: process.stdout.isTTY ? (text) => void process.stdout.write(text) : undefined,
    dataDir: environment.dataDir,
    databaseUrl: environment.databaseUrl,
    program: "npm run countersign --",
  });
} catch (error) {
  const { COUNTERSIGN_DATABASE_URL: databaseUrl } = process.env;
  const why = explainStart(error, { databaseUrl, portIsSetBy: "PORT, as in PORT=3005 npm start" });
  process.stderr.write(`${why}\n`);
  if (process.argv.includes("--debug")) process.stderr.write(`${inspect(error)}\n`);
  // Something may have been opened before it failed, and must not keep the process alive.
  process.exit(1);
}

/** @throws ConfigError with every mistake, that of the port among the others */
function readEnvironment(): { port: number; environment: ReturnType<typeof optionsOfEnvironment> } {
  const port = Number(portText);
  const isPort = /^\d{1,5}$/.test(portText) && port <= 65_535;
  const shown = JSON.stringify(portText.slice(0, 20));
  const problems = isPort ? [] : [`PORT must be a number from 0 to 65535, not ${shown}`];
  try {
    const environment = optionsOfEnvironment(process.env, (variables) => {
      process.stderr.write(`Ignored, as Kubernetes wrote them for a service: ${variables.join(", ")}\n`);
    });
    if (isPort) return { port, environment };
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    problems.push(...error.problems);
  }
  throw new ConfigError(problems);
}

function isLoopback(host: string): boolean {
  return ["localhost", "127.0.0.1", "[::1]"].includes(host);
}

function aboutMail(
  address: string,
  isDevMailOn: boolean,
  { smtpUrl }: Pick<ReturnType<typeof optionsOfEnvironment>, "smtpUrl">,
): string {
  if (isDevMailOn) return `Mail is not sent but shown: curl -s ${address}/dev/mail\n\n`;
  return smtpUrl === undefined
    ? "No mail is sent or shown: this is no server for one machine alone, and COUNTERSIGN_SMTP_URL is not set.\n\n"
    : "";
}

function greeting(address: string, isOpenToLoopback: boolean): string {
  const steps = walkthrough(address).map(
    ({ title, command }, index) => `${index + 1}. ${title}:\n\n${command}\n`,
  );
  const openness = isOpenToLoopback
    ? "Pages of this machine may call it from any port, without cookies.\n"
    : "";
  return `\nThe API is at ${address}. Open it in a browser to see how a token works. Or, in another terminal:\n\n${steps.join("\n")}\n${openness}Ctrl-C stops it; accounts and posts stay.\n\n`;
}
