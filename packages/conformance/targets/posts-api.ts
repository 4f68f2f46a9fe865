// Target: the posts API of the examples, as a process of its own, over HTTP.
import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { lifeline } from "../../../examples/two-services/src/processes.ts";
import { attackUrl } from "../src/attack-url.ts";
import type { Target } from "./target.ts";

const EXAMPLE = new URL("../../../examples/posts-api/", import.meta.url);
const REQUESTS_PER_SECOND = 500;

export const postsApi: Target = {
  name: "posts API over HTTP",
  version: versionOf(new URL("package.json", EXAMPLE)),
  configuration: "`examples/posts-api` as it starts, `GET /posts` with a token from `POST /login`",
  ours: true,
  attack: async ({ onResult }) => {
    const dataDir = await mkdtemp(join(tmpdir(), "countersign-conformance-"));
    const api = start(dataDir);
    try {
      const origin = await addressOf(api);
      return await attackUrl({
        url: `${origin}/posts`,
        token: await logIn(origin),
        requestsPerSecond: REQUESTS_PER_SECOND,
        ...(onResult === undefined ? {} : { onResult }),
      });
    } finally {
      await stop(api);
      await rm(dataDir, { recursive: true, force: true });
    }
  },
};

function start(dataDir: string): ChildProcess {
  const main = fileURLToPath(new URL("src/main.ts", EXAMPLE));
  const environment = { PATH: process.env["PATH"], PORT: "0", COUNTERSIGN_DATA_DIR: dataDir };
  return spawn(process.execPath, ["--conditions=@countersign/source", `--import=${lifeline}`, main], {
    env: environment,
    cwd: dataDir,
    stdio: ["ignore", "pipe", "inherit", "ipc"],
  });
}

/** Waits for the line in which the API says where it listens. */
async function addressOf({ stdout }: ChildProcess): Promise<string> {
  if (stdout === null) throw new TypeError("The API has no output");
  for await (const line of createInterface({ input: stdout })) {
    const address = /^The API is at (http:\/\/\S+?)\. /.exec(line)?.[1];
    if (address !== undefined) return address;
  }
  throw new TypeError("The posts API has ended before it said where it listens");
}

/** A token with `-` or `_` in its signature, as most have: one attack replaces them, and the page shall be stable. */
async function logIn(origin: string): Promise<string> {
  const account = JSON.stringify({
    email: "attacker@example.com",
    password: randomBytes(24).toString("base64url"),
  });
  await post(`${origin}/signup`, account);
  for (let tries = 0; tries < 20; tries++) {
    const { access_token: token } = (await post(`${origin}/login`, account)) as { access_token: string };
    if (/[-_][^.]*$/.test(token)) return token;
  }
  throw new TypeError("Twenty signatures without - and _");
}

async function post(url: string, body: string): Promise<unknown> {
  const headers = { "content-type": "application/json" };
  const response = await fetch(url, { method: "POST", headers, body });
  if (!response.ok) throw new TypeError(`${url} answered ${response.status}`);
  return response.json();
}

async function stop(api: ChildProcess): Promise<void> {
  if (api.exitCode !== null || api.signalCode !== null) return;
  api.kill("SIGTERM");
  await once(api, "exit");
}

function versionOf(packageFile: URL): string {
  return (JSON.parse(readFileSync(packageFile, "utf8")) as { version: string }).version;
}
