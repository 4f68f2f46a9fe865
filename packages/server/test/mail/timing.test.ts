// Whether an address has an account, and whether it is proved, what sends mail tells neither by its answer nor by its time.
import type { FastifyInstance, LightMyRequestResponse } from "fastify";
import { DefaultQueryExecutor } from "kysely";
import { AsyncLocalStorage } from "node:async_hooks";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { startApp } from "../app.ts";
import { times } from "../database/fixtures.ts";
import { openStore } from "../database/store.ts";
import { medianOf } from "../medians.ts";
import { newPostgresUrl } from "../postgres.ts";

const fullBudget = process.env["TEST_FULL"] === "1";
const kinds = ["unknown", "known", "disabled"] as const;
type Kind = (typeof kinds)[number];

const addressOf = (kind: Kind, index: number): string => `${kind}${index}@example.com`;

async function fill(url: string, accounts: number): Promise<void> {
  const store = await openStore({ url });
  for (const index of times(accounts, (each) => each)) {
    for (const kind of ["known", "disabled"] as const) {
      const email = addressOf(kind, index);
      const account = { email, emailKey: email, name: null, passwordHash: "hash", roles: ["user"] };
      const made = await store.accounts.create(account);
      if (made.outcome !== "created") throw new TypeError("the address is taken");
      if (kind === "disabled") await store.accounts.setStatus(made.account.id, "disabled");
    }
  }
  await store.close();
}

/** Nobody listens there, so what is sent waits. */
const start = (databaseUrl: string): Promise<FastifyInstance> =>
  startApp({
    databaseUrl,
    smtpUrl: "smtp://127.0.0.1:1",
    mailFrom: "noreply@example.com",
    signupsPerSource: 1_000_000,
  });

const ask = (app: FastifyInstance, url: string, kind: Kind, index: number): Promise<LightMyRequestResponse> =>
  app.inject({ method: "POST", url, payload: { email: addressOf(kind, index) } });

/** What a client sees, without what differs in any two answers. */
function seen({ statusCode, headers, body }: LightMyRequestResponse): object {
  const { date: _date, "x-request-id": _id, ...rest } = headers;
  return { statusCode, headers: rest, body };
}

async function newFile(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "countersign-timing-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  return `sqlite:${join(folder, "store.db")}`;
}

const urls = ["/password/forgotten", "/email/verification"] as const;

describe.each([
  { backend: "SQLite", newUrl: newFile },
  { backend: "PostgreSQL", newUrl: newPostgresUrl },
])("on $backend", ({ newUrl }) => {
  test.each(urls)(
    "RC-04: %s sends the same statements, and none about accounts, and gets the same answer, whatever the account",
    async (url) => {
      const databaseUrl = await newUrl();
      await fill(databaseUrl, 2);
      const app = await start(databaseUrl);
      for (const kind of kinds) await ask(app, url, kind, 0);
      // The worker looks accounts up, at moments of its own: what counts is what a request sends itself.
      const asking = new AsyncLocalStorage<string[]>();
      const execute = DefaultQueryExecutor.prototype.executeQuery;
      const executed = vi.spyOn(DefaultQueryExecutor.prototype, "executeQuery").mockImplementation(function (
        this: DefaultQueryExecutor,
        query,
      ) {
        asking.getStore()?.push(query.sql);
        return execute.call(this, query);
      });
      onTestFinished(() => executed.mockRestore());
      const all = [];
      for (const kind of kinds) {
        const statements: string[] = [];
        const answer = seen(await asking.run(statements, () => ask(app, url, kind, 1)));
        all.push({ statements, answer });
      }
      expect(all[0]?.answer).toMatchObject({ statusCode: 202 });
      expect(all[0]?.statements).toContainEqual(expect.stringMatching(/^insert into "outbox"/));
      expect(all[0]?.statements).not.toContainEqual(expect.stringContaining('"users"'));
      expect(all[1]).toEqual(all[0]);
      expect(all[2]).toEqual(all[0]);
    },
  );
});

test.runIf(fullBudget).each(urls)(
  "RC-04: the time of 2,000 requests to %s does not tell an unknown address from that of an account",
  { timeout: 1_800_000 },
  async (url) => {
    const rounds = 2000;
    const databaseUrl = await newFile();
    await fill(databaseUrl, rounds);
    const app = await start(databaseUrl);
    const tookMs: Record<Kind, number[]> = { unknown: [], known: [], disabled: [] };
    for (const round of times(rounds, (each) => each)) {
      // Each kind is as often the first of its round as the others.
      for (const turn of times(kinds.length, (each) => each)) {
        const kind = kinds[(round + turn) % kinds.length] ?? "known";
        const sinceMs = performance.now();
        const { statusCode } = await ask(app, url, kind, round);
        tookMs[kind].push(performance.now() - sinceMs);
        expect(statusCode).toBe(202);
      }
    }
    const medians = Object.fromEntries(kinds.map((kind) => [kind, medianOf(tookMs[kind])]));
    process.stdout.write(`${JSON.stringify({ url, requests: rounds, medians })}\n`);
    const unknown = medianOf(tookMs.unknown);
    for (const kind of ["known", "disabled"] as const)
      expect(Math.abs(medianOf(tookMs[kind]) - unknown) / unknown, kind).toBeLessThan(0.05);
  },
);
