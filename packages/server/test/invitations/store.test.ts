import { sql } from "kysely";
import { describe, expect, test } from "vitest";
import { createAdministrators } from "../../src/accounts/administrators.ts";
import { type AccountStore, createAccountStore } from "../../src/accounts/store.ts";
import { createMayInvite } from "../../src/admin/inviting.ts";
import { createPermissions } from "../../src/admin/permissions.ts";
import { type Invitation, createInvitationStore } from "../../src/invitations/store.ts";
import { createTakeInvitation } from "../../src/invitations/taking-store.ts";
import { createMailInvitations } from "../../src/invitations/mail-store.ts";
import type { FoundCode } from "../../src/one-time-codes/store.ts";
import { defaultGraceSeconds } from "../../src/sessions/session.ts";
import { defaultSessionLimits } from "../../src/settings/limits.ts";
import { rolePermissions } from "../admin/fixtures.ts";
import { backends } from "../database/backends.ts";
import { newAccount, times } from "../database/fixtures.ts";
import type { Store } from "../database/store.ts";
import { mailOn } from "../mail/fixtures.ts";

const limits = { graceSeconds: defaultGraceSeconds, ...defaultSessionLimits };
const permissions = createPermissions(rolePermissions);
/** For 64 at once, on a machine that has much else to do. */
const patient = { statementTimeoutMs: 30_000 };
const eve = "eve@example.com";

function accountsOn(store: Store): AccountStore {
  return createAccountStore(store.database, limits, {
    administrators: createAdministrators(store.database, permissions.administratorRoles),
    mailing: mailOn(store).mailing,
    takeInvitation: createTakeInvitation(store.database, createMayInvite(permissions)),
  });
}

function setUp(store: Store) {
  const { codes, mailing, outbox } = mailOn(store);
  const invitations = createInvitationStore(store.database, limits, mailing);
  const invite = async (roles: readonly string[] = ["user"], lifetimeMs = 60_000): Promise<Invitation> => {
    const earlier = await invitations.at(eve);
    const wanted = { email: eve, emailKey: eve, roles, locale: "en", lifetimeMs, earlier } as const;
    const sent = await invitations.send(wanted, {});
    if (sent.outcome !== "sent") throw new TypeError(sent.outcome);
    return sent.invitation;
  };
  const codeFor = async ({ id }: Invitation): Promise<FoundCode> => {
    const made = { purpose: "invitation", addressKey: eve, userId: null, subject: id } as const;
    return codes.findInvitation(await codes.makeLink({ ...made, lifetimeMs: 60_000 }));
  };
  return { invitations, invite, codeFor, outbox };
}

const signUp = (accounts: AccountStore, invitation: FoundCode, email = eve, passwordHash = "hash") =>
  accounts.create({ email, emailKey: email, name: null, passwordHash, roles: ["user"], invitation });

describe.each(backends)("invitations on $name", (backend) => {
  test("IN-02: of 64 sign-ups with one invitation at once, one makes the account", async () => {
    const instances = await backend.openInstances(3, patient);
    const [first] = instances as [Store];
    const { invite, codeFor, invitations } = setUp(first);
    const code = await codeFor(await invite(["user", "editor"]));
    const made = await Promise.all(
      times(64, (index) =>
        signUp(accountsOn(instances[index % instances.length] ?? first), code, eve, `hash of ${index}`),
      ),
    );
    const won = made.flatMap(({ outcome }, index) => (outcome === "created" ? [index] : []));
    expect(won).toHaveLength(1);
    const stored = await first.accounts.findByEmail(eve);
    expect(stored?.passwordHash).toBe(`hash of ${won[0]}`);
    expect(stored?.account).toMatchObject({ roles: ["user", "editor"] });
    expect(stored?.account.emailVerifiedAtMs).not.toBeNull();
    expect(await invitations.list({ limit: 10 })).toEqual([]);
  });

  test("IN-02: an invitation opens once, even where the account is gone again", async () => {
    const store = await backend.open();
    const { invite, codeFor } = setUp(store);
    const invitation = await invite();
    const [code, another] = [await codeFor(invitation), await codeFor(invitation)];
    const made = await signUp(accountsOn(store), code);
    if (made.outcome !== "created") throw new TypeError(made.outcome);
    await store.accounts.delete(made.account.id);
    for (const used of [code, another])
      expect((await signUp(accountsOn(store), used)).outcome).toBe("code_invalid");
    expect(await store.accounts.findByEmail(eve)).toBeUndefined();
  });

  test("IN-03: it makes no account at another address, and is not used up by the attempt", async () => {
    const store = await backend.open();
    const { invite, codeFor } = setUp(store);
    const code = await codeFor(await invite());
    expect((await signUp(accountsOn(store), code, "mallory@example.com")).outcome).toBe("code_invalid");
    expect(await store.accounts.findByEmail("mallory@example.com")).toBeUndefined();
    expect((await signUp(accountsOn(store), code)).outcome).toBe("created");
  });

  test("IN-04: it is over when its time is, and is forgotten then", async () => {
    const store = await backend.open();
    const { invite, codeFor, invitations } = setUp(store);
    const invitation = await invite();
    const code = await codeFor(invitation);
    await sql`update invitations set expires_at = expires_at - 60000`.execute(store.db);
    expect((await signUp(accountsOn(store), code)).outcome).toBe("code_invalid");
    expect(await invitations.list({ limit: 10 })).toEqual([]);
    expect(await createMailInvitations(store.database).open(invitation.id)).toBeUndefined();
    // One that is over stands in nobody's way.
    const again = await invite();
    expect(again.id).not.toBe(invitation.id);
    await sql`update invitations set expires_at = expires_at - 60000`.execute(store.db);
    expect(await invitations.prune()).toBe(1);
  });

  test("IN-05: sent once more, links of before work with the roles of now; taken back, none works", async () => {
    const store = await backend.open();
    const { invite, codeFor, invitations, outbox } = setUp(store);
    const first = await invite(["user", "editor"]);
    const code = await codeFor(first);
    const second = await invite(["user"]);
    expect(second.id).toBe(first.id);
    expect(await outbox.waiting()).toBe(2);
    // Judged by what it was before: nothing happens.
    expect((await invitations.revoke(first, {})).outcome).toBe("outdated");
    expect((await invitations.revoke(second, {})).outcome).toBe("revoked");
    expect((await signUp(accountsOn(store), code)).outcome).toBe("code_invalid");
    const third = await invite(["user"]);
    const sent = await signUp(accountsOn(store), await codeFor(third));
    expect(sent).toMatchObject({ outcome: "created", account: { roles: ["user"] } });
  });

  test("IN-06: of 64 at once that replace what they read, one does, and nothing is lost unseen", async () => {
    const [store] = (await backend.openInstances(1, patient)) as [Store];
    const { invite, invitations } = setUp(store);
    const earlier = await invite(["user"]);
    const sent = await Promise.all(
      times(64, (index) => {
        const roles = ["user", `role${index}`];
        const wanted = { email: eve, emailKey: eve, roles, locale: "en", lifetimeMs: 60_000 } as const;
        return invitations.send({ ...wanted, earlier }, {});
      }),
    );
    expect(sent.filter(({ outcome }) => outcome === "sent")).toHaveLength(1);
    expect(sent.filter(({ outcome }) => outcome === "outdated")).toHaveLength(63);
  });

  test.each(["loses the role", "is disabled", "is deleted"])(
    "IN-07: it is dead when whoever invited %s",
    async (fate) => {
      const store = await backend.open();
      const { invite, codeFor } = setUp(store);
      const inviter = await newAccount(store, ["admin"]);
      const code = await codeFor(await invite(["user", "admin"]));
      await sql`update invitations set invited_by = ${inviter.id}`.execute(store.db);
      if (fate === "loses the role") await store.accounts.setRoles(inviter.id, ["user", "helper"]);
      if (fate === "is disabled") await store.accounts.setStatus(inviter.id, "disabled");
      if (fate === "is deleted") await store.accounts.delete(inviter.id);
      expect((await signUp(accountsOn(store), code)).outcome).toBe("code_invalid");
      expect(await store.accounts.findByEmail(eve)).toBeUndefined();
    },
  );

  test("IN-01: nobody is invited to an address that has an account", async () => {
    const store = await backend.open();
    const { invitations } = setUp(store);
    const { email } = await newAccount(store);
    const wanted = { email, emailKey: email, roles: ["user"], locale: "en", lifetimeMs: 60_000 } as const;
    expect((await invitations.send({ ...wanted, earlier: undefined }, {})).outcome).toBe("email_taken");
  });
});
