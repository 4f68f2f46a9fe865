/**
 * Runs the example on Bun and Deno, each installed from npm into a folder of its own, against a real auth server.
 *
 * `npm run test:runtimes [-- bun deno | --all]`; without a name, none.
 */
import { spawn } from "node:child_process";
import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { install } from "../../../../packages/token/test/runtimes/install.ts";
import { runtimes } from "../../../../packages/token/test/runtimes/runtimes.ts";
import type { Runtime } from "../../../../packages/token/test/runtimes/runtimes.ts";
import { freePorts } from "../../../two-services/test/free-ports.ts";
import { audience, startIssuer } from "../issuer.ts";
import type { Issuer } from "../issuer.ts";
import { profileChecks } from "../profile-checks.ts";
import { httpChecks } from "./http-checks.ts";

const example = resolve(import.meta.dirname, "../..");
const cache = resolve(example, "../../node_modules/.cache/countersign-runtimes");

/** What each is told to run, in the folder of the example. */
const commands: Readonly<Record<string, readonly string[]>> = {
  bun: ["src/bun.ts"],
  deno: ["run", "--allow-net", "--allow-env", "src/deno.ts"],
};

const { values: flags, positionals: names } = parseArgs({
  allowPositionals: true,
  options: { all: { type: "boolean", default: false } },
});

async function serve(
  runtime: Runtime,
  issuer: Issuer,
): Promise<{ origin: string; stop: () => Promise<void> }> {
  const binary = await install(runtime, cache);
  const [port = 0] = await freePorts(1);
  const child = spawn(binary, [...(commands[runtime.name] ?? [])], {
    cwd: example,
    env: { ...process.env, PORT: String(port), ISSUER: issuer.url, AUDIENCE: audience },
    stdio: ["ignore", "ignore", "inherit"],
  });
  const ended = new Promise((resolve) => child.once("close", resolve));
  const origin = `http://127.0.0.1:${port}`;
  while (!(await isListening(origin))) {
    if (child.exitCode !== null) throw new TypeError(`${runtime.name} ended with ${child.exitCode}`);
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  const stop = async (): Promise<void> => {
    child.kill();
    await ended;
  };
  return { origin, stop };
}

async function isListening(origin: string): Promise<boolean> {
  return fetch(origin).then(
    () => true,
    () => false,
  );
}

/** The complaints of the checks that failed, by name. */
async function failuresOn(runtime: Runtime): Promise<ReadonlyMap<string, string>> {
  const failures = new Map<string, string>();
  const issuer = await startIssuer();
  const { origin, stop } = await serve(runtime, issuer);
  for (const [name, check] of Object.entries({ ...httpChecks, ...profileChecks })) {
    try {
      await check({ origin, send: fetch, issuer });
    } catch (error) {
      failures.set(name, String(error).slice(0, 1000));
    }
  }
  await stop();
  await issuer.close();
  return failures;
}

const count = Object.keys(httpChecks).length + Object.keys(profileChecks).length;
for (const runtime of runtimes.filter(({ name }) => Object.hasOwn(commands, name))) {
  if (!flags.all && !names.includes(runtime.name)) continue;
  const startedAt = performance.now();
  const failures = await failuresOn(runtime);
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
  const counts = `${count - failures.size} passed, ${failures.size} failed`;
  process.stdout.write(`fetch handlers on ${runtime.name} ${runtime.version}: ${counts} (${seconds} s)\n`);
  for (const [name, complaint] of failures) process.stdout.write(`  ${name}: ${complaint}\n`);
  if (failures.size > 0) process.exitCode = 1;
}
