// Starts the one-process API: sign up, log in, protected posts.
import { ConfigError, createApp, KeyError, optionsOfEnvironment, StoreError } from "@countersign/server";
import { postsRoutes } from "./posts-routes.ts";
import { walkthrough } from "./walkthrough.ts";

const { HOST: host = "127.0.0.1", PORT: portText = "3000" } = process.env;

try {
  const port = readPort(portText);
  const environment = optionsOfEnvironment(process.env, (variables) => {
    process.stderr.write(`Ignored, as Kubernetes wrote them for a service: ${variables.join(", ")}\n`);
  });
  // With PORT=0 the real port is known too late to be the issuer; the name then stands for itself.
  const issuer = environment.issuer ?? `http://${host}:${port}`;
  // A front end under development is on another port of this machine.
  const allowLoopbackOrigins =
    URL.canParse(issuer) && ["localhost", "127.0.0.1", "[::1]"].includes(new URL(issuer).hostname);
  const app = createApp({ allowLoopbackOrigins, ...environment, issuer });
  await app.register(postsRoutes);
  const address = await app.listen({ host, port });
  process.stdout.write(greeting(address, allowLoopbackOrigins));

  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.once(signal, () => {
      // Requests under way are answered, then the database is closed.
      app.close().then(
        () => process.exit(0),
        () => process.exit(1),
      );
    });
  }
} catch (error) {
  process.stderr.write(`${explain(error)}\n`);
  process.exitCode = 1;
}

function readPort(text: string): number {
  const port = Number(text);
  if (/^\d{1,5}$/.test(text) && port <= 65_535) return port;
  throw new ConfigError([`PORT must be a number from 0 to 65535, not ${JSON.stringify(text.slice(0, 20))}`]);
}

function greeting(address: string, isOpenToLoopback: boolean): string {
  const steps = walkthrough(address).map(
    ({ title, command }, index) => `${index + 1}. ${title}:\n\n${command}\n`,
  );
  const openness = isOpenToLoopback
    ? "Pages of this machine may call it from any port, without cookies.\n"
    : "";
  return `\nThe API is at ${address}. In another terminal:\n\n${steps.join("\n")}\n${openness}Ctrl-C stops it; accounts and posts stay.\n\n`;
}

function explain(error: unknown): string {
  if (error instanceof ConfigError || error instanceof KeyError || error instanceof StoreError)
    return error.message;
  if (error instanceof Error && "code" in error && error.code === "EADDRINUSE") {
    return `Port ${portText} is taken. Choose another one: PORT=3001 npm start`;
  }
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
