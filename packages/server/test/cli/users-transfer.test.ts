// countersign users import and export: accounts of another system, their first login, and the way out again.
import { hash as argon2 } from "@node-rs/argon2";
import { hash as bcrypt } from "@node-rs/bcrypt";
import type { FastifyInstance } from "fastify";
import { randomBytes, scryptSync } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { createApp } from "../../src/app.ts";
import { issuer } from "../app.ts";
import { runCommand } from "../../src/cli/run.ts";
import { newPostgresUrl } from "../postgres.ts";
import { countersign, newFolder, newInstallation, startServer } from "./installations.ts";
import { startServed } from "./served.ts";

const password = "tangerine violin ledger";

interface Ran {
  readonly printed: string;
  readonly told: string;
  /** The sentence of its refusal. */
  readonly refused: string | undefined;
}

/** With a line on standard input, as a person at a terminal sees it. */
async function run(args: readonly string[], line = ""): Promise<Ran> {
  let printed = "";
  let told = "";
  let refused: string | undefined;
  try {
    await runCommand(args, {
      environment: {},
      print: (text) => void (printed += text),
      tell: (text) => void (told += text),
      input: async function* () {
        yield Buffer.from(`${line}\n`);
      },
    });
  } catch (error) {
    refused = (error as Error).message;
  }
  return { printed, told, refused };
}

interface Place {
  readonly where: readonly string[];
  readonly databaseUrl: string;
  readonly dataDir: string;
}

async function placeOn(database: string): Promise<Place> {
  if (database === "SQLite") {
    const { dataDir } = await newInstallation();
    const databaseUrl = `sqlite:${dataDir}/countersign.db`;
    return { where: ["--data-dir", dataDir], databaseUrl, dataDir };
  }
  const [dataDir, databaseUrl] = [await newFolder(), await newPostgresUrl()];
  await (await startServer(dataDir, databaseUrl)).stop();
  return { where: ["--data-dir", dataDir, "--database-url", databaseUrl], databaseUrl, dataDir };
}

async function openApp(where: Pick<Place, "databaseUrl" | "dataDir">): Promise<FastifyInstance> {
  const app = createApp({ issuer, ...where }, { logger: false });
  onTestFinished(() => app.close());
  await app.ready();
  return app;
}

async function fileOf(name: string, text: string): Promise<string> {
  const path = join(await newFolder(), name);
  await writeFile(path, text);
  return path;
}

const linesOf = (rows: readonly object[]): string => rows.map((row) => `${JSON.stringify(row)}\n`).join("");

function exported(printed: string): Record<string, unknown>[] {
  return printed
    .trim()
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}

const salt = randomBytes(16).toString("hex");
const betterAuth = scryptSync(password, salt, 64, { N: 16_384, r: 16, p: 1, maxmem: 2 ** 27 });
const hashes = {
  bcrypt: await bcrypt(password, 6),
  betterAuth: `${salt}:${betterAuth.toString("hex")}`,
  argon2: await argon2(password, { memoryCost: 8192, timeCost: 3, parallelism: 1 }),
};
const rows = [
  {
    id: "user-1",
    email: "Ada@example.com",
    email_verified: true,
    name: "Ada",
    roles: ["user", "editor"],
    locale: "de",
    created_at: "2021-05-01T12:00:00Z",
    password_hash: hashes.bcrypt,
  },
  { id: "user-2", email: "eve@example.com", password_hash: hashes.betterAuth },
  { email: "joe@example.com", password_hash: hashes.argon2, status: "disabled" },
  { email: "max@example.com", created_at: "2022-05-01T12:00:00+02:00" },
];

// Ten hashes and more, of which some are four times as dear as ours, one after the other.
vi.setConfig({ testTimeout: 300_000 });

describe.each(["SQLite", "PostgreSQL"])("countersign users import on %s", (database) => {
  test("takes accounts in; each hash is verified at the first login and is then ours; what goes out comes in again", async () => {
    const { where, databaseUrl, dataDir } = await placeOn(database);
    const file = await fileOf("accounts.jsonl", linesOf(rows));

    const dry = await run(["users", "import", "--dry-run", file, ...where]);
    expect(dry).toMatchObject({ refused: undefined });
    expect(dry.printed).toBe(
      "4 accounts would be taken in. Nothing was written.\n" +
        "  1 with bcrypt 6\n  1 with scrypt N=16384,r=16,p=1\n  1 with argon2id m=8192,t=3,p=1\n" +
        "  1 without a password: their owners need a reset\n",
    );
    expect((await run(["users", "list", "--json", ...where])).printed).toBe("");

    const taken = await run(["users", "import", file, ...where]);
    expect(taken).toMatchObject({ refused: undefined });
    expect(taken.printed).toMatch(/^4 accounts were taken in\.\n/);
    expect(taken.told).toMatch(/Checking \[#{30}\] 100 %.*Importing \[#{30}\] 100 %/s);

    const app = await openApp({ databaseUrl, dataDir });
    const logIn = async (email: string, secret = password) =>
      (await app.inject({ method: "POST", url: "/login", payload: { email, password: secret } })).statusCode;
    expect(await logIn("ada@example.com", "tangerine violin ledgers")).toBe(401);
    expect(await logIn("ada@example.com")).toBe(200);
    expect(await logIn("eve@example.com")).toBe(200);
    expect(await logIn("joe@example.com")).toBe(401);
    expect(await logIn("max@example.com", "")).toBe(400);
    expect(await logIn("max@example.com")).toBe(401);
    // And once more, by our own hash.
    expect(await logIn("eve@example.com")).toBe(200);
    await app.close();

    const out = await run(["users", "export", "--unsafe-include-hashes", ...where]);
    const accounts = exported(out.printed).toSorted((a, b) =>
      String(a["email"]).localeCompare(String(b["email"])),
    );
    const ours = expect.stringMatching(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/) as string;
    expect(accounts).toEqual([
      { ...rows[0], status: "active", created_at: "2021-05-01T12:00:00.000Z", password_hash: ours },
      {
        id: "user-2",
        email: "eve@example.com",
        email_verified: false,
        name: null,
        roles: ["user"],
        status: "active",
        locale: "en",
        created_at: expect.stringMatching(/Z$/) as string,
        password_hash: ours,
      },
      expect.objectContaining({ email: "joe@example.com", status: "disabled", password_hash: hashes.argon2 }),
      expect.objectContaining({ email: "max@example.com", created_at: "2022-05-01T10:00:00.000Z" }),
    ]);
    const bare = await run(["users", "export", ...where]);
    expect(bare.printed).not.toContain("$argon2id");
    expect(exported(bare.printed)).toHaveLength(4);

    // As CSV into a new place, and out of it: the same.
    const csv = await run(["users", "export", "--format", "csv", "--unsafe-include-hashes", ...where]);
    expect(csv.printed).toMatch(
      /^id,email,email_verified,name,roles,status,locale,created_at,password_hash\n/,
    );
    const other = await placeOn(database);
    const csvFile = await fileOf("accounts.csv", `\uFEFF${csv.printed.replaceAll("\n", "\r\n")}`);
    expect(await run(["users", "import", csvFile, ...other.where])).toMatchObject({ refused: undefined });
    const again = await run(["users", "export", "--unsafe-include-hashes", ...other.where]);
    expect(exported(again.printed)).toEqual(exported(out.printed));

    const trail = await run(["audit", "export", ...where]);
    expect(trail.printed).toContain('"event":"accounts_imported"');
    expect(trail.printed).toContain('"event":"accounts_exported"');
    expect((await run(["audit", "verify", ...where])).printed).toMatch(/is whole/);
    for (const hash of Object.values(hashes))
      expect(trail.printed + taken.printed + dry.printed).not.toContain(hash);
  });

  test("says what is wrong with each line, and writes nothing then, unless it is to take what is good", async () => {
    const { where } = await placeOn(database);
    const text = [
      JSON.stringify(rows[0]),
      "{broken",
      "[]",
      JSON.stringify({ email: "nobody" }),
      JSON.stringify({ email: "a@example.com", password_hash: "plain text" }),
      JSON.stringify({ email: "b@example.com", password_hash: `$2b$31$${"a".repeat(53)}` }),
      JSON.stringify({ email: "c@example.com", admin: true }),
      JSON.stringify({ email: "ADA@example.com" }),
      JSON.stringify({ id: "user-1", email: "d@example.com" }),
      JSON.stringify({ email: "e@example.com", roles: ["user", "user"] }),
      JSON.stringify({ email: "f@example.com", created_at: "yesterday" }),
      JSON.stringify({ email: "g@example.com", name: "n".repeat(70_000) }),
      JSON.stringify({ email: "h@example.com", name: "zero \u0000" }),
      "",
      JSON.stringify({ email: "good@example.com" }),
    ].join("\n");
    const file = await fileOf("accounts.jsonl", text);
    const refused = await run(["users", "import", file, ...where]);
    expect(refused.refused).toBe(
      "12 lines cannot be taken in, so nothing was written: mend them, or say --partial",
    );
    const told = refused.printed.split("\n").filter((line) => line.startsWith("line "));
    expect(told.map((line) => line.split(":", 1)[0]).toSorted()).toEqual(
      [2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13].map((line) => `line ${line}`).toSorted(),
    );
    expect(refused.printed).toContain("takes more than 250 ms or 128 MiB on this machine");
    expect(refused.printed).not.toContain("plain text");
    expect((await run(["users", "list", "--json", ...where])).printed).toBe("");

    const partial = await run(["users", "import", "--partial", "--json", file, ...where]);
    expect(partial.refused).toBe("12 lines cannot be taken in");
    expect(JSON.parse(partial.printed)).toMatchObject({ written: 2, added: 2, problem_count: 12 });
    expect((await run(["users", "list", "--json", ...where])).printed.trim().split("\n")).toHaveLength(2);
  });

  test("goes on where it broke off, also for whoever has logged in since", async () => {
    const { where, databaseUrl, dataDir } = await placeOn(database);
    const first = await fileOf("first.jsonl", linesOf(rows.slice(0, 2)));
    await run(["users", "import", first, ...where]);
    const app = await openApp({ databaseUrl, dataDir });
    const payload = { email: "ada@example.com", password };
    await app.inject({ method: "POST", url: "/login", payload });
    await app.close();
    const whole = await fileOf("whole.jsonl", linesOf(rows));
    const again = await run(["users", "import", "--json", whole, ...where]);
    expect(again.refused).toBeUndefined();
    expect(JSON.parse(again.printed)).toMatchObject({ written: 2, standing: 2, problem_count: 0 });
    // An account that is another's is not passed over.
    const others = await fileOf("others.jsonl", linesOf([{ id: "user-9", email: "ada@example.com" }]));
    const refused = await run(["users", "import", others, ...where]);
    expect(refused.printed).toContain("line 1: this address has an account already");
    expect(refused.refused).toMatch(/^1 lines/);
  });
});

test("a sample shows that a hash is of the password, and that another is not", async () => {
  const { where } = await placeOn("SQLite");
  const file = await fileOf("accounts.jsonl", linesOf(rows));
  const dryRun = ["users", "import", "--dry-run", file, "--sample"];
  const right = await run([...dryRun, "ADA@example.com", ...where], password);
  expect(right.refused).toBeUndefined();
  expect(right.printed).toContain("The password opens ADA@example.com.");
  const wrong = await run([...dryRun, "eve@example.com", ...where], `${password}s`);
  expect(wrong.refused).toBe("the password does not fit the hash that the file has for eve@example.com");
  const nobody = await run([...dryRun, "nobody@example.com", ...where], password);
  expect(nobody.refused).toBe(
    "no good line of the file has a password hash for the address nobody@example.com",
  );
  // A sample that is wrong keeps everything out.
  const real = ["users", "import", file, "--sample", "eve@example.com", ...where];
  expect((await run(real, "another")).refused).toMatch(/does not fit/);
  expect((await run(["users", "list", "--json", ...where])).printed).toBe("");
});

test("beside a server that has the file it takes thousands in, whose owners get in at once", async () => {
  const dataDir = await newFolder();
  const served = await startServed("--data-dir", dataDir);
  onTestFinished(() => void served.process.kill("SIGKILL"));
  const many = Array.from({ length: 3000 }, (_, index) => ({
    email: `user${index}@example.com`,
    name: "n".repeat(50),
    password_hash: hashes.bcrypt,
  }));
  const file = await fileOf("many.jsonl", linesOf(many));
  expect(countersign("users", "import", file, "--json", "--data-dir", dataDir)).toMatchObject({
    status: 0,
    stderr: "",
    stdout: expect.stringContaining('"written": 3000') as string,
  });
  const login = await fetch(`${served.url}/login`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ email: "user2999@example.com", password }),
  });
  expect(login.status).toBe(200);
  const out = countersign("users", "export", "--data-dir", dataDir);
  expect(out).toMatchObject({ status: 0, stderr: "" });
  expect(exported(out.stdout)).toHaveLength(3000);
  expect(countersign("users", "import", join(dataDir, "nothing"), "--data-dir", dataDir).status).toBe(2);
  await served.stop();
}, 180_000);
