import { describe, expect, test } from "vitest";
import { MailRefused } from "../../src/mail/transport.ts";
import { delayAfter, type MailOutcome, maxTries } from "../../src/mail/worker.ts";
import { backends } from "../database/backends.ts";
import { createClock } from "../database/fixtures.ts";
import { createKeepingTransport, mailOn } from "./fixtures.ts";

const patience = { interval: 5, timeout: 20_000 };

/** How the tries ended, by outcome. */
function countOutcomes() {
  const outcomes: MailOutcome[] = [];
  return {
    onOutcome: (outcome: MailOutcome) => void outcomes.push(outcome),
    of: (outcome: MailOutcome) => outcomes.filter((each) => each === outcome).length,
  };
}

test("ML-04: mail is tried for about a day, ever less often", () => {
  const delays = Array.from({ length: maxTries - 1 }, (_, index) => delayAfter(index + 1));
  expect(delays[0]).toBe(30_000);
  expect(delays.toSorted((a, b) => a - b)).toEqual(delays);
  const hours = delays.reduce((sum, delay) => sum + delay, 0) / 3_600_000;
  expect(hours).toBeGreaterThan(20);
  expect(hours).toBeLessThan(36);
});

describe.each(backends)("the mail worker on $name", (backend) => {
  test("sends what is in the outbox and leaves nothing of it", async () => {
    const store = await backend.open();
    const { put, outbox, startWorker } = mailOn(store);
    await put();
    const transport = createKeepingTransport();
    const counts = countOutcomes();
    startWorker(transport, counts);
    await expect.poll(() => counts.of("sent"), patience).toBe(1);
    expect(await outbox.waiting()).toBe(0);
    expect(transport.sent).toHaveLength(1);
  });

  test("ML-04: a failing mail server delays mail and loses none", async () => {
    const clock = createClock();
    const store = await backend.open({ nowMs: clock.nowMs });
    const { put, outbox, startWorker } = mailOn(store);
    await put();
    let failures = 3;
    const transport = createKeepingTransport(async () => {
      if (failures-- > 0) throw new TypeError("no connection");
    });
    const counts = countOutcomes();
    startWorker(transport, counts);
    for (let tries = 1; tries <= 3; tries += 1) {
      await expect.poll(() => counts.of("deferred"), patience).toBe(tries);
      expect(transport.sent).toEqual([]);
      expect(await store.database.db.selectFrom("outbox").select("due_at").execute()).toEqual([
        { due_at: clock.nowMs() + delayAfter(tries) },
      ]);
      clock.advanceMs(delayAfter(tries));
    }
    await expect.poll(() => transport.sent.length, patience).toBe(1);
    await expect.poll(() => outbox.waiting(), patience).toBe(0);
  });

  test("ML-04: after the last try, and at once where the server refuses for good, it fails and the trail says so", async () => {
    const clock = createClock();
    const store = await backend.open({ nowMs: clock.nowMs });
    const { put, outbox, startWorker } = mailOn(store);
    await put();
    await put({ locale: "de" });
    const counts = countOutcomes();
    startWorker(
      createKeepingTransport(async ({ subject }) => {
        if (subject.startsWith("Ein")) throw new MailRefused("550 to RCPT TO");
        throw Object.assign(new Error("canary@example.com is not here"), { code: "ETIMEDOUT" });
      }),
      counts,
    );
    await expect.poll(() => counts.of("failed"), patience).toBe(1);
    for (let tries = 1; tries < maxTries; tries += 1) {
      await expect.poll(() => counts.of("deferred"), patience).toBe(tries);
      await expect
        .poll(
          () =>
            store.database.db.selectFrom("outbox").select("due_at").where("failure", "is", null).execute(),
          patience,
        )
        .toEqual([{ due_at: clock.nowMs() + delayAfter(tries) }]);
      clock.advanceMs(delayAfter(tries));
    }
    await expect.poll(() => counts.of("failed"), patience).toBe(2);
    const failures = async () =>
      (await outbox.failed(10)).map(({ failure, tries }) => `${failure}, ${tries}`).toSorted();
    await expect.poll(failures, patience).toEqual(["550 to RCPT TO, 1", `ETIMEDOUT, ${maxTries}`]);
    const events = await store.audit.list({ limit: 10 });
    expect(events.map(({ event, detail }) => [event, detail["reason"]])).toEqual([
      ["mail_failed", "ETIMEDOUT"],
      ["mail_failed", "550 to RCPT TO"],
    ]);
    expect(JSON.stringify(events)).not.toContain("canary");
  });

  test("ML-02: what takes longer than a lease stays this worker's, and is sent once", async () => {
    const store = await backend.open();
    const { put, outbox, startWorker } = mailOn(store);
    await put();
    const { promise: released, resolve: release } = Promise.withResolvers<void>();
    let begun = 0;
    const transport = createKeepingTransport(async () => {
      begun += 1;
      await released;
    });
    for (let workers = 0; workers < 2; workers += 1) startWorker(transport, { leaseMs: 3000 });
    await expect.poll(() => begun, patience).toBe(1);
    const dueAt = async () =>
      (await store.database.db.selectFrom("outbox").select("due_at").executeTakeFirst())?.due_at ?? 0;
    const first = await dueAt();
    await expect.poll(dueAt, patience).toBeGreaterThan(first + 3000);
    release();
    await expect.poll(() => outbox.waiting(), patience).toBe(0);
    expect(begun).toBe(1);
  });

  test("a mail server that never ends holds up neither the others nor the stop", async () => {
    const store = await backend.open();
    const { put, startWorker, outbox } = mailOn(store);
    await put({ content: { to: "stuck@example.com", addressKey: "stuck@example.com" } });
    await put();
    const transport = createKeepingTransport(async ({ to }, signal) => {
      if (to !== "stuck@example.com") return;
      await new Promise((_resolve, reject) => {
        signal.addEventListener("abort", () => reject(new TypeError("broken off")));
      });
    });
    const worker = startWorker(transport, { graceMs: 10 });
    await expect.poll(() => transport.sent.length, patience).toBe(1);
    await worker.stop();
    expect(transport.sent.map(({ to }) => to)).toEqual(["ada@example.com"]);
    // Nobody has to wait for the lease of whoever stopped in order.
    expect(await outbox.claim(1000)).toMatchObject({ content: { to: "stuck@example.com" } });
  });

  test("one try has an end", async () => {
    const store = await backend.open();
    const { put, startWorker } = mailOn(store);
    await put();
    const transport = createKeepingTransport(
      (_message, signal) =>
        new Promise((_resolve, reject) => {
          signal.addEventListener("abort", () => reject(new TypeError("broken off")));
        }),
    );
    const counts = countOutcomes();
    startWorker(transport, { ...counts, tryMs: 20 });
    await expect.poll(() => counts.of("deferred"), patience).toBe(1);
  });
});
