// What ends that devices are known, as part of the change that it belongs to.
import { randomBytes } from "node:crypto";
import { describe, expect, test } from "vitest";
import { createDeviceTokens } from "../../src/devices/device-token.ts";
import { createDevices } from "../../src/devices/devices.ts";
import { createDeviceStore } from "../../src/devices/store.ts";
import { createMasterKey } from "../../src/keys/master-key.ts";
import { createMemorySessions } from "../../src/sessions/memory-sessions.ts";
import { backends } from "../database/backends.ts";
import { newAccount, openSession, times } from "../database/fixtures.ts";
import type { Store } from "../database/store.ts";

const tokens = createDeviceTokens(createMasterKey(randomBytes(32)).derive("device-token"));
const device = { userAgent: null, address: null };

async function setUp(store: Store) {
  const devices = createDevices({ store: createDeviceStore(store.database), tokens });
  const { id, email } = await newAccount(store);
  const deviceEpoch = async (): Promise<number> =>
    (await store.accounts.credentials(id))?.deviceEpoch ?? Number.NaN;
  const issue = async (): Promise<string> => devices.issue({ userId: id, deviceEpoch: await deviceEpoch() });
  const isKnown = async (token: string): Promise<boolean> =>
    (await devices.recognise([token], email)) !== undefined;
  return { id, email, devices, deviceEpoch, issue, isKnown };
}

const changePassword = async (store: Store, userId: string, passwordVersion = 1) =>
  store.accounts.changePassword({ userId, passwordVersion, newHash: "hash 2" });

/** Whether devices are still known afterwards. */
const verbs: Readonly<Record<string, [(store: Store, userId: string) => Promise<unknown>, boolean]>> = {
  "log out everywhere": [
    async (store, id) =>
      store.sessions.endAllAsked(id, null, { sid: (await openSession(store, id)).sid }, "logout"),
    false,
  ],
  "the end of all sessions": [(store, id) => store.sessions.endAll(id, null, "revoked"), false],
  "a new password": [changePassword, false],
  disabling: [(store, id) => store.accounts.setStatus(id, "disabled"), false],
  deleting: [(store, id) => store.accounts.delete(id), false],
  "log out of the others": [
    async (store, id) => {
      const { sid } = await openSession(store, id);
      return store.sessions.endAllAsked(id, sid, { sid }, "logout");
    },
    true,
  ],
  "log out everywhere by a session that is over": [
    (store, id) => store.sessions.endAllAsked(id, null, { sid: "A".repeat(22) }, "logout"),
    true,
  ],
  "a new password that came too late": [(store, id) => changePassword(store, id, 7), true],
  enabling: [(store, id) => store.accounts.setStatus(id, "active"), true],
  "other roles": [(store, id) => store.accounts.setRoles(id, ["admin"]), true],
  "another name": [(store, id) => store.accounts.changeName(id, "Ada"), true],
};

describe.each(backends)("on $name", (backend) => {
  test("TH-04: a device is known until something ends that, and afterwards by a new token alone", async () => {
    const store = await backend.open();
    for (const [what, [run, expected]] of Object.entries(verbs)) {
      const { id, issue, isKnown } = await setUp(store);
      const token = await issue();
      expect(await isKnown(token), `before ${what}`).toBe(true);
      await run(store, id);
      expect(await isKnown(token), `after ${what}`).toBe(expected);
      if (what !== "deleting") expect(await isKnown(await issue()), `again after ${what}`).toBe(true);
    }
  });

  test("what a new password gives is the epoch that it made", async () => {
    const store = await backend.open();
    const { id, deviceEpoch } = await setUp(store);
    const changed = await changePassword(store, id);
    expect(changed).toMatchObject({ outcome: "changed", deviceEpoch: await deviceEpoch() });
  });

  test.each(["in the database", "in memory"])(
    "a login under way that a known device was let in for opens nothing once it is known no more, %s",
    async (kept) => {
      const store = await backend.open();
      const { id } = await setUp(store);
      const memory = createMemorySessions({
        ...store,
        limits: { idleSeconds: 600, absoluteSeconds: 3600, perUser: 100 },
      });
      const open = async (deviceEpoch: number | undefined): Promise<boolean> => {
        const session = {
          userId: id,
          passwordVersion: 1,
          deviceEpoch,
          device,
          amr: ["pwd"],
          clientId: "first-party",
        };
        if (kept === "in memory")
          return (
            (await memory.open({ secretHash: randomBytes(8).toString("hex") }, session, {})) !== undefined
          );
        const opened = await store.sessions.open({ ...session, carrier: { kind: "token" } });
        return opened.outcome === "opened";
      };
      expect(await open(0)).toBe(true);
      await store.sessions.endAll(id, null, "logout");
      expect(await open(0)).toBe(false);
      expect(await open(1)).toBe(true);
      // From an unknown device it is a login like any other.
      expect(await open(undefined)).toBe(true);
    },
  );

  test("of 64 logins of a known device and a log-out everywhere at once, none outlives it that came before", async () => {
    const [store, other] = await backend.openInstances(2, { statementTimeoutMs: 60_000 });
    if (store === undefined || other === undefined) throw new TypeError("nothing was opened");
    const { id, deviceEpoch } = await setUp(store);
    const session = {
      userId: id,
      passwordVersion: 1,
      deviceEpoch: 0,
      device,
      amr: ["pwd"],
      clientId: "first-party",
      carrier: { kind: "token" },
    } as const;
    const logins = times(64, () => store.sessions.open(session));
    await Promise.all([...logins, other.sessions.endAll(id, null, "logout")]);
    expect(await deviceEpoch()).toBe(1);
    expect(await store.sessions.list(id)).toEqual([]);
  });
});
