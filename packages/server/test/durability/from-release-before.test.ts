// An upgrade from the release before this one, with both releases as they are: side by side on PostgreSQL, one after the
// other on a file of SQLite, and services that follow the one with the verifier of the other.
import { fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { newFolder, printedBy } from "../cli/installations.ts";
import { type Served, servedIssuer, startProgram } from "../cli/served.ts";
import { openEventSource } from "../feed/event-source.ts";
import { freePort } from "../postgres-cluster.ts";
import { newPostgresUrl } from "../postgres.ts";
import { Person, type Session } from "./person.ts";
import { commitBefore, presentRelease, type ReleaseBefore, unpack } from "./release-before.ts";
import type { Judgement } from "./verifying-process.ts";

const rounds = process.env["TEST_FULL"] === "1" ? 20 : 1;
/** A moment, on a machine that has other things to do as well; how long it may take is measured elsewhere. */
const soon = { timeout: 10_000, interval: 20 };
/** Verifiers come back to a server after a pause that grows while it is away. */
const afterPauses = { timeout: 30_000, interval: 50 };

const commit = commitBefore();
let before: ReleaseBefore;

beforeAll(async () => {
  if (commit !== undefined) before = await unpack(commit);
});

afterAll(() => before?.remove());

async function start(program: string, ...args: readonly string[]): Promise<Served> {
  const served = await startProgram(program, {}, ...args);
  onTestFinished(() => void served.process.kill("SIGKILL"));
  return served;
}

/** A service that follows the instance at `url` with the given release of the verifier. */
async function startVerifier(file: string, url: string): Promise<(session: Session) => Promise<Judgement>> {
  const options = {
    issuer: servedIssuer,
    audience: servedIssuer,
    jwksUri: `${url}/.well-known/jwks.json`,
    revocationsUri: `${url}/revocations`,
  };
  const child = fork(join(import.meta.dirname, "verifying-process.ts"), [file, JSON.stringify(options)], {
    execArgv: ["--conditions=@countersign/source"],
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  await once(child, "message");
  return async ({ accessToken }) => {
    const answer = once(child, "message") as Promise<[Judgement]>;
    child.send(accessToken);
    return (await answer)[0];
  };
}

async function follow(url: string, lastEventId?: string) {
  const source = await openEventSource(`${url}/revocations`, lastEventId);
  onTestFinished(() => source.close());
  const entries = () => source.events.filter(({ event }) => event === "revocation");
  return {
    ids: () => entries().map(({ id }) => id),
    sids: () => entries().map(({ data }) => (data as { readonly sid?: string }).sid),
    resets: () => source.events.filter(({ event }) => event === "reset").length,
  };
}

async function cursorOf(url: string): Promise<string> {
  return ((await (await fetch(`${url}/revocations`)).json()) as { readonly cursor: string }).cursor;
}

// A shallow clone has no release before; .ci/run and the workflow have the whole history.
describe.skipIf(commit === undefined)("an upgrade from the release before", () => {
  test("MI-04: on PostgreSQL both serve side by side: tokens, cookies, log-outs, cursors and verifiers", async () => {
    const place = ["--database", await newPostgresUrl(), "--data-dir", await newFolder()];
    const first = await start(before.program, ...place);
    const ada = await Person.signUp(first.url);
    const fromBefore = await ada.logIn(first.url);
    const cursor = await cursorOf(first.url);
    const next = await start(presentRelease.program, ...place);
    // One of the old ones may have to start again before it goes.
    expect(await first.stop()).toBe(0);
    const old = await start(before.program, ...place);
    const sides = [
      [old, next],
      [next, old],
    ] as const;
    const followers = [await follow(old.url, cursor), await follow(next.url, cursor)];
    const judges = await Promise.all([
      startVerifier(before.verifier, next.url),
      startVerifier(presentRelease.verifier, old.url),
    ]);

    const ended: string[] = [];
    for (let round = 0; round < rounds; round += 1) {
      for (const [one, other] of sides) {
        const person = await Person.signUp(one.url);
        let session = await person.logIn(other.url);
        session = await person.renew(one.url, session);
        session = await person.renew(other.url, session);
        for (const { url } of [one, other]) expect(await person.statusOfMe(url, session)).toBe(200);
        for (const judge of judges) expect(await judge(session)).toBe("accepted");
        await person.logOut(other.url, session);
        ended.push(session.sid);
        expect(await person.statusOfMe(other.url, session)).toBe(401);
        await expect.poll(() => person.statusOfMe(one.url, session), soon).toBe(401);
        for (const judge of judges) await expect.poll(() => judge(session), soon).toBe("revoked");
        for (const { url } of [one, other]) expect(await person.statusOfRenewal(url, session)).toBe(400);

        const cookie = await person.openCookie(one.url);
        for (const { url } of [one, other]) expect(await person.statusOfMe(url, cookie)).toBe(200);
        await person.closeCookie(other.url, cookie);
        for (const { url } of [one, other]) expect(await person.statusOfMe(url, cookie)).toBe(401);
      }
    }

    const [atOld, atNext] = followers;
    for (const { sids } of followers) await expect.poll(sids, soon).toEqual(expect.arrayContaining(ended));
    expect(atOld?.ids()).toEqual(atNext?.ids());
    // Where a follower was at one, it goes on at the other.
    const ids = atOld?.ids() ?? [];
    for (const { url } of [old, next]) {
      const resumed = await follow(url, ids[0]);
      await expect.poll(resumed.ids, soon).toEqual(ids.slice(1));
      followers.push(resumed);
    }
    expect(followers.map(({ resets }) => resets())).toEqual([0, 0, 0, 0]);

    const renewed = await ada.renew(next.url, fromBefore);
    expect(await ada.statusOfMe(old.url, renewed)).toBe(200);
    for (const { stop } of [old, next]) expect(await stop()).toBe(0);
    expect(await printedBy("audit", "verify", ...place)).toContain("The audit trail is whole");
  });

  test("on SQLite the next one goes on where the one before stopped: tokens, cookies, cursors and verifiers", async () => {
    const folder = await newFolder();
    const place = ["--data-dir", folder, "--port", String(await freePort())];
    const old = await start(before.program, ...place);
    const { url } = old;
    const ada = await Person.signUp(url);
    const kept = await ada.renew(url, await ada.renew(url, await ada.logIn(url)));
    const cookie = await ada.openCookie(url);
    const [closed, gone] = [await ada.openCookie(url), await ada.logIn(url)];
    const judges = await Promise.all([
      startVerifier(before.verifier, url),
      startVerifier(presentRelease.verifier, url),
    ]);
    for (const judge of judges) expect(await judge(kept)).toBe("accepted");
    const cursor = await cursorOf(url);
    await ada.closeCookie(url, closed);
    await ada.logOut(url, gone);
    expect(await old.stop()).toBe(0);

    const next = await start(presentRelease.program, ...place);
    expect(next.url).toBe(url);
    const follower = await follow(url, cursor);
    await expect.poll(follower.sids, soon).toContain(gone.sid);
    expect(follower.resets()).toBe(0);
    const [epoch] = cursor.split(".");
    expect(new Set(follower.ids().map((id) => id?.split(".")[0]))).toEqual(new Set([epoch]));
    expect(await ada.statusOfMe(url, gone)).toBe(401);
    expect(await ada.statusOfRenewal(url, gone)).toBe(400);
    expect(await ada.statusOfMe(url, closed)).toBe(401);
    expect(await ada.statusOfMe(url, cookie)).toBe(200);
    expect(await ada.statusOfMe(url, kept)).toBe(200);
    const renewed = await ada.renew(url, kept);
    expect(await ada.statusOfMe(url, await ada.logIn(url))).toBe(200);
    for (const judge of judges) expect(await judge(renewed)).toBe("accepted");

    await ada.logOut(url, renewed);
    await ada.closeCookie(url, cookie);
    await expect.poll(follower.sids, soon).toContain(renewed.sid);
    for (const judge of judges) await expect.poll(() => judge(renewed), afterPauses).toBe("revoked");
    expect(await ada.statusOfMe(url, cookie)).toBe(401);
    expect(await next.stop()).toBe(0);
    expect(await printedBy("audit", "verify", "--data-dir", folder)).toContain("The audit trail is whole");
  });
});
