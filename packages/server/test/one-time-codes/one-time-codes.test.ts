import { describe, expect, test } from "vitest";
import { ServiceError } from "../../src/errors.ts";
import type { Presented, RightCode } from "../../src/one-time-codes/one-time-codes.ts";
import { consumeCode, createCodeStore, killCodes, maxWrongTries } from "../../src/one-time-codes/store.ts";
import { backends } from "../database/backends.ts";
import { createClock, newAccount, times } from "../database/fixtures.ts";
import type { Store } from "../database/store.ts";
import { mailOn } from "../mail/fixtures.ts";

const address = "ada@example.com";
const wrong = "0000-0000";

/** For 64 at once, on a machine that has much else to do. */
const patient = { statementTimeoutMs: 30_000 };

async function setUp(store: Store) {
  const { codes } = mailOn(store);
  const { id: userId } = await newAccount(store);
  const make = (addressKey = address) =>
    codes.make({ purpose: "reset_password", addressKey, userId, lifetimeMs: 60_000 });
  const find = (presented: Presented): Promise<RightCode | undefined> =>
    codes.find(presented, ["reset_password"]).catch((error: unknown) => {
      if (error instanceof ServiceError && error.code === "code_invalid") return undefined;
      throw error;
    });
  const consume = ({ found }: RightCode): Promise<boolean> =>
    store.database.change((change) => consumeCode(store.database, change, found));
  return { codes, userId, make, find, consume };
}

describe.each(backends)("one-time codes on $name", (backend) => {
  test("RC-01: a link and a code lead to the same, for their purpose and address alone", async () => {
    const store = await backend.open();
    const { codes, userId, make, find } = await setUp(store);
    const { token, code } = await make();
    expect((await find({ token }))?.found.userId).toBe(userId);
    expect((await find({ addressKey: address, code }))?.found.userId).toBe(userId);
    expect(await find({ addressKey: "grace@example.com", code })).toBeUndefined();
    expect(await find({ addressKey: undefined, code })).toBeUndefined();
    expect(await find({ token: token.replace(/./, (first) => (first === "A" ? "B" : "A")) })).toBeUndefined();
    await expect(codes.find({ token }, ["verify_address"])).rejects.toMatchObject({ code: "code_invalid" });
    await expect(codes.find({ addressKey: address, code }, ["verify_address"])).rejects.toMatchObject({
      code: "code_invalid",
    });
  });

  test("RC-01: of 64 uses at once one is the use, and afterwards there is none", async () => {
    const [store] = await backend.openInstances(1, patient);
    if (store === undefined) throw new TypeError("no store");
    const { make, find, consume } = await setUp(store);
    const { token } = await make();
    const right = await find({ token });
    if (right === undefined) throw new TypeError("no code");
    const used = await Promise.all(times(64, () => consume(right)));
    expect(used.filter((isUsed) => isUsed)).toHaveLength(1);
    expect(await find({ token })).toBeUndefined();
  });

  test("RC-01: neither works when its time is over", async () => {
    const clock = createClock();
    const store = await backend.open({ nowMs: clock.nowMs });
    const { make, find, consume } = await setUp(store);
    const { token, code } = await make();
    const right = await find({ token });
    clock.advanceMs(59_999);
    expect(await find({ token })).toBeDefined();
    clock.advanceMs(1);
    expect(await find({ token })).toBeUndefined();
    expect(await find({ addressKey: address, code })).toBeUndefined();
    // What was found in time is not used after it.
    expect(right && (await consume(right))).toBe(false);
  });

  test("RC-02: of 64 wrong codes at once ten are compared; the code is dead, and the link of its mail lives", async () => {
    const instances = await backend.openInstances(3, patient);
    const [store] = instances;
    if (store === undefined) throw new TypeError("no store");
    const { make, find } = await setUp(store);
    const { token, code } = await make();
    await Promise.all(
      times(64, async (index) => {
        const { codes } = mailOn(instances[index % 3] ?? store);
        await codes.find({ addressKey: address, code: wrong }, ["reset_password"]).catch(() => undefined);
      }),
    );
    const [row] = await store.database.db.selectFrom("one_time_codes").select("wrong_tries").execute();
    expect(row?.wrong_tries).toBe(maxWrongTries);
    expect(await find({ addressKey: address, code })).toBeUndefined();
    expect(await find({ token })).toBeDefined();
  });

  test("RC-02: the ninth wrong code leaves a try, and one that was right and not used costs none", async () => {
    const store = await backend.open();
    const { make, find } = await setUp(store);
    const { code } = await make();
    for (let tries = 0; tries < maxWrongTries - 1; tries += 1)
      await find({ addressKey: address, code: wrong });
    for (let tries = 0; tries < 5; tries += 1) {
      const right = await find({ addressKey: address, code });
      expect(right).toBeDefined();
      await right?.spare();
    }
    await find({ addressKey: address, code: wrong });
    expect(await find({ addressKey: address, code })).toBeUndefined();
  });

  test("RC-03: a new mail leaves the older one as it is, and the use of one voids all", async () => {
    const store = await backend.open();
    const { userId, make, find } = await setUp(store);
    const mails = [await make(), await make(), await make()];
    for (const { token, code } of mails) {
      expect(await find({ token })).toBeDefined();
      await (await find({ addressKey: address, code }))?.spare();
    }
    await store.database.change((change) => killCodes(change, userId, ["reset_password"]));
    for (const { token, code } of mails) {
      expect(await find({ token })).toBeUndefined();
      expect(await find({ addressKey: address, code })).toBeUndefined();
    }
  });

  test("RC-04: where nobody has the address, tries count as elsewhere, and no code is right", async () => {
    const store = await backend.open();
    const { codes, find } = await setUp(store);
    const made = {
      purpose: "reset_password" as const,
      addressKey: address,
      userId: null,
      lifetimeMs: 60_000,
    };
    const { token, code } = await codes.make(made);
    expect(await find({ token })).toBeUndefined();
    expect(await find({ addressKey: address, code })).toBeUndefined();
    const [row] = await store.database.db.selectFrom("one_time_codes").select("wrong_tries").execute();
    expect(row?.wrong_tries).toBe(1);
  });

  test("they go with their account, and are forgotten once they are over", async () => {
    const clock = createClock();
    const store = await backend.open({ nowMs: clock.nowMs });
    const { userId, codes, make } = await setUp(store);
    await make();
    await store.accounts.delete(userId);
    const count = async () =>
      (await store.database.db.selectFrom("one_time_codes").select("id").execute()).length;
    expect(await count()).toBe(0);
    await codes.make({ purpose: "reset_password", addressKey: address, userId: null, lifetimeMs: 60_000 });
    expect(await createCodeStore(store.database).prune()).toBe(0);
    clock.advanceMs(60_000);
    expect(await createCodeStore(store.database).prune()).toBe(1);
  });
});
