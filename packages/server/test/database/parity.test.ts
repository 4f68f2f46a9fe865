// Both databases, one script drawn at random: every answer and every row at the end must agree.
import { sql } from "kysely";
import { expect, test } from "vitest";
import type { Cursor } from "../../src/revocations/cursor.ts";
import type { Store } from "./store.ts";
import { backends } from "./backends.ts";
import { createClock, cursorAt } from "./fixtures.ts";
import { createDice } from "../sessions/dice.ts";
import { revokeEverything } from "../../src/sessions/revoke-everything.ts";

const isFull = process.env["TEST_FULL"] === "1";
const operations = isFull ? 10_000 : 400;
const seeds = isFull ? [1, 2, 3, 4, 5] : [1, 2];

/** Ids are random, so each is told by the order of its appearance, and a hash is not told at all. */
function createNames(): (value: unknown) => unknown {
  const names = new Map<string, string>();
  return (value) =>
    JSON.parse(
      JSON.stringify(value ?? null).replaceAll(/"([\w-]{22})"/g, (_, id: string) => {
        const name = names.get(id) ?? `"id ${names.size}"`;
        names.set(id, name);
        return name;
      }),
    ) as unknown;
}

/** Of sessions that end together, the order in the feed is nobody's business. */
function sorted(answer: unknown): unknown {
  if (typeof answer !== "object" || answer === null || Array.isArray(answer)) return answer;
  const { sessions, entries } = answer as { sessions?: unknown[]; entries?: { entry: unknown }[] };
  const inOrder = (values: unknown[]): unknown[] =>
    values.toSorted((one, other) => (JSON.stringify(one) < JSON.stringify(other) ? -1 : 1));
  return {
    ...answer,
    ...(sessions !== undefined && { sessions: inOrder(sessions) }),
    ...(entries !== undefined && { entries: inOrder(entries.map(({ entry }) => entry)) }),
  };
}

/** Plays the script on one store; the same seed makes the same choices as long as the store gives the same answers. */
async function play(store: Store, seed: number, clock: ReturnType<typeof createClock>): Promise<unknown[]> {
  const dice = createDice(seed);
  const anonymous = createNames();
  const answers: unknown[] = [];
  const users: string[] = ["nobody"];
  const sids: string[] = ["nothing"];
  const tokenSids: string[] = ["nothing"];
  const secrets: string[] = ["no secret"];
  const user = (): string => dice.among(users);
  const origin = (): object => dice.among([{}, { actorId: "root" }, { address: "192.0.2.1" }]);

  const verbs: (() => Promise<unknown>)[] = [
    async () => {
      const emailKey = `user-${dice.upTo(12)}@example.test`;
      const account = {
        email: emailKey,
        emailKey,
        name: null,
        passwordHash: `hash ${dice.upTo(3)}`,
        roles: ["user"],
      };
      const made = await store.accounts.create(account, origin());
      if (made.outcome === "created") users.push(made.account.id);
      return made;
    },
    () => store.accounts.findByEmail(`user-${dice.upTo(12)}@example.test`),
    () => store.accounts.get(user()),
    () =>
      store.accounts.changeName(
        user(),
        dice.among([null, "Ada", "Ünïcode 🦊", ""]),
        origin(),
        dice.chance(0.5) ? undefined : { sid: sids.at(-1) ?? "none" },
      ),
    () => store.accounts.replacePasswordHash(user(), `hash ${dice.upTo(3)}`, `hash ${dice.upTo(3)}`),
    () =>
      store.accounts.changePassword(
        {
          userId: user(),
          passwordVersion: 2 + dice.upTo(3) * dice.upTo(2) - 1,
          newHash: `hash ${dice.upTo(3)}`,
        },
        origin(),
      ),
    () => store.accounts.setRoles(user(), dice.among([[], ["user"], ["user", "admin"]]), origin()),
    () =>
      dice.chance(0.3)
        ? store.accounts.setStatus(user(), dice.among(["active", "disabled"]), origin())
        : store.accounts.credentials(user()),
    () => {
      const proof = { asking: { sid: sids.at(-1) ?? "none" }, passwordVersion: 2 + dice.upTo(2) };
      if (dice.chance(0.2)) return store.accounts.delete(user(), origin());
      return dice.chance(0.2) ? store.accounts.delete(user(), origin(), proof) : store.accounts.get(user());
    },
    () => store.sessions.list(user()),
    () => store.sessions.find(dice.among(sids)),
    () => store.sessions.end({ sid: dice.among(sids), userId: user() }, "revoked", origin()),
    () => store.sessions.end({ sid: dice.among(sids) }, "logout", origin()),
    () =>
      dice.chance(0.5)
        ? store.sessions.endAll(user(), dice.among([null, dice.among(sids)]), "logout", origin())
        : store.sessions.endAllAsked(user(), null, { sid: sids.at(-1) ?? "none" }, "logout", origin()),
    () => store.sessions.useCookie(dice.among(secrets)),
    () => store.sessions.endCookie(dice.among(secrets)),
    () => store.sessions.prune(),
    () => store.revocations.prune(),
    async () => withoutEpoch(await store.revocations.since(await cursorAt(store, dice.upTo(40)), 1000)),
    async () => withoutEpoch(await store.revocations.snapshot()),
    async () =>
      dice.chance(0.1)
        ? revokeEverything(store.database, origin())
        : withoutEpoch(await store.revocations.snapshot()),
    () => store.audit.list({ limit: 1 + dice.upTo(5), before: dice.upTo(50) }),
  ];
  const open = async (): Promise<unknown> => {
    const secretHash = `secret ${secrets.length}`;
    const isCookie = dice.chance(0.3);
    const opened = await store.sessions.open(
      {
        userId: user(),
        passwordVersion: dice.among([1, 1, 1, 2]),
        carrier: isCookie ? { kind: "cookie", secretHash } : { kind: "token" },
        device: { userAgent: "a browser", address: null },
        amr: ["pwd"],
        clientId: "first-party",
      },
      origin(),
    );
    if (opened.outcome === "opened") {
      sids.push(opened.grant.sid);
      if (isCookie) secrets.push(secretHash);
      else tokenSids.push(opened.grant.sid);
    }
    return opened;
  };
  const renew = (): Promise<unknown> =>
    store.sessions.renew(
      { sid: dice.among(tokenSids.slice(-2)), generation: dice.upTo(dice.among([1, 2, 3])) },
      origin(),
    );

  for (let index = 0; index < operations; index += 1) {
    clock.advanceMs(dice.among([1, 300, 999, 2000, 11_000]));
    if (dice.chance(0.01)) clock.advanceMs(dice.upTo(10 * 86_400_000));
    const verb = dice.chance(0.4) ? renew : dice.among([open, open, open, ...verbs]);
    answers.push(sorted(anonymous(await verb())));
  }

  answers.push(await store.audit.verifyChain().then(({ outcome }) => outcome));
  for (const table of ["users", "sessions", "revocations", "audit", "journal"]) {
    const { rows } = await sql<Record<string, unknown>>`select * from ${sql.table(table)}`.execute(store.db);
    // Hashes of the trail depend on ids, each log has an epoch of its own, and PostgreSQL alone tells a history.
    const told = rows.map((row) =>
      JSON.stringify(
        anonymous({
          ...row,
          hash: "",
          audit_hash: "",
          revocation_epoch: "",
          system_identifier: null,
          timeline: null,
          ...(table === "revocations" && { seq: 0 }),
        }),
      ),
    );
    answers.push(table, told.toSorted());
  }
  return answers;
}

test.each(seeds)(
  `MI-01: ${operations} operations answer and write the same on both databases (seed %i)`,
  async (seed) => {
    const [first, second] = await Promise.all(
      backends.map(async (backend) => {
        const clock = createClock();
        const store = await backend.open({ nowMs: clock.nowMs });
        return play(store, seed, clock);
      }),
    );
    expect(first).toEqual(second);
    // The script comes to what matters.
    const outcomes = new Set(JSON.stringify(first).match(/(?<="outcome":")\w+/g));
    const all = [
      "renewed",
      "repeated",
      "reused",
      "from_future",
      "ended",
      "unknown",
      "opened",
      "refused",
      "changed",
    ];
    expect(all.filter((outcome) => !outcomes.has(outcome))).toEqual([]);
  },
);

/** Each database drew its own. */
function withoutEpoch({ cursor, ...rest }: { readonly cursor: Cursor }): object {
  return { ...rest, number: cursor.number };
}
