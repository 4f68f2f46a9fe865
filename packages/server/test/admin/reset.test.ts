import { describe, expect, test } from "vitest";
import { createPasswordPolicy } from "../../src/passwords/policy.ts";
import { createAdministration } from "../../src/admin/administration.ts";
import { createPermissions } from "../../src/admin/permissions.ts";
import { createSendReset } from "../../src/password-reset/sending-store.ts";
import { createDatabaseSessions } from "../../src/sessions/database-sessions.ts";
import { defaultGraceSeconds } from "../../src/sessions/session.ts";
import { defaultSessionLimits } from "../../src/settings/limits.ts";
import { backends } from "../database/backends.ts";
import { eventsOf, newAccount } from "../database/fixtures.ts";
import type { Store } from "../database/store.ts";
import { createKeepingTransport, mailOn } from "../mail/fixtures.ts";
import { newActor, outcomeOf, rolePermissions } from "./fixtures.ts";

function setUp(store: Store) {
  const mail = mailOn(store);
  const limits = { graceSeconds: defaultGraceSeconds, ...defaultSessionLimits };
  const administration = createAdministration({
    accounts: store.accounts,
    search: store.accountSearch,
    sessions: store.sessions,
    sessionStore: createDatabaseSessions(store.sessions),
    sendReset: createSendReset(store.database, limits, mail.mailing),
    permissions: createPermissions(rolePermissions),
    hashing: { hash: async (password) => `hash of ${password}` },
    passwordPolicy: createPasswordPolicy({ minLength: 15 }),
  });
  return { mail, administration };
}

describe.each(backends)("a reset by an administrator on $name", (backend) => {
  test("RC-08: is mailed to the owner, however often others have asked, and changes nothing", async () => {
    const store = await backend.open();
    const { mail, administration } = setUp(store);
    const helper = await newActor(store, ["helper"]);
    const { id, email } = await newAccount(store);
    const requested = { purpose: "reset_password", address: email, addressKey: email, locale: "en" } as const;
    for (let count = 0; count < 4; count += 1) await mail.mailing.request(requested);
    await administration.sendReset(helper, id);
    const transport = createKeepingTransport();
    mail.startWorker(transport);
    await expect.poll(() => transport.sent.length, { timeout: 20_000 }).toBe(4);
    expect(transport.sent.every(({ to, codes }) => to === email && codes.length === 1)).toBe(true);
    expect((await store.accounts.credentials(id))?.passwordHash).toBe("hash 1");
    expect(await eventsOf(store, id)).toEqual(["account_created", "password_reset_sent"]);
  });

  test("RC-08: is sent by nobody who may not, whose session is over, or to whoever may do more", async () => {
    const store = await backend.open();
    const { mail, administration } = setUp(store);
    const { id } = await newAccount(store);
    const admin = await newActor(store, ["admin"]);
    const helper = await newActor(store, ["helper"]);
    const send = (actor: typeof admin, userId: string) => outcomeOf(administration.sendReset(actor, userId));
    expect(await send(await newActor(store, ["users:read"]), id)).toBe("forbidden");
    expect(await send(helper, admin.userId)).toBe("forbidden");
    await store.sessions.end({ sid: admin.sid, userId: admin.userId }, "logout");
    expect(await send(admin, id)).toBe("logged_out");
    expect(await send(helper, "A".repeat(22))).toBe("not_found");
    await store.accounts.setStatus(id, "disabled");
    expect(await send(helper, id)).toBe("account_disabled");
    expect(await mail.outbox.waiting()).toBe(0);
  });
});
