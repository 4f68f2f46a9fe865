import { execFileSync } from "node:child_process";
import { chmodSync, mkdtempSync, renameSync, rmSync, statSync } from "node:fs";
import { once } from "node:events";
import { type AddressInfo, connect, createServer } from "node:net";
import { networkInterfaces, tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, onTestFinished, test } from "vitest";
import { newDatabaseUrl } from "../../../packages/server/test/postgres.ts";
import { startApi } from "./running-api.ts";

const newFolder = mkdtempSync(join(tmpdir(), "countersign-"));
const dataDir = join(newFolder, "data");
const hasIpv6 = Object.values(networkInterfaces()).some((all) =>
  all?.some(({ address }) => address === "::1"),
);

afterAll(() => rmSync(newFolder, { recursive: true }));

async function freePort(): Promise<number> {
  const server = createServer();
  await once(server.listen(0, "::1"), "listening");
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

const databases = [
  { name: "SQLite", newEnvironment: async () => ({}) },
  {
    name: "PostgreSQL",
    newEnvironment: async () => ({ COUNTERSIGN_DATABASE_URL: await newDatabaseUrl("database") }),
  },
];

test.each(databases)(
  "npm start prints five commands, and pasting them does what they say, on $name",
  async ({ name, newEnvironment }) => {
    const environment = await newEnvironment();
    const dataDir = join(newFolder, name);
    const api = await startApi(dataDir, { environment });
    const commands = commandsOf(api.output());
    expect(commands).toHaveLength(5);

    // One shell, as somebody would paste them one after the other.
    const pasted = execFileSync("bash", ["-c", commands.join("\necho ------\n")], { encoding: "utf8" });
    const [signup, login, written, posts, tampered] = pasted.split("------\n");
    expect(signup).toMatch(/^HTTP\/1.1 201 Created/);
    expect(login).toMatch(/^[\w-]+\.[\w-]+\.[\w-]+\n$/);
    expect(written).toMatch(/^HTTP\/1.1 201 Created/);
    expect(posts).toMatch(/^HTTP\/1.1 200 OK/);
    expect(posts).toContain('"title":"Hello","content":"My first post"');
    expect(tampered).toMatch(/^HTTP\/1.1 401 Unauthorized/);
    expect(tampered).toContain('www-authenticate: Bearer error="invalid_token"');
    expect(api.errors()).toBe("");
    await api.stop("SIGINT");

    // The next start knows the account, and does not mind that the table is there.
    const again = await startApi(dataDir, { environment });
    const [, loginAgain = ""] = commandsOf(again.output());
    expect(execFileSync("bash", ["-c", loginAgain], { encoding: "utf8" })).toMatch(
      /^[\w-]+\.[\w-]+\.[\w-]+\n$/,
    );
    await again.stop("SIGINT");
  },
);

test("npm start keeps what it makes to its owner alone", async () => {
  const api = await startApi(dataDir, { direct: true });
  await api.stop("SIGINT");
  for (const file of ["master.key", "countersign.db"])
    expect(statSync(join(dataDir, file)).mode & 0o777).toBe(0o600);
});

function commandsOf(output: string): string[] {
  return output.split("\n").filter((line) => /^(curl|TOKEN=)/.test(line));
}

test.each([
  [
    "a port that is none, with the other mistakes",
    { PORT: "http", COUNTERSIGN_ALGORITHM: "none" },
    [/- PORT must be/, /- COUNTERSIGN_ALGORITHM must be/],
  ],
  [
    "a name that is none of ours",
    { PORT: "0", COUNTERSIGN_PORT: "4000" },
    [/COUNTERSIGN_PORT is for countersign serve alone/],
  ],
  [
    "a database that is down",
    { COUNTERSIGN_DATABASE_URL: "postgres://ada:tangerine@127.0.0.1:1/posts" },
    [/PostgreSQL at 127\.0\.0\.1:1 cannot be used: connect ECONNREFUSED/],
  ],
])("npm start says in a line what is wrong: %s", async (_what, environment, said) => {
  const failed = await startApi(dataDir, { direct: true, environment }).catch(
    (error: Error) => error.message,
  );
  for (const sentence of said) expect(failed).toMatch(sentence);
  expect(failed).not.toMatch(/^\s+at |tangerine/m);
});

test("npm start names the way to another port when its own is taken", async () => {
  const api = await startApi(dataDir, { direct: true });
  const { port } = new URL(api.origin);
  const environment = { PORT: port };
  await expect(startApi(`${dataDir}-2`, { direct: true, environment })).rejects.toThrow(
    /Port \d+ at 127\.0\.0\.1 is taken.*PORT=3005 npm start/,
  );
  expect(await api.stop("SIGTERM")).toBe(0);
});

test.runIf(hasIpv6)("HOST=::1 npm start calls its issuer right", async () => {
  const port = await freePort();
  const environment = { HOST: "::1", PORT: String(port) };
  const api = await startApi(dataDir, { direct: true, environment });
  expect(api.origin).toBe(`http://[::1]:${port}`);
  const metadata = await fetch(`${api.origin}/.well-known/oauth-authorization-server`);
  expect(await metadata.json()).toMatchObject({ issuer: `http://[::1]:${port}` });
  await api.stop("SIGTERM");
});

test("npm start ends on SIGTERM with requests half sent and streams open", async () => {
  const environment = { COUNTERSIGN_DRAIN_TIMEOUT_SECONDS: "2" };
  const api = await startApi(dataDir, { direct: true, environment });
  const { port } = new URL(api.origin);
  const head = "host: a\r\n";
  for (const text of [
    `POST /login HTTP/1.1\r\n${head}content-type: application/json\r\ncontent-length: 9\r\n\r\n{`,
    `GET /revocations HTTP/1.1\r\n${head}accept: text/event-stream\r\n\r\n`,
  ]) {
    const socket = connect(Number(port), "127.0.0.1").on("error", () => undefined);
    onTestFinished(() => void socket.destroy());
    await once(socket, "connect");
    socket.write(text);
  }
  expect(await api.stop("SIGTERM")).toBe(0);
});

test("refuses to start with a secret that others can read, without the secret, and never makes a new one", async () => {
  const key = join(dataDir, "master.key");
  chmodSync(key, 0o644);
  await expect(startApi(dataDir, { direct: true })).rejects.toThrow(`chmod 600 ${key}`);
  chmodSync(key, 0o600);
  renameSync(key, `${key}.away`);
  await expect(startApi(dataDir, { direct: true })).rejects.toThrow("There is data, but no master key");
  expect(() => statSync(key)).toThrow("ENOENT");
  renameSync(`${key}.away`, key);
  const api = await startApi(dataDir, { direct: true });
  await expect(startApi(dataDir, { direct: true })).rejects.toThrow("is open in another process");
  expect(await api.stop("SIGINT")).toBe(0);
});
