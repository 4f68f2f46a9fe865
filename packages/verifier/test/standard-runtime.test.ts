// The verifier where timers are numbers and `fetch` knows little: jsdom, workers, other runtimes.
import { createAccessVerifier } from "@countersign/verifier";
import { beforeEach, expect, onTestFinished, test, vi } from "vitest";
import { refusalOf } from "./fixtures/refusal.ts";
import { bearer, isAccepted, logOut, setUp } from "./fixtures/rig.ts";
import type { Rig } from "./fixtures/rig.ts";

beforeEach(() => {
  const { setTimeout: start, clearTimeout: stop } = globalThis;
  const timers = new Map<number, NodeJS.Timeout>();
  // The rest of the process is Node, and needs Node's own.
  const isOurs = (): boolean => new Error().stack!.includes("/verifier/src/");
  vi.stubGlobal("setTimeout", (run: () => void, ...more: [delayMs: number]): unknown => {
    if (!isOurs()) return start(run, ...more);
    timers.set(timers.size + 1, start(run, ...more).unref());
    return timers.size;
  });
  vi.stubGlobal("clearTimeout", (timer: number) => stop(timers.get(timer) ?? timer));
  // Newer than some runtimes that are in use.
  for (const [owner, name] of [
    [AbortSignal, "any"],
    [AbortSignal, "timeout"],
    [URL, "parse"],
    [URL, "canParse"],
    [ReadableStream.prototype, Symbol.asyncIterator],
    [Promise, "withResolvers"],
  ] as const) {
    const known = Object.getOwnPropertyDescriptor(owner, name);
    if (known === undefined) continue;
    Object.defineProperty(owner, name, { value: undefined, configurable: true, writable: true });
    onTestFinished(() => void Object.defineProperty(owner, name, known));
  }
  onTestFinished(() => void vi.unstubAllGlobals());
});

/** Refuses every member of a request that some runtime refuses, and answers with no more than it must. */
async function minimalFetch(url: string, init: RequestInit): Promise<Response> {
  for (const name of Object.keys(init)) {
    if (!["headers", "signal", "redirect", "method", "body"].includes(name)) {
      throw new TypeError(`The '${name}' field on 'RequestInitializerDict' is not implemented.`);
    }
  }
  if (init.redirect !== "manual" && init.redirect !== "follow") throw new TypeError("Invalid redirect value");
  const { status, headers, body } = await plainFetch(url, init);
  return { status, headers, body } as Response;
}

const plainFetch = globalThis.fetch;

function setUpMinimal(options: Parameters<typeof setUp>[0] = {}): Promise<Rig> {
  return setUp({ fetch: minimalFetch, random: () => 1, ...options });
}

test("a verifier has its keys, hears of a log-out, and comes back after an outage", async () => {
  const rig = await setUpMinimal();
  rig.server.epoch = "e";
  await rig.verifier.ready();
  await rig.until({ connected: true });
  expect(await isAccepted(rig, "s")).toBe(true);
  rig.server.revoke(logOut("s"));
  await rig.until({ events: 1 });
  expect(await isAccepted(rig, "s")).toBe(false);
  await rig.server.stop();
  await rig.until({ connected: false });
  await rig.server.start();
  await rig.until({ connected: true, lastFailure: undefined });
});

test("a verifier without a stream polls", async () => {
  const rig = await setUpMinimal();
  rig.server.epoch = "e";
  rig.server.full = "stream";
  await rig.verifier.ready();
  rig.server.revoke(logOut("s"));
  await rig.until({ cursor: "e.1" });
});

test("an issuer that does not answer is given up in time, though fetch takes no notice of a signal", async () => {
  const { server, clock, local } = await setUpMinimal();
  const verifier = createAccessVerifier({
    issuer: server.url,
    audience: "https://api.example",
    revocations: null,
    now: () => clock.now,
    fetch: (url, init) => (url.includes("jwks") ? new Promise(() => undefined) : minimalFetch(url, init)),
  });
  onTestFinished(verifier.close);
  const refusal = await refusalOf(() => verifier.authenticate(bearer(local.issue())));
  expect([refusal.code, refusal.reason]).toEqual(["keys_unavailable", "timed_out"]);
});
