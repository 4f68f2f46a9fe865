// Mixed load on a `countersign serve`, kill -9 in the middle of it, a new start, and the ledger held against what stands.
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { expect, onTestFinished } from "vitest";
import { newFolder } from "../cli/installations.ts";
import { type Served, startServed } from "../cli/served.ts";
import { post, renew, statusOfMe } from "../requests.ts";
import { type Ledger, openLedger } from "./ledger.ts";

/** On each store. */
export const killCycles: number = process.env["TEST_FULL"] === "1" ? 200 : 6;

const clients = 4;
const password = "tangerine violin ledger";

interface Tokens {
  readonly access_token: string;
  readonly refresh_token: string;
}

interface SessionOfLedger {
  readonly access: string;
  readonly refresh: string;
  readonly state: "alive" | "uncertain" | "logged_out";
}

/** Runs the cycles on one database. `databaseArgs` lead every new process to it. */
export async function runKillCycles(databaseArgs: (folder: string) => readonly string[]): Promise<void> {
  const folder = await newFolder();
  const ledger = openLedger(join(folder, "ledger"));
  onTestFinished(() => ledger.close());
  let acknowledged = 0;
  // Once in peace: only a process that is not killed leaves its compiled code to the next ones.
  expect(await (await start()).stop()).toBe(0);
  let served = await start();

  async function start(): Promise<Served> {
    // All its people come from one address.
    const wide = ["--signups-per-source", "1000000"];
    const started = await startServed("--data-dir", folder, ...wide, ...databaseArgs(folder));
    onTestFinished(() => void started.process.kill("SIGKILL"));
    return started;
  }

  let nextSession = 0;
  for (let cycle = 0; cycle < killCycles; cycle += 1) {
    const firstSession = nextSession;
    const { url } = served;
    const dying = new AbortController();
    const load = Array.from({ length: clients }, () =>
      useSessions(url, dying.signal, ledger, () => nextSession++),
    );
    // The kill hits whatever is under way when so much has been acknowledged.
    // A load that has ended by itself, refused by a server that is too busy, will never come so far.
    await Promise.race([ledger.grown(8 + Math.floor(Math.random() * 24)), Promise.all(load)]);
    await served.stop("SIGKILL");
    dying.abort();
    await Promise.all(load);
    served = await start();
    acknowledged += await holdToLedger(served.url, ledger, firstSession);
  }
  // Once more for all of them: what was revoked in the first cycle is revoked still.
  await holdToLedger(served.url, ledger, 0);
  expect(await served.stop()).toBe(0);
  // Otherwise nothing was tried.
  expect(acknowledged).toBeGreaterThan(killCycles);
}

/** One honest client after another: sign up, log in, renew some times, log out. Ends when the server does not answer. */
async function useSessions(
  url: string,
  signal: AbortSignal,
  ledger: Ledger,
  newSession: () => number,
): Promise<void> {
  try {
    while (!signal.aborted) {
      const email = `${randomBytes(6).toString("hex")}@example.com`;
      if (!(await post(url, "/signup", { email, password })).ok) return;
      ledger.write({ fact: "signed_up", email });
      for (let logIn = 0; logIn < 3; logIn += 1) {
        const session = newSession();
        let tokens = await tokensOf(await post(url, "/login", { email, password }));
        ledger.write({
          fact: "got_tokens",
          session,
          access: tokens.access_token,
          refresh: tokens.refresh_token,
        });
        for (let renewal = 0; renewal < 4; renewal += 1) {
          tokens = await tokensOf(await renew(url, tokens.refresh_token));
          ledger.write({
            fact: "got_tokens",
            session,
            access: tokens.access_token,
            refresh: tokens.refresh_token,
          });
        }
        if (logIn === 0) continue;
        ledger.write({ fact: "asks_to_log_out", session });
        const { status } = await post(url, "/logout", {}, tokens.access_token);
        if (status !== 204) return;
        ledger.write({ fact: "logged_out", session });
      }
    }
  } catch (error) {
    // The server was killed: its connections broke off. Anything else is a finding.
    if (!(error instanceof TypeError)) throw error;
  }
}

/** Nothing acknowledged is lost, nothing revoked rises again. Returns how many sessions were looked at. */
async function holdToLedger(url: string, ledger: Ledger, firstSession: number): Promise<number> {
  const sessions = new Map<number, SessionOfLedger>();
  const emails: string[] = [];
  for (const fact of ledger.read()) {
    if (fact.fact === "signed_up") emails.push(fact.email);
    else if (fact.fact === "got_tokens") sessions.set(fact.session, { ...fact, state: "alive" });
    else {
      const session = sessions.get(fact.session);
      const state = fact.fact === "logged_out" ? "logged_out" : "uncertain";
      if (session !== undefined) sessions.set(fact.session, { ...session, state });
    }
  }
  const lastEmail = emails.at(-1);
  if (lastEmail !== undefined)
    expect((await post(url, "/login", { email: lastEmail, password })).status).toBe(200);

  let looked = 0;
  for (const [number, session] of sessions) {
    if (number < firstSession || session.state === "uncertain") continue;
    looked += 1;
    const renewal = await renew(url, session.refresh);
    if (session.state === "logged_out") {
      expect([number, await statusOfMe(url, session.access), renewal.status]).toEqual([number, 401, 400]);
      expect(await renewal.json()).toMatchObject({ error: "invalid_grant" });
    } else {
      expect([number, renewal.status]).toEqual([number, 200]);
      const { access_token: access, refresh_token: refresh } = (await renewal.json()) as Tokens;
      expect([number, await statusOfMe(url, access)]).toEqual([number, 200]);
      ledger.write({ fact: "got_tokens", session: number, access, refresh });
    }
  }
  return looked;
}

async function tokensOf(response: Response): Promise<Tokens> {
  expect(response.status).toBe(200);
  return (await response.json()) as Tokens;
}
