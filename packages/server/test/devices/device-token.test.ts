import { randomBytes } from "node:crypto";
import { describe, expect, test } from "vitest";
import { accountInToken, createDeviceTokens, type DeviceToken } from "../../src/devices/device-token.ts";
import { createDevices } from "../../src/devices/devices.ts";
import { createMasterKey } from "../../src/keys/master-key.ts";
import { createClock, times } from "../database/fixtures.ts";

const newKey = () => createMasterKey(randomBytes(32)).derive("device-token");
const newId = (): string => randomBytes(16).toString("base64url");
const key = newKey();
const tokens = createDeviceTokens(key);
const someToken = (): DeviceToken => ({
  account: accountInToken(newId()),
  device: newId(),
  epoch: 3,
  issuedAtMs: 1_800_000_000_000,
});

describe("a device token", () => {
  test("gives back what it was made of, and takes another text each time", () => {
    const token = someToken();
    const texts = times(50, () => tokens.issue(token));
    for (const text of texts) expect(tokens.read(text)).toEqual(token);
    expect(new Set(texts).size).toBe(50);
    expect(new Set(texts.map(({ length }) => length))).toEqual(new Set([100]));
  });

  test("says nothing to a finder: no byte of its content shows, and two of one device have nothing in common", () => {
    const token = someToken();
    const [one = "", other = ""] = times(2, () => tokens.issue(token));
    const bytes = Buffer.from(one, "base64url");
    for (const part of [token.account, token.device]) {
      expect(bytes.includes(Buffer.from(part, "base64url"))).toBe(false);
      expect(one).not.toContain(part);
    }
    const same = [...bytes].filter((byte, index) => byte === Buffer.from(other, "base64url")[index]);
    // The version, and what chance gives of 74 bytes.
    expect(same.length).toBeLessThan(12);
  });

  test("is none once a single bit of it differs, and none of another installation", () => {
    const bytes = Buffer.from(tokens.issue(someToken()), "base64url");
    for (let bit = 0; bit < bytes.length * 8; bit += 1) {
      const spoilt = Buffer.from(bytes);
      spoilt[bit >> 3] = (spoilt[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      expect(tokens.read(spoilt.toString("base64url"))).toBeUndefined();
    }
    expect(createDeviceTokens(newKey()).read(bytes.toString("base64url"))).toBeUndefined();
  });

  test.each([
    ["nothing", () => ""],
    ["cut off", (text: string) => text.slice(0, -1)],
    ["longer", (text: string) => `${text}A`],
    ["of foreign characters", (text: string) => `!${text.slice(1)}`],
    ["a megabyte", (text: string) => text.repeat(10_486)],
    ["of as many characters that are no bytes", (text: string) => "é".repeat(text.length)],
  ])("that is %s is none", (_what, change) => {
    expect(tokens.read(change(tokens.issue(someToken())))).toBeUndefined();
  });

  test("needs a key of 32 bytes", () => {
    const short = createMasterKey(randomBytes(32)).derive("device-token").export().subarray(1);
    expect(() =>
      createDeviceTokens({ type: "secret", symmetricKeySize: short.length } as typeof key),
    ).toThrow(TypeError);
  });
});

describe("known devices", () => {
  const addressKey = "ada@example.com";
  const userId = newId();

  function setUp(epoch = 0) {
    const clock = createClock();
    const account = { userId, deviceEpoch: epoch };
    let asked = 0;
    const store = {
      async find(address: string) {
        asked += 1;
        return address === addressKey ? account : undefined;
      },
    };
    const devices = createDevices({ store, tokens, nowMs: clock.nowMs });
    return { clock, account, devices, asked: () => asked };
  }

  test("are recognised for 180 days, by any of the tokens, as the device that they were", async () => {
    const { clock, account, devices } = setUp();
    const token = devices.issue(account);
    const device = await devices.recognise(["rubbish", token], addressKey);
    expect(device).toEqual({ id: expect.stringMatching(/^[\w-]{22}$/) as string, epoch: 0 });
    clock.advanceSeconds(179 * 86_400);
    expect(await devices.recognise([token], addressKey)).toEqual(device);
    const renewed = devices.issue(account, device);
    clock.advanceSeconds(86_400);
    expect(await devices.recognise([token], addressKey)).toBeUndefined();
    expect(await devices.recognise([renewed], addressKey)).toEqual(device);
  });

  test("are those of this account and of its present epoch alone", async () => {
    const { account, devices } = setUp(2);
    expect(await devices.recognise([devices.issue(account)], "eve@example.com")).toBeUndefined();
    const others = { userId: newId(), deviceEpoch: 2 };
    expect(await devices.recognise([devices.issue(others)], addressKey)).toBeUndefined();
    for (const deviceEpoch of [1, 3])
      expect(await devices.recognise([devices.issue({ userId, deviceEpoch })], addressKey)).toBeUndefined();
  });

  test("cost the database nothing where nobody brings a token of ours", async () => {
    const { clock, account, devices, asked } = setUp();
    const old = devices.issue(account);
    clock.advanceSeconds(180 * 86_400);
    const rubbish = ["", "x".repeat(1_048_576), old.slice(1), `${old}A`, "A".repeat(100), old];
    expect(await devices.recognise(rubbish, addressKey)).toBeUndefined();
    expect(await devices.recognise([], addressKey)).toBeUndefined();
    expect(asked()).toBe(0);
  });

  test("of a browser are five at most, the newest first and one of each account", () => {
    const { clock, devices } = setUp();
    const accounts = times(7, () => ({ userId: newId(), deviceEpoch: 0 }));
    let kept: readonly string[] = [];
    for (const account of accounts) {
      kept = devices.together(devices.issue(account), [...kept, "rubbish"]);
      clock.advanceSeconds(60);
    }
    const owners = (texts: readonly string[]) => texts.map((text) => tokens.read(text)?.account);
    const expected = accounts.map((account) => accountInToken(account.userId)).toReversed();
    expect(owners(kept)).toEqual(expected.slice(0, 5));
    const [, second] = accounts.toReversed();
    if (second === undefined) throw new TypeError("there is no second account");
    const again = devices.together(devices.issue(second), kept);
    expect(owners(again)).toEqual([expected[1], expected[0], ...expected.slice(2, 5)]);
    expect(owners(devices.without(again, second.userId))).toEqual([expected[0], ...expected.slice(2, 5)]);
  });
});
