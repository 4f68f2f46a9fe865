// Whether an address has an account, and whether it is proved, what sends mail tells neither by its answer nor by its time.
import type { FastifyInstance, LightMyRequestResponse } from "fastify";
import { DefaultQueryExecutor } from "kysely";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { createAskForMail } from "../../src/accounts/asking-for-mail.ts";
import { startApp } from "../app.ts";
import { times } from "../database/fixtures.ts";
import { backends } from "../database/backends.ts";
import { openStore, type Store } from "../database/store.ts";
import { mailOn } from "./fixtures.ts";
import { medianOf } from "../medians.ts";

const fullBudget = process.env["TEST_FULL"] === "1";
const kinds = ["unknown", "known", "disabled"] as const;
type Kind = (typeof kinds)[number];

const addressOf = (kind: Kind, index: number): string => `${kind}${index}@example.com`;

async function addAccount(store: Store, kind: "known" | "disabled", index: number): Promise<void> {
  const email = addressOf(kind, index);
  const account = { email, emailKey: email, name: null, passwordHash: "hash", roles: ["user"] };
  const made = await store.accounts.create(account);
  if (made.outcome !== "created") throw new TypeError("the address is taken");
  if (kind === "disabled") await store.accounts.setStatus(made.account.id, "disabled");
}

async function fill(url: string, accounts: number): Promise<void> {
  const store = await openStore({ url });
  for (const index of times(accounts, (each) => each))
    for (const kind of ["known", "disabled"] as const) await addAccount(store, kind, index);
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

async function newFile(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "countersign-timing-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  return `sqlite:${join(folder, "store.db")}`;
}

const urls = ["/password/forgotten", "/email/verification"] as const;

describe.each(backends)("on $name", (backend) => {
  test.each(["reset_password", "verify_address"] as const)(
    "RC-04: whoever asks for %s sends the same statements, and none about accounts, whatever the account",
    async (purpose) => {
      // Nobody sends what is asked for here: the worker alone looks accounts up.
      const store = await backend.open();
      for (const kind of ["known", "disabled"] as const) await addAccount(store, kind, 0);
      const { mailing, outbox } = mailOn(store);
      const ask = createAskForMail(mailing, { mail: (_origin, work) => work() });
      await ask(purpose, "first@example.com", "en", {});
      const executed = vi.spyOn(DefaultQueryExecutor.prototype, "executeQuery");
      onTestFinished(() => executed.mockRestore());
      const all: string[][] = [];
      for (const kind of kinds) {
        executed.mockClear();
        await ask(purpose, addressOf(kind, 0), "en", {});
        all.push(executed.mock.calls.map(([query]) => query.sql));
      }
      expect(all[0]).toContainEqual(expect.stringMatching(/^insert into "outbox"/));
      expect(all[0]).not.toContainEqual(expect.stringContaining('"users"'));
      expect(all[1]).toEqual(all[0]);
      expect(all[2]).toEqual(all[0]);
      expect(await outbox.waiting()).toBe(4);
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
    // The work is that of a disk, whose own moods are larger than those of a hash.
    const unknown = medianOf(tookMs.unknown);
    for (const kind of ["known", "disabled"] as const)
      expect(Math.abs(medianOf(tookMs[kind]) - unknown) / unknown, kind).toBeLessThan(0.1);
  },
);
