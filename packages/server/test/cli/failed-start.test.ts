// What somebody reads when `countersign serve` does not start.
import { writeFileSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { once } from "node:events";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { nextSteps } from "../../src/cli/serve.ts";
import { explainStart } from "../../src/explain-start.ts";
import { StoreError } from "../../src/database/errors.ts";
import { newPostgresUrl } from "../postgres.ts";
import { countersign, newFolder } from "./installations.ts";

const stack = /^\s+at /m;

test("a taken port is said with the ways to another", async () => {
  const server = createServer();
  await once(server.listen(0, "127.0.0.1"), "listening");
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;
  const args = ["serve", "--port", String(port), "--data-dir", await newFolder()];
  const { status, stderr } = countersign(...args);
  expect(status).toBe(1);
  expect(stderr).toBe(
    `countersign: Port ${port} at 127.0.0.1 is taken, perhaps by this program started before. ` +
      "Stop that one, or choose another port with --port or COUNTERSIGN_PORT.\n",
  );
  expect(countersign(...args, "--debug").stderr).toMatch(stack);
});

test("a database that is down or wrong is said with host, port and reason, and without its password", async () => {
  const serve = (url: string): string => {
    const { status, stderr } = countersign(
      "serve",
      "--issuer",
      "http://a.example",
      "--port",
      "0",
      "--database",
      url,
    );
    expect(status).toBe(1);
    expect(stderr).not.toMatch(stack);
    expect(stderr).not.toContain("tangerine");
    return stderr;
  };
  expect(serve("postgres://ada:tangerine@127.0.0.1:1/auth")).toContain(
    "The PostgreSQL at 127.0.0.1:1 cannot be used: connect ECONNREFUSED 127.0.0.1:1.",
  );
  const url = new URL(await newPostgresUrl());
  const where = `The PostgreSQL at ${url.hostname}:${url.port} cannot be used:`;
  url.pathname = "/nothing_here";
  expect(serve(url.href)).toContain(`${where} database "nothing_here" does not exist.`);
});

test("a folder that cannot be made or written is said, and none is made from the root of the disk", async () => {
  const folder = await newFolder();
  const inNowhere = countersign("serve", "--data-dir", join(folder, "a/b/c"));
  expect(inNowhere).toMatchObject({ status: 2 });
  expect(inNowhere.stderr).toContain(`there is no ${join(folder, "a/b")}: make that first`);

  writeFileSync(join(folder, "file"), "");
  const { status, stderr } = countersign("serve", "--data-dir", join(folder, "file"));
  expect(status).toBe(1);
  expect(stderr).toMatch(/^countersign: .*file.* cannot be written: .*--data-dir/);
  expect(stderr).not.toMatch(stack);
});

test.runIf(process.platform === "linux")(
  "a folder that a system makes for nobody is said at once, wherever it is named",
  async () => {
    const folder = await newFolder();
    const serve = ["serve", "--port", "0", "--issuer", "http://a.example", "--data-dir"];
    const inData = countersign(...serve, "/proc/nothing");
    const asDatabase = countersign(...serve, folder, "--database", "sqlite:/proc/nothing/x.db");
    for (const { status, stderr } of [inData, asDatabase]) {
      expect(status).toBe(1);
      expect(stderr).toMatch(/^countersign: \/proc\/nothing cannot be written: [^\n]*\n$/);
    }
  },
);

test.each(["EACCES", "EROFS", "ENOSPC"])("%s of a folder becomes a sentence", (code) => {
  const cause = Object.assign(new TypeError(code), { code, path: "/srv/auth", syscall: "mkdir" });
  for (const error of [cause, new StoreError("cannot_open", "It cannot be opened.", { cause })]) {
    const said = explainStart(error, { portIsSetBy: "PORT" });
    expect(said).toMatch(/^\/srv\/auth cannot be written: [a-z].*COUNTERSIGN_DATA_DIR/);
    expect(said).not.toContain(code);
  }
});

test("a command that finds no installation says where it looked", async () => {
  const folder = await newFolder();
  expect(countersign("keys", "list", "--data-dir", folder)).toMatchObject({
    status: 2,
    stderr: expect.stringContaining(`there is no installation at ${folder}/countersign.db`) as string,
  });
});

test("whoever starts it in a terminal is told the next step", () => {
  const told = nextSteps("http://127.0.0.1:3001", {
    issuer: "https://auth.example.com",
    dataDir: "data/auth",
  });
  expect(told).toContain("curl -s http://127.0.0.1:3001/signup");
  expect(told).toContain("keys list --data-dir data/auth");
  const withSecret = nextSteps("http://a.example", {
    issuer: "http://a.example",
    databaseUrl: "postgres://ada:tangerine@db.example/auth",
  });
  expect(withSecret).toContain("in PostgreSQL");
  expect(withSecret).not.toContain("tangerine");
});
