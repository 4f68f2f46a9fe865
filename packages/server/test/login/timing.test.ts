// Whether an address has an account, and whether that is disabled, neither the answer nor its time tells.
import type { FastifyInstance, LightMyRequestResponse } from "fastify";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Worker } from "node:worker_threads";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { createPasswordHashing } from "../../src/passwords/hashing.ts";
import { password, startApp } from "../app.ts";
import { watchStatements } from "../database/sent-statements.ts";
import { openStore, type Store } from "../database/store.ts";
import { medianOf } from "../medians.ts";
import { newPostgresUrl } from "../postgres.ts";
import { times } from "../database/fixtures.ts";

const fullBudget = process.env["TEST_FULL"] === "1";
const kinds = ["unknown", "wrong", "disabled"] as const;
type Kind = (typeof kinds)[number];

/** Limits that refuse nobody here: what is compared is the login itself. */
const wide = { guessesPerSource: 1_000_000, guessesPerAccount: 1_000_000, guessesInARow: 1_000_000 };

const addressOf = (kind: Kind, index: number): string => `${kind}${index}@example.com`;

/** Accounts of each kind but the unknown, all with one hash; signing up would take minutes. */
async function fill(url: string, accounts: number): Promise<void> {
  const hashing = createPasswordHashing();
  const passwordHash = await hashing.hash(password, { source: "", places: [], isKnown: false });
  hashing.close();
  const store = await openStore({ url });
  for (const index of times(accounts, (each) => each)) {
    await add(store, addressOf("wrong", index), passwordHash);
    const id = await add(store, addressOf("disabled", index), passwordHash);
    await store.accounts.setStatus(id, "disabled");
  }
  await store.close();
}

async function add(store: Store, email: string, passwordHash: string): Promise<string> {
  const account = { email, emailKey: email, name: null, passwordHash, roles: ["user"] };
  const made = await store.accounts.create(account);
  if (made.outcome !== "created") throw new TypeError("the address is taken");
  return made.account.id;
}

function logIn(app: FastifyInstance, kind: Kind, index: number): Promise<LightMyRequestResponse> {
  const secret = kind === "disabled" ? password : "tangerine violin ledgers";
  const payload = { email: addressOf(kind, index), password: secret };
  return app.inject({ method: "POST", url: "/login", payload });
}

/**
 * The workers of the server ask at moments of their own: for revocations, keys, mail, schemes of hashes and other
 * instances. On SQLite they write within a second what throttling has counted in memory.
 */
const isOfLogin = (statement: string): boolean =>
  !/"(?:journal|unnumbered|revocations|signing_keys|outbox|password_schemes|instance_reports)"/.test(
    statement,
  ) && !/^\s*(?:insert into|delete from) "throttles" .*json_each/s.test(statement);

/** What a client sees, without what differs in any two answers. */
function seen({ statusCode, headers, body }: LightMyRequestResponse): object {
  const { date: _date, "x-request-id": _id, ...rest } = headers;
  return { statusCode, headers: rest, body: body.replace(/"request_id":"[^"]*"/, "") };
}

async function newFile(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "countersign-timing-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  return `sqlite:${join(folder, "store.db")}`;
}

describe.each([
  { backend: "SQLite", newUrl: newFile },
  { backend: "PostgreSQL", newUrl: newPostgresUrl },
])("on $backend", ({ newUrl }) => {
  test("PW-13 TH-08: a login that fails sends the same statements, computes the same hash and gets the same answer, whatever the account", async () => {
    const databaseUrl = await newUrl();
    await fill(databaseUrl, 2);
    const app = await startApp({ databaseUrl, ...wide });
    // The first login of a connection and the first hash of a thread do what no later one does.
    for (const kind of kinds) await logIn(app, kind, 0);
    const sent = watchStatements();
    const hashed = vi.spyOn(Worker.prototype, "postMessage");
    onTestFinished(() => hashed.mockRestore());
    const all = new Map<Kind, { statements: string[]; schemes: string[]; answer: object }>();
    for (const kind of kinds) {
      sent.clear();
      hashed.mockClear();
      const answer = seen(await logIn(app, kind, 1));
      const statements = sent.texts().filter(isOfLogin);
      // Of a hash all but the salt and the digest: how much work it is.
      const schemes = hashed.mock.calls.map(([job]) =>
        (job as { readonly stored: string }).stored.split("$").slice(0, 4).join("$"),
      );
      all.set(kind, { statements, schemes, answer });
    }
    const wrong = all.get("wrong");
    expect(wrong?.schemes).toEqual(["$argon2id$v=19$m=19456,t=2,p=1"]);
    expect(wrong?.statements.length).toBeGreaterThan(0);
    expect(wrong?.answer).toMatchObject({ statusCode: 401 });
    expect(all.get("unknown")).toEqual(wrong);
    expect(all.get("disabled")).toEqual(wrong);
  });
});

test.runIf(fullBudget)(
  "PW-13 TH-08: the time of 2,000 logins does not tell an unknown address, a wrong password and a disabled account apart",
  { timeout: 1_800_000 },
  async () => {
    const accounts = 2000;
    const databaseUrl = await newFile();
    await fill(databaseUrl, accounts);
    const app = await startApp({ databaseUrl, ...wide });
    const tookMs: Record<Kind, number[]> = { unknown: [], wrong: [], disabled: [] };
    for (const round of times(accounts, (each) => each)) {
      // Each kind is as often the first of its round as the others.
      for (const turn of times(kinds.length, (each) => each)) {
        const kind = kinds[(round + turn) % kinds.length] ?? "wrong";
        const sinceMs = performance.now();
        const { statusCode } = await logIn(app, kind, round);
        tookMs[kind].push(performance.now() - sinceMs);
        expect(statusCode).toBe(401);
      }
    }
    const medians = {
      unknown: medianOf(tookMs.unknown),
      wrong: medianOf(tookMs.wrong),
      disabled: medianOf(tookMs.disabled),
    };
    process.stdout.write(`${JSON.stringify({ logins: accounts, medians })}\n`);
    for (const kind of ["unknown", "disabled"] as const)
      expect(Math.abs(medians[kind] - medians.wrong) / medians.wrong, kind).toBeLessThan(0.02);
  },
);
