// Requests that arrive together are judged together, and none notices the others.
import Fastify from "fastify";
import { AsyncLocalStorage, executionAsyncId } from "node:async_hooks";
import type { AddressInfo } from "node:net";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { AccessError } from "../src/errors.ts";
import { createGuard } from "../src/frameworks/fastify.ts";
import { identityOfSession } from "../src/identity.ts";
import type { Identity } from "../src/identity.ts";
import { admitInBatches } from "../src/request-groups.ts";

/** Whoever calls themselves something is that; without a name they are refused. */
function identify(name: unknown): Identity {
  if (typeof name !== "string" || name === "") throw new AccessError("credentials_missing");
  return identityOfSession({ userId: name, sid: "session", roles: [], authTime: 0 });
}

const names = Array.from({ length: 40 }, (_, index) => `user ${index}`);
const unused = (): never => expect.unreachable();

/** Resolves when everything that waits has been judged and gone on. */
function everybody(): Promise<unknown> {
  return new Promise((resolve) => setTimeout(resolve, 20));
}

describe("requests that arrive in one turn of the event loop", () => {
  test("are judged in rows of 16 and go on in the order in which they came", async () => {
    const events: string[] = [];
    for (const name of names) {
      const guard = (): Identity => {
        events.push(`judged ${name}`);
        return identify(name);
      };
      admitInBatches(guard, name, ({ subject }) => void events.push(`went on as ${subject}`), unused);
    }
    expect(events).toEqual([]);
    await everybody();
    const rows = [names.slice(0, 16), names.slice(16, 32), names.slice(32)];
    expect(events).toEqual(
      rows.flatMap((row) => [
        ...row.map((name) => `judged ${name}`),
        ...row.map((name) => `went on as ${name}`),
      ]),
    );
  });

  test("are each admitted or refused, once, whether their guard answers, throws, resolves or rejects", async () => {
    const outcomes: string[] = [];
    const told = (outcome: string) => () => void outcomes.push(outcome);
    const missing = new AccessError("credentials_missing");
    const broken = (): never => {
      throw new RangeError("broken");
    };
    const refused = (which: string) => (error: AccessError) => void outcomes.push(`${which} ${error.code}`);
    admitInBatches(() => identify("ada"), undefined, told("answers"), unused);
    admitInBatches(() => identify(""), undefined, unused, refused("throws"));
    admitInBatches(broken, undefined, unused, refused("breaks"));
    admitInBatches(() => Promise.resolve(identify("ada")), undefined, told("resolves"), unused);
    admitInBatches(() => Promise.reject(missing), undefined, unused, refused("rejects"));
    admitInBatches(() => Promise.reject(new RangeError("broken")), undefined, unused, refused("fails"));
    await everybody();
    expect(outcomes.toSorted()).toEqual([
      "answers",
      "breaks verification_failed",
      "fails verification_failed",
      "rejects credentials_missing",
      "resolves",
      "throws credentials_missing",
    ]);
  });

  test("go on though the handler of one throws, which the process hears of", async () => {
    const listeners = process.listeners("uncaughtException");
    const heard: string[] = [];
    process
      .removeAllListeners("uncaughtException")
      .on("uncaughtException", (error) => heard.push(error.message));
    onTestFinished(() => {
      process.removeAllListeners("uncaughtException");
      for (const listener of listeners) process.on("uncaughtException", listener);
    });
    const wentOn: string[] = [];
    for (const name of names) {
      const admit = ({ subject }: Identity): void => {
        if (subject.endsWith("3")) throw new RangeError(subject);
        wentOn.push(subject);
      };
      admitInBatches(() => identify(name), name, admit, unused);
    }
    await everybody();
    // A row goes on after the others when one of it has thrown.
    expect(new Set(heard)).toEqual(new Set(names.filter((name) => name.endsWith("3"))));
    expect(new Set(wentOn)).toEqual(new Set(names.filter((name) => !name.endsWith("3"))));
    expect([heard.length, wentOn.length]).toEqual([4, 36]);
  });

  test("are judged and go on in the async context that each came with", async () => {
    const context = new AsyncLocalStorage<string>();
    const seen: (readonly [string, string | undefined, string | undefined])[] = [];
    const resources = new Set<number>();
    for (const name of names) {
      context.run(name, () => {
        let whileJudged: string | undefined;
        const guard = (): Identity => {
          whileJudged = context.getStore();
          resources.add(executionAsyncId());
          return identify(name);
        };
        admitInBatches(guard, name, () => void seen.push([name, whileJudged, context.getStore()]), unused);
      });
    }
    await everybody();
    expect(seen).toEqual(names.map((name) => [name, name, name]));
    expect(resources.size).toBe(names.length);
  });

  test("are not held up by a test's fake timers", async () => {
    vi.useFakeTimers();
    onTestFinished(() => void vi.useRealTimers());
    const admitted = new Promise<Identity>((resolve) =>
      admitInBatches(() => identify("ada"), "", resolve, unused),
    );
    expect(await admitted).toMatchObject({ subject: "ada" });
  });

  test("keep what an earlier hook put into the context, over real HTTP", async () => {
    const context = new AsyncLocalStorage<string>();
    const app = Fastify();
    onTestFinished(() => app.close());
    app.addHook("onRequest", (request, _reply, done) => context.run(String(request.headers["x-name"]), done));
    const authenticate = (): Identity => identify(context.getStore());
    const guard = createGuard({ authenticate, now: () => 0 }, app);
    app.get("/", { onRequest: guard.required() }, async ({ identity }) => {
      await new Promise((resolve) => setTimeout(resolve, 5));
      return [identity?.subject, context.getStore()];
    });
    await app.listen({ host: "127.0.0.1", port: 0 });
    const { port } = app.server.address() as AddressInfo;
    const ask = async (name: string): Promise<unknown> =>
      (await fetch(`http://127.0.0.1:${port}/`, { headers: { "x-name": name } })).json();
    for (let round = 0; round < 5; round += 1) {
      expect(await Promise.all(names.map(ask))).toEqual(names.map((name) => [name, name]));
    }
  });
});
