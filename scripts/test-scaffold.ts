// Makes every project that `npm create countersign` can make, from the packed packages, and puts it through its own paces;
// run after `npm run build`. `-- --quick`: one of each framework.
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { allChoices, type Choices } from "../packages/create-countersign/src/index.ts";
import { freePorts } from "../examples/two-services/test/free-ports.ts";
import { startPostgres } from "../packages/server/test/postgres-cluster.ts";
import { publicPackages } from "./release/manifests.ts";
import { pack } from "./release/tarballs.ts";

const { values: flags } = parseArgs({ options: { quick: { type: "boolean", default: false } } });
const folder = mkdtempSync(join(tmpdir(), "countersign-scaffold-"));
const root = process.cwd();
const packed = pack(root, publicPackages(root), join(folder, "packed"));
const ours = Object.fromEntries(packed.map(({ manifest, file }) => [manifest.name, `file:${file}`]));

function isFirstOfItsFramework(choices: Choices): boolean {
  return allChoices.find(({ framework }) => framework === choices.framework) === choices;
}

/** `create-countersign` as npm would install and start it. */
function installCreator(): string {
  const cwd = mkdtempSync(join(folder, "creator-"));
  const dependencies = { "create-countersign": ours["create-countersign"] };
  writeFileSync(join(cwd, "package.json"), JSON.stringify({ private: true, dependencies }));
  execFileSync("npm", ["install", "--no-audit", "--no-fund"], { cwd, stdio: "pipe" });
  return join(cwd, "node_modules/.bin/create-countersign");
}

function create(creator: string, { framework, database, shape }: Choices): string {
  const name = `${framework}-${shape}-${database}`;
  const options = [`--framework=${framework}`, `--database=${database}`, `--shape=${shape}`];
  execFileSync(creator, [name, "--yes", ...options], { cwd: folder, stdio: "pipe" });
  const project = join(folder, name);
  const file = join(project, "package.json");
  const manifest = JSON.parse(readFileSync(file, "utf8")) as { dependencies: Record<string, string> };
  // What a registry would give is here in tarballs; so are the packages that ours depend on.
  const { "create-countersign": _creator, ...libraries } = ours;
  writeFileSync(
    file,
    JSON.stringify({ ...manifest, dependencies: { ...manifest.dependencies, ...libraries } }),
  );
  return project;
}

/** `npm start` answers, if only that it wants to know who is asking. */
async function start(project: string, env: NodeJS.ProcessEnv): Promise<void> {
  const [port = 0] = await freePorts(1);
  // A group of its own, as npm does not hand signals on to what it started.
  const options = {
    cwd: project,
    env: { ...env, PORT: String(port) },
    stdio: "ignore",
    detached: true,
  } as const;
  const child = spawn("npm", ["start"], options);
  const ended = once(child, "exit");
  try {
    while ((await statusOf(`http://127.0.0.1:${port}/notes`)) !== 401) {
      if (child.exitCode !== null) throw new TypeError(`npm start ended with ${child.exitCode}`);
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  } finally {
    if (child.exitCode === null && child.pid !== undefined) process.kill(-child.pid);
    await ended;
  }
}

async function statusOf(url: string): Promise<number | undefined> {
  try {
    const response = await fetch(url);
    await response.arrayBuffer();
    return response.status;
  } catch {
    return undefined;
  }
}

const creator = installCreator();
const postgres = await startPostgres();
try {
  for (const choices of allChoices.filter((choices) => !flags.quick || isFirstOfItsFramework(choices))) {
    const startedAt = performance.now();
    const project = create(creator, choices);
    const database =
      choices.database === "postgres" ? { COUNTERSIGN_DATABASE_URL: await postgres.newSchema() } : {};
    const env = { ...process.env, ...database };
    for (const args of [["install", "--no-audit", "--no-fund"], ["run", "check"], ["test"]]) {
      execFileSync("npm", args, { cwd: project, env, stdio: "pipe" });
    }
    await start(project, env);
    const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
    process.stdout.write(
      `✓ ${Object.values(choices).join(", ")}: installed, type-checked, tested and started in ${seconds} s\n`,
    );
  }
} catch (error) {
  const { message, stdout, stderr } = error as Error & { stdout?: Buffer; stderr?: Buffer };
  process.stderr.write(`✗ ${message}\n${String(stdout ?? "")}${String(stderr ?? "")}\n`);
  process.exitCode = 1;
} finally {
  await postgres.destroy();
  rmSync(folder, { recursive: true, force: true });
}
