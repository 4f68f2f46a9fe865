// What administrators may do to whom, judged when it is done.
import { describe, expect, test } from "vitest";
import { backends } from "../database/backends.ts";
import { eventsOf, isRevoked, newAccount, openSession, times } from "../database/fixtures.ts";
import { administrationOn, administratorRoles, newActor, outcomeOf } from "./fixtures.ts";

const operator = { operator: "command line" };
/** Many of a race wait for one row, on a busy machine for long; what they wait for is not the time. */
const inRaces = {
  administratorRoles,
  statementTimeoutMs: 60_000,
  connectTimeoutMs: 60_000,
  sessions: { graceSeconds: 240 },
};

describe.each(backends)("administration on $name", (backend) => {
  const open = () => backend.open({ administratorRoles });

  test("an account that an administrator makes has no password that anybody knows", async () => {
    const store = await open();
    const admin = await newActor(store, ["admin"]);
    const administration = administrationOn(store);
    const made = await administration.create(admin, { email: "Grace@Example.test", name: "Grace" });
    expect(made).toMatchObject({
      email: "Grace@example.test",
      name: "Grace",
      roles: ["user"],
      status: "active",
    });
    const credentials = await store.accounts.findByEmail("grace@example.test");
    expect(credentials?.passwordHash).toMatch(/^hash of [\w-]{43}$/);
    const again = administration.create(admin, { email: "grace@example.test" });
    expect(await outcomeOf(again)).toBe("email_taken");
    expect(await outcomeOf(administration.create(admin, { email: "grace" }))).toBe("email_invalid");
    const withPassword = { email: "eve@example.test", password: "tangerine violin ledger" };
    expect(await outcomeOf(administration.create(admin, withPassword))).toBe("forbidden");
    const [event] = await store.audit.list({ limit: 1, userId: made.id });
    expect(event).toMatchObject({ event: "account_created", actorId: admin.userId, address: "192.0.2.9" });
  });

  test("whoever runs the server makes accounts with a password and any role, and it is judged", async () => {
    const store = await open();
    const administration = administrationOn(store);
    const account = { email: "ada@example.test", roles: ["admin"] };
    const made = await administration.create(operator, { ...account, password: "tangerine violin ledger" });
    expect(made.roles).toEqual(["admin"]);
    expect((await store.accounts.credentials(made.id))?.passwordHash).toBe("hash of tangerine violin ledger");
    const weak = administration.create(operator, { email: "b@example.test", password: "password" });
    expect(await outcomeOf(weak)).toMatch(/^password_/);
    const [event] = await store.audit.list({ limit: 1, userId: made.id });
    expect(event).toMatchObject({ actorId: "command line", address: null });
  });

  test("AD-02: nobody grants what they lack, or acts on an account that may do more than they", async () => {
    const store = await open();
    const administration = administrationOn(store);
    const [admin, granter, helper] = [
      await newActor(store, ["admin"]),
      await newActor(store, ["granter"]),
      await newActor(store, ["user", "helper"]),
    ];
    const person = await newAccount(store);
    const { setRoles, disable, remove, endSessions, create } = administration;

    // Roles change with roles:write alone.
    expect(await outcomeOf(setRoles(helper, person.id, ["user", "editor"]))).toBe("forbidden");
    expect(await outcomeOf(setRoles(helper, helper.userId, ["user", "helper", "admin"]))).toBe("forbidden");
    const editor = { email: "c@example.test", roles: ["editor"] };
    expect(await outcomeOf(create(helper, editor))).toBe("forbidden");
    // A role beyond the granter's own, for oneself or somebody else.
    expect(await outcomeOf(setRoles(granter, granter.userId, ["granter", "helper"]))).toBe("forbidden");
    expect(await outcomeOf(setRoles(granter, person.id, ["admin"]))).toBe("forbidden");
    expect(await outcomeOf(setRoles(granter, person.id, ["editor", "granter"]))).toMatchObject({
      roles: ["editor", "granter"],
    });
    // An account that may do more, whatever is asked.
    for (const target of [admin.userId, granter.userId]) {
      expect(await outcomeOf(disable(helper, target))).toBe("forbidden");
      expect(await outcomeOf(remove(helper, target))).toBe("forbidden");
      expect(await outcomeOf(endSessions(helper, target))).toBe("forbidden");
    }
    expect(await outcomeOf(setRoles(granter, admin.userId, ["user"]))).toBe("forbidden");
    expect(await outcomeOf(setRoles(granter, helper.userId, ["user"]))).toBe("forbidden");
    expect(await outcomeOf(disable(granter, person.id))).toBe("forbidden");
    expect((await store.accounts.get(admin.userId))?.roles).toEqual(["admin"]);
    // The trail says nothing of what was refused.
    expect(await eventsOf(store, admin.userId)).toEqual(["account_created", "session_opened"]);
  });

  test("disabling ends every session in the feed too, and enabling brings none back", async () => {
    const store = await open();
    const administration = administrationOn(store);
    const helper = await newActor(store, ["helper"]);
    const person = await newAccount(store);
    const { sid, issuedAt } = await openSession(store, person.id);
    expect(await administration.disable(helper, person.id)).toMatchObject({ status: "disabled" });
    expect(await isRevoked(store, sid, issuedAt)).toBe(true);
    expect(await administration.sessions(person.id)).toEqual([]);
    expect(await administration.enable(helper, person.id)).toMatchObject({ status: "active" });
    expect(await administration.sessions(person.id)).toEqual([]);
    await administration.remove(helper, person.id);
    expect(await outcomeOf(administration.show(person.id))).toBe("not_found");
    const events = await store.audit.list({ limit: 3, userId: person.id });
    expect(events.map(({ event, actorId }) => [event, actorId])).toEqual([
      ["account_deleted", helper.userId],
      ["account_enabled", helper.userId],
      ["account_disabled", helper.userId],
    ]);
  });

  test("the sessions of an account are shown and ended, one or all", async () => {
    const store = await open();
    const administration = administrationOn(store);
    const helper = await newActor(store, ["helper"]);
    const person = await newAccount(store);
    const [first] = [await openSession(store, person.id), await openSession(store, person.id)];
    expect(await administration.sessions(person.id)).toHaveLength(2);
    await administration.endSession(helper, person.id, first.sid);
    await administration.endSession(helper, person.id, first.sid);
    expect(await administration.sessions(person.id)).toHaveLength(1);
    const elsewhere = administration.endSession(helper, person.id, helper.sid);
    expect(await outcomeOf(elsewhere)).toBe("not_found");
    await administration.endSessions(helper, person.id);
    expect(await administration.sessions(person.id)).toEqual([]);
    expect(await outcomeOf(administration.endSessions(helper, "nobody"))).toBe("not_found");
    expect(await outcomeOf(administration.sessions("nobody"))).toBe("not_found");
  });

  test("roles that are no words, too many or there twice are refused", async () => {
    const store = await open();
    const administration = administrationOn(store);
    const { id } = await newAccount(store);
    const wrong = [["a role"], ['"'], [""], ["a".repeat(65)], ["a", "a"], times(17, String), ["rôle"]];
    for (const roles of wrong)
      expect(await outcomeOf(administration.setRoles(operator, id, roles))).toBe("roles_invalid");
    expect(await administration.setRoles(operator, id, [])).toMatchObject({ roles: [] });
  });

  test("AD-03: the last administrator cannot be demoted, disabled or removed, by nobody and not by itself", async () => {
    const store = await open();
    const administration = administrationOn(store);
    const admin = await newActor(store, ["admin", "user"]);
    // Neither is an administrator: one may not log in, the other may not do everything.
    const disabled = await newAccount(store, ["admin"]);
    await administration.disable(operator, disabled.id);
    await newAccount(store, ["helper", "granter", "users:write", "admin2", "xadmin"]);
    for (const actor of [admin, operator]) {
      expect(await outcomeOf(administration.setRoles(actor, admin.userId, ["user"]))).toBe(
        "last_administrator",
      );
      expect(await outcomeOf(administration.disable(actor, admin.userId))).toBe("last_administrator");
      expect(await outcomeOf(administration.remove(actor, admin.userId))).toBe("last_administrator");
    }
    const proof = { asking: { sid: admin.sid }, passwordVersion: 1 };
    const removal = await store.accounts.delete(admin.userId, {}, proof);
    expect(removal).toEqual({ outcome: "last_administrator" });
    expect(await eventsOf(store, admin.userId)).toEqual(["account_created", "session_opened"]);
    expect(await administration.sessions(admin.userId)).toHaveLength(1);
    // Other roles may change, and with a second administrator everything may.
    await administration.setRoles(admin, admin.userId, ["admin"]);
    // The token that asked states the old ones, and is dead with them.
    expect(await outcomeOf(administration.enable(admin, disabled.id))).toBe("logged_out");
    const renewal = await store.sessions.renew({ sid: admin.sid, generation: 0 });
    if (renewal.outcome !== "renewed") throw new TypeError(renewal.outcome);
    const again = { ...admin, issuedAt: renewal.grant.issuedAt };
    await administration.enable(again, disabled.id);
    await administration.remove(again, admin.userId);
    expect(await outcomeOf(administration.remove(operator, disabled.id))).toBe("last_administrator");
  });

  test("AD-03: of two administrators that demote each other at once, one stays", async () => {
    for (const _ of times(6, String)) {
      const [one, other] = await backend.openInstances(2, inRaces);
      if (one === undefined || other === undefined) return;
      const [ada, grace] = [await newActor(one, ["admin"]), await newActor(one, ["admin"])];
      const outcomes = await Promise.all([
        outcomeOf(administrationOn(one).setRoles(ada, grace.userId, ["user"])),
        outcomeOf(administrationOn(other).setRoles(grace, ada.userId, ["user"])),
      ]);
      expect(outcomes.filter((outcome) => outcome === "forbidden")).toHaveLength(1);
      const roles = await Promise.all([ada, grace].map(({ userId }) => one.accounts.get(userId)));
      expect(roles.filter((account) => account?.roles.includes("admin") === true)).toHaveLength(1);
    }
  });

  test("AD-03: of 64 administrators that go at once by every way, one stays", async () => {
    const stores = await backend.openInstances(3, inRaces);
    const [store] = stores;
    if (store === undefined) return;
    const admins = await Promise.all(times(64, () => newActor(store, ["admin"])));
    const outcomes = await Promise.all(
      admins.map(async (admin, index) => {
        const instance = stores[index % 3] ?? store;
        const administration = administrationOn(instance);
        const ways = [
          () => administration.setRoles(admin, admin.userId, ["user"]),
          () => administration.disable(admin, admin.userId),
          () => administration.remove(admin, admin.userId),
          () =>
            instance.accounts.delete(admin.userId, {}, { asking: { sid: admin.sid }, passwordVersion: 1 }),
        ];
        const outcome = await outcomeOf(Promise.resolve(ways[index % 4]?.()));
        return isOutcome(outcome) ? outcome.outcome : outcome;
      }),
    );
    expect(outcomes.filter((outcome) => outcome === "last_administrator")).toHaveLength(1);
    const left = await Promise.all(admins.map(({ userId }) => store.accounts.get(userId)));
    const administrators = left.filter(
      (account) => account?.status === "active" && account.roles.includes("admin"),
    );
    expect(administrators).toHaveLength(1);
  });

  test("AD-02: what an administrator was before a wait counts no more after it", async () => {
    const store = await open();
    const administration = administrationOn(store);
    await newActor(store, ["admin"]);
    const person = await newAccount(store);
    const losses: Readonly<Record<string, (actor: { userId: string; sid: string }) => Promise<unknown>>> = {
      "the role": ({ userId }) => store.accounts.setRoles(userId, ["user"]),
      "the session": ({ userId, sid }) => store.sessions.end({ userId, sid }, "logout"),
      "the account": ({ userId }) => store.accounts.delete(userId),
      "the right to log in": ({ userId }) => store.accounts.setStatus(userId, "disabled"),
    };
    for (const [loss, lose] of Object.entries(losses)) {
      const actor = await newActor(store, ["admin"]);
      await lose(actor);
      const expected = loss === "the role" ? "forbidden" : "logged_out";
      const verbs = [
        () => administration.create(actor, { email: "late@example.test" }),
        () => administration.setRoles(actor, person.id, ["admin"]),
        () => administration.disable(actor, person.id),
        () => administration.enable(actor, person.id),
        () => administration.remove(actor, person.id),
        () => administration.endSession(actor, person.id, "A".repeat(22)),
        () => administration.endSessions(actor, person.id),
      ];
      for (const verb of verbs) expect(await outcomeOf(verb()), `${loss}: ${String(verb)}`).toBe(expected);
    }
    expect(await eventsOf(store, person.id)).toEqual(["account_created"]);
  });
});

function isOutcome(value: unknown): value is { readonly outcome: string } {
  return typeof value === "object" && value !== null && "outcome" in value;
}
