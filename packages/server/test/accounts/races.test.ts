// Every pair of account verbs at once ends as one of the two would after the other: no proof and no
// session counts once it is over, however long its request has waited.
import { randomBytes } from "node:crypto";
import { setImmediate } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { createPasswordPolicy } from "../../src/passwords/policy.ts";
import { type AccountsOptions, createAccounts } from "../../src/accounts/accounts.ts";
import { parseEmailAddress } from "../../src/accounts/email-address.ts";
import { ServiceError } from "../../src/errors.ts";
import { createLoginCounts } from "../../src/login/outcomes.ts";
import { hashOfSecret } from "../../src/sessions/cookie-sessions.ts";
import { createDatabaseSessions } from "../../src/sessions/database-sessions.ts";
import { createMemorySessions } from "../../src/sessions/memory-sessions.ts";
import { createMySessions } from "../../src/sessions/my-sessions.ts";
import { revokeEverything } from "../../src/sessions/revoke-everything.ts";
import type { CurrentSession } from "../../src/sessions/session.ts";
import type { Store } from "../database/store.ts";
import { backends } from "../database/backends.ts";
import { isRevoked } from "../database/fixtures.ts";
import { unthrottled } from "../throttling/fixtures.ts";

/** Each with waits of another length in front of the statements. */
const rounds = process.env["TEST_FULL"] === "1" ? 11 : 3;
const limits = { idleSeconds: 600, absoluteSeconds: 3600, perUser: 100 };
const [oldPassword, newPassword] = ["tangerine violin ledger", "another violin ledger"];

/** Takes turns of the event loop in place of a core: the wait is what is tested, not the hash. */
function createPlainHashing(turns: () => number): AccountsOptions["hashing"] {
  const wait = async (): Promise<void> => {
    for (let turn = turns(); turn > 0; turn -= 1) await setImmediate();
  };
  return {
    hash: (password) => wait().then(() => `plain ${password}`),
    verify: (hash, password) => wait().then(() => hash === `plain ${password}`),
    isOutdated: () => false,
  };
}

type Kept = "tokens" | "cookies in the database" | "cookies in memory";

interface Session extends CurrentSession {
  /** What a cookie holds. */
  readonly secret: string | undefined;
}

/** An account, two sessions of it, and what a person may do in each of them. */
async function setUp(store: Store, kept: Kept, turns: () => number) {
  const origin = {};
  const sessionStore =
    kept === "cookies in memory"
      ? createMemorySessions({ accounts: store.accounts, audit: store.audit, limits })
      : createDatabaseSessions(store.sessions);
  const accounts = createAccounts({
    store: store.accounts,
    hashing: createPlainHashing(turns),
    sessionStore,
    proofs: createLoginCounts(),
    throttling: unthrottled,
    passwordPolicy: createPasswordPolicy({ minLength: 15 }),
  });
  const mySessions = createMySessions({ sessions: store.sessions, sessionStore });
  const email = `${randomBytes(6).toString("hex")}@example.com`;
  const { id: userId } = await accounts.signup({ email, password: oldPassword, name: undefined }, origin);

  async function open(password: string): Promise<Session> {
    const { passwordVersion } = await accounts.authenticate(parseEmailAddress(email), password);
    const device = { userAgent: null, address: null };
    const session = { userId, passwordVersion, device, amr: ["pwd"], clientId: "first-party" };
    if (kept === "tokens") {
      const opened = await store.sessions.open({ ...session, carrier: { kind: "token" } });
      if (opened.outcome !== "opened") throw new ServiceError("invalid_credentials");
      return { ...opened.grant, secret: undefined };
    }
    const secret = randomBytes(32).toString("base64url");
    const grant = await sessionStore.open({ secretHash: hashOfSecret(secret) }, session, origin);
    if (grant === undefined) throw new ServiceError("invalid_credentials");
    return { ...grant, secret };
  }

  async function lives({ sid, secret }: Session): Promise<boolean> {
    if (secret === undefined) return (await store.sessions.find(sid))?.live === true;
    return (await sessionStore.use(hashOfSecret(secret))) !== undefined;
  }

  const [first, second] = [await open(oldPassword), await open(oldPassword)];
  const successors: Session[] = [];
  const verbs = {
    async changePassword(session: Session) {
      const secret = kept === "tokens" ? undefined : randomBytes(32).toString("base64url");
      const carrier =
        secret === undefined
          ? { kind: "token" as const }
          : { kind: "cookie" as const, secretHash: hashOfSecret(secret) };
      const change = { currentPassword: oldPassword, newPassword, carrier };
      const { successor } = await accounts.changePassword({ ...session, amr: ["pwd"] }, change, origin);
      successors.push({ ...successor, secret });
    },
    remove: (session: Session) =>
      accounts.remove({ ...session, authTime: 0, factors: 1 }, oldPassword, origin),
    rename: async (session: Session) => void (await accounts.rename(session, "Ada", origin)),
    logout: (session: Session) => mySessions.logout(session, origin),
    logoutOthers: (session: Session) => mySessions.logoutMany(session, "others", origin),
    logoutAll: (session: Session) => mySessions.logoutMany(session, "all", origin),
    endOther: (session: Session) => mySessions.end(session, (session === first ? second : first).sid, origin),
    login: async () => void (await open(oldPassword)),
    revokeEverything: async () => void (await revokeEverything(store.database)),
  };
  const isAsked = (verb: keyof typeof verbs): boolean => verb !== "login" && verb !== "revokeEverything";

  /** As behind the guard. */
  async function run(verb: keyof typeof verbs, session: Session): Promise<"done" | "refused"> {
    try {
      if (isAsked(verb)) {
        if (!(await lives(session))) return "refused";
        // A token tells its date; what is outdated does not pass the guard.
        const { sid, issuedAt, secret } = session;
        if (secret === undefined && (await isRevoked(store, sid, issuedAt))) return "refused";
      }
      await verbs[verb](session);
      return "done";
    } catch (error) {
      if (error instanceof ServiceError) return "refused";
      throw error;
    }
  }

  async function state(): Promise<object> {
    const credentials = await store.accounts.credentials(userId);
    const sessions = [...(await store.sessions.list(userId)), ...(await sessionStore.list(userId))];
    const succeeded = await Promise.all(successors.map(lives));
    return {
      password: credentials?.passwordHash,
      name: credentials?.account.name,
      lives: [await lives(first), await lives(second)],
      sessions: sessions.length,
      succeeded: succeeded.filter((alive) => alive).length,
    };
  }

  return { first, second, run, state };
}

const verbs = [
  "changePassword",
  "remove",
  "rename",
  "logout",
  "logoutOthers",
  "logoutAll",
  "endOther",
  "login",
  "revokeEverything",
] as const;
const pairs = verbs.flatMap((one, index) => verbs.slice(index).map((other) => [one, other] as const));

describe.each(backends)("on $name", (backend) => {
  test.each(["tokens", "cookies in the database", "cookies in memory"] as const)(
    "PW-14, LO-01, TI-09: every pair of account verbs at once ends as one after the other, with %s",
    { timeout: 300_000 },
    async (kept) => {
      const store = await backend.open({ sessions: limits });
      for (const [one, other] of pairs) {
        const possible: object[] = [];
        for (const isFirst of [true, false]) {
          const { first, second, run, state } = await setUp(store, kept, () => 0);
          const early = isFirst ? await run(one, first) : await run(other, second);
          const late = isFirst ? await run(other, second) : await run(one, first);
          const [ofOne, ofOther] = isFirst ? [early, late] : [late, early];
          possible.push({ ofOne, ofOther, ...(await state()) });
        }
        for (let round = 0; round < rounds; round += 1) {
          const { first, second, run, state } = await setUp(store, kept, () => (round * 4) % 11);
          const [ofOne, ofOther] = await Promise.all([run(one, first), run(other, second)]);
          const found = { ofOne, ofOther, ...(await state()) };
          expect(possible, `${one} and ${other}, round ${round}`).toContainEqual(found);
        }
      }
    },
  );
});
