import { describe, expect, test } from "vitest";
import { createDisownedStore } from "../../src/login/disowned-store.ts";
import { defaultGraceSeconds } from "../../src/sessions/session.ts";
import { defaultSessionLimits } from "../../src/settings/limits.ts";
import { backends } from "../database/backends.ts";
import { newAccount, times } from "../database/fixtures.ts";
import { mailOn } from "../mail/fixtures.ts";

/** For 64 at once, on a machine that has much else to do. */
const patient = { statementTimeoutMs: 30_000 };
const limits = { graceSeconds: defaultGraceSeconds, ...defaultSessionLimits };

describe.each(backends)("disowned logins on $name", (backend) => {
  test("ND-01: of 64 uses of one link at once, one ends the session and raises the epoch of devices", async () => {
    const [store] = await backend.openInstances(1, patient);
    if (store === undefined) throw new TypeError("no store");
    const { codes, mailing, outbox } = mailOn(store);
    const { disown } = createDisownedStore(store.database, { limits, mailing, isFor: codes.isFor });
    const { id: userId, email } = await newAccount(store);
    const login = { userId, passwordVersion: 1, device: { userAgent: null, address: null } };
    const opened = await store.sessions.open({
      ...login,
      amr: ["pwd"],
      clientId: "first-party",
      carrier: { kind: "token" },
    });
    const subject = opened.outcome === "opened" ? opened.grant.sid : "";
    const code = {
      purpose: "disown_session",
      addressKey: email,
      userId,
      subject,
      lifetimeMs: 60_000,
    } as const;
    const { found } = await codes.find({ token: await codes.makeLink(code) }, ["disown_session"]);
    const results = await Promise.all(times(64, () => disown(found, false, {})));
    expect(results.filter(({ outcome }) => outcome === "ended")).toHaveLength(1);
    expect(results.filter(({ outcome }) => outcome === "over")).toHaveLength(63);
    expect(await store.accounts.credentials(userId)).toMatchObject({ deviceEpoch: 1, passwordVersion: 1 });
    expect((await store.sessions.find(subject))?.live).toBe(false);
    expect(await outbox.waiting()).toBe(1);
  });
});
