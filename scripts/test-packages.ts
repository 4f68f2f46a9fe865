// Tries the packed packages in a fresh project, as whoever installs them would; run after `npm run build`. `-- --quick`:
// on this Node alone, with each compiler once, and without Next.js.
import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { install } from "../packages/token/test/runtimes/install.ts";
import { runtimes } from "../packages/token/test/runtimes/runtimes.ts";
import { publicPackages } from "./release/manifests.ts";
import { pack } from "./release/tarballs.ts";

const { values: flags } = parseArgs({ options: { quick: { type: "boolean", default: false } } });
const root = process.cwd();
const cache = resolve("node_modules/.cache");
const project = mkdtempSync(resolve(tmpdir(), "countersign-fresh-"));
const sources = resolve(import.meta.dirname, "fresh-project");

/** What a service may have beside us: both compilers, and the last NestJS and Express that are CommonJS. */
const neighbours = {
  "@nestjs/common": "11.2.10",
  "@nestjs/core": "11.2.10",
  "@types/express": "4.17.25",
  "@types/node": "22.19.1",
  "@types/ws": "8.18.2",
  express: "4.22.3",
  fastify: "5.12.8",
  hono: "4.13.19",
  jest: "30.5.2",
  "reflect-metadata": "0.2.2",
  rxjs: "7.8.2",
  "typescript-5.9": "npm:typescript@5.9.3",
  "typescript-7": "npm:typescript@7.0.2",
  ws: "8.23.0",
};

/** What a custom server of Next.js needs: 340 MB. */
const next = { next: "16.4.6", react: "19.3.1", "react-dom": "19.3.1" };

/** How services are compiled: the options, and the `type` of their package. */
const compilations = [
  { module: "node16", type: "commonjs" },
  { module: "node16", type: "module" },
  { module: "nodenext", type: "commonjs" },
  { module: "nodenext", type: "module" },
  { module: "esnext", moduleResolution: "bundler", type: "module" },
] as const;

function run(what: string, file: string, args: readonly string[]): void {
  try {
    const output = execFileSync(file, args, { cwd: project, encoding: "utf8", stdio: "pipe" });
    process.stdout.write(`✓ ${what} ${output.trim().split("\n").at(-1)}\n`);
  } catch (error) {
    const { stdout, stderr } = error as { stdout: string; stderr: string };
    process.stdout.write(`✗ ${what}\n${stdout}${stderr}\n`);
    process.exitCode = 1;
  }
}

function writeJson(path: string, content: object): void {
  writeFileSync(resolve(project, path), JSON.stringify(content));
}

function createProject(): void {
  const packed = pack(root, publicPackages(root), resolve(project, "packed"));
  const ours = packed.map(({ manifest, file }) => [manifest.name, `file:${file}`]);
  const dependencies = { ...Object.fromEntries(ours), ...neighbours, ...(flags.quick ? {} : next) };
  const allowScripts = { "better-sqlite3": true, "@parcel/watcher": false, sharp: false };
  writeJson("package.json", { private: true, dependencies, allowScripts });
  cpSync(sources, project, { recursive: true });
  run("npm install with Express 4", "npm", ["install", "--no-audit", "--no-fund"]);
}

function compile(compiler: string, { type, ...options }: (typeof compilations)[number]): void {
  const folder = `${type}-${Object.values(options).join("-")}`;
  mkdirSync(resolve(project, folder), { recursive: true });
  cpSync(resolve(sources, "service.ts"), resolve(project, folder, "service.ts"));
  writeJson(`${folder}/package.json`, { type });
  writeJson(`${folder}/tsconfig.json`, {
    compilerOptions: {
      ...options,
      target: "es2023",
      lib: ["es2023", "dom"],
      types: ["node"],
      strict: true,
      skipLibCheck: false,
      noEmit: true,
    },
  });
  const tsc = `node_modules/${compiler}/bin/tsc`;
  run(`${compiler}, ${options.module}, ${type}`, process.execPath, [tsc, "-p", folder]);
}

process.on("exit", () => rmSync(project, { recursive: true, force: true }));
createProject();
run("Jest without options", "node_modules/.bin/jest", ["--testMatch", "**/required.test.cjs"]);
run("Node 24, required and imported:", process.execPath, ["one-instance.cjs"]);
const others = flags.quick ? [] : runtimes.filter(({ name }) => name === "node22" || name === "node26");
for (const runtime of others) {
  const binary = await install(runtime, resolve(cache, "countersign-runtimes"));
  run(`${runtime.name}, required and imported:`, binary, ["one-instance.cjs"]);
}
for (const compiler of ["typescript-5.9", "typescript-7"]) {
  for (const compilation of flags.quick ? compilations.slice(0, 1) : compilations)
    compile(compiler, compilation);
}
if (!flags.quick) {
  run("Next.js builds:", "node_modules/.bin/next", ["build", "next"]);
  run("Next.js:", process.execPath, ["next/server.mjs"]);
}
