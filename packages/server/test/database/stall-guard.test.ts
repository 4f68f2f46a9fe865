// A process that stood still: what it was asked before it froze is refused when it wakes.
import { fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import pg from "pg";
import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from "vitest";
import { StoreError } from "../../src/database/errors.ts";
import { createStallGuard, type StallGuard } from "../../src/database/stall-guard.ts";
import { newAccount as signUp, newApp, startApp } from "../app.ts";
import { openStore } from "./store.ts";
import { newPostgresUrl } from "../postgres.ts";
import { newAccount, openSession } from "./fixtures.ts";

const refusal: unknown = expect.objectContaining({ code: "unavailable" });

describe("the age of a request", () => {
  let stallGuard: StallGuard;
  beforeEach(() => {
    vi.useFakeTimers();
    stallGuard = createStallGuard({ requestLifetimeMs: 5000 });
    stallGuard.observe(1_800_000_000_000);
  });
  afterEach(() => {
    stallGuard.close();
    vi.useRealTimers();
  });

  /** Time passes without a turn of the event loop. */
  function standStill(ms: number): void {
    vi.spyOn(performance, "now").mockReturnValue(performance.now() + ms);
  }

  test("is judged on the database's clock: half of its life for the verb", () => {
    vi.advanceTimersByTime(1000);
    const deadline = stallGuard.deadline();
    expect(deadline).toBe(1_800_000_003_500);
    stallGuard.check(deadline, deadline);
    expect(() => stallGuard.check(deadline, deadline + 1)).toThrow(StoreError);
  });

  test("is learned anew from every answer, a clock that was set back included", () => {
    stallGuard.observe(1_700_000_000_000);
    expect(stallGuard.deadline()).toBe(1_700_000_002_500);
  });

  test("is unknown after a standstill, so requests are refused until the sockets are read", () => {
    stallGuard.deadline();
    standStill(2600);
    expect(() => stallGuard.deadline()).toThrow(expect.objectContaining({ code: "unavailable" }));
    standStill(999);
    expect(() => stallGuard.deadline()).toThrow(StoreError);
    standStill(1);
    stallGuard.deadline();
  });

  test("is known from a start that is over, however long that stood still", () => {
    standStill(60_000);
    stallGuard.begin();
    stallGuard.deadline();
    standStill(2600);
    expect(() => stallGuard.deadline()).toThrow(StoreError);
  });

  test("is not doubted because of a busy moment, or because nobody asked for an hour", () => {
    stallGuard.deadline();
    standStill(2500);
    stallGuard.deadline();
    vi.mocked(performance.now).mockRestore();
    vi.advanceTimersByTime(3_600_000);
    stallGuard.deadline();
  });
});

describe("a store on PostgreSQL", () => {
  test("R-13: undoes a change that took so long that nobody waits for it", async () => {
    const url = await newPostgresUrl();
    const store = await openStore({ url, sessions: { graceSeconds: 8 }, statementTimeoutMs: 10_000 });
    onTestFinished(() => store.close());
    const { id } = await newAccount(store);
    const late = store.database.change(async ({ db, record }) => {
      await db.updateTable("users").set({ name: "late" }).where("id", "=", id).execute();
      await new Promise((resolve) => setTimeout(resolve, 2200));
      record({ event: "account_changed", userId: id });
    });
    await expect(late).rejects.toEqual(refusal);
    expect(await store.accounts.get(id)).toMatchObject({ name: null });
    expect(await store.audit.list({ limit: 9 })).toHaveLength(1);
  });

  test("R-13: renews nothing for a request that waited too long for its row", async () => {
    const url = await newPostgresUrl();
    const store = await openStore({ url, sessions: { graceSeconds: 4 } });
    const { id } = await newAccount(store);
    const { sid } = await openSession(store, id);
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    onTestFinished(async () => {
      await client.end();
      await store.close();
    });
    await client.query("begin");
    await client.query("update sessions set device = '{}' where sid = $1", [sid]);
    const letGo = async (): Promise<void> => {
      await new Promise((resolve) => setTimeout(resolve, 1300));
      await client.query("commit");
    };
    await Promise.all([
      expect(store.sessions.renew({ sid, generation: 0 })).rejects.toEqual(refusal),
      letGo(),
    ]);
    expect(await store.sessions.find(sid)).toMatchObject({ current: 0, live: true });
  });

  test("R-13: a frozen instance costs no owner the session when it wakes with old presentations in its hands", async () => {
    const url = await newPostgresUrl();
    const store = await openStore({ url, sessions: { graceSeconds: 4 } });
    const { id } = await newAccount(store);
    // One after the other: twelve at once come close to the deadline of each on a busy machine.
    const sessions: Awaited<ReturnType<typeof openSession>>[] = [];
    while (sessions.length < 12) sessions.push(await openSession(store, id));
    const instance = fork(join(import.meta.dirname, "../sessions/renewing-racer.ts"), [url, "4"], {
      execArgv: ["--conditions=@countersign/source"],
    });
    onTestFinished(async () => {
      instance.kill("SIGKILL");
      await store.close();
    });
    await once(instance, "message");
    const answers = new Map<string, string>();
    instance.on(
      "message",
      ({ sid, answer }: { sid: string; answer: string }) => void answers.set(sid, answer),
    );

    // Some presentations are in the middle of things when it freezes, the others reach only its sockets.
    for (const { sid } of sessions.slice(0, 6)) instance.send({ sid, generation: 0 });
    instance.kill("SIGSTOP");
    for (const { sid } of sessions.slice(6)) instance.send({ sid, generation: 0 });

    // Their owners try again elsewhere.
    const held = new Map<string, number>();
    for (const { sid } of sessions) {
      const renewal = await store.sessions.renew({ sid, generation: 0 });
      expect(["renewed", "repeated"]).toContain(renewal.outcome);
      held.set(sid, 1);
    }
    await new Promise((resolve) => setTimeout(resolve, 4500));
    instance.kill("SIGCONT");
    await expect.poll(() => answers.size, { timeout: 20_000 }).toBe(12);

    for (const { sid } of sessions.slice(6)) expect(answers.get(sid)).toBe("unavailable");
    for (const [sid, generation] of held) {
      expect(await store.sessions.renew({ sid, generation }), answers.get(sid)).toMatchObject({
        outcome: "renewed",
      });
    }
    // And it works on.
    const [{ sid } = { sid: "" }] = sessions;
    answers.clear();
    await expect
      .poll(
        () => {
          instance.send({ sid, generation: 1 });
          return answers.get(sid);
        },
        { timeout: 5000, interval: 200 },
      )
      .toBe("repeated");
  });
});

test("a start that takes long is no standstill: what is asked afterwards is answered", async () => {
  // What is loaded for the first account alone, so that the second one is asked for right after the start.
  await signUp(await startApp());
  const app = newApp();
  onTestFinished(() => app.close());
  app.addHook("onReady", async () => {
    // As long as the routes of an app take on a busy machine, without a turn of the event loop.
    for (const untilMs = performance.now() + 2600; performance.now() < untilMs;);
  });
  await app.ready();
  expect(await signUp(app)).toBe("ada@example.com");
});
