import { expect, test } from "vitest";
import { ServiceError } from "../../src/errors.ts";
import {
  createFinishLogin,
  type Proof,
  type ProvenSession,
  type SecondFactorGate,
} from "../../src/login/finish.ts";
import type { Devices } from "../../src/devices/devices.ts";
import { createLoginCounts } from "../../src/login/outcomes.ts";

const account = {
  id: "account",
  email: "ada@example.com",
  name: null,
  roles: ["user"],
  status: "active" as const,
  createdAtMs: 0,
  updatedAtMs: 0,
  locale: "en" as const,
  emailVerifiedAtMs: null,
  metadata: {},
  appMetadata: {},
  claimsVersion: 0,
};
const proof: Proof = { account, passwordVersion: 3, deviceEpoch: 7, amr: ["pwd"] };
const admitAll: SecondFactorGate = { admit: async (given) => given };

const devices: Pick<Devices, "issue"> = {
  issue: ({ userId, deviceEpoch }, device) => `${userId} ${deviceEpoch} ${device?.id}`,
};

function setUp(secondFactor: SecondFactorGate = admitAll) {
  const outcomes = createLoginCounts();
  const opened: ProvenSession[] = [];
  const finishLogin = createFinishLogin({ secondFactor, outcomes, devices });
  const logIn = (prove: () => Promise<Proof>, carried: string | undefined = "carried") =>
    finishLogin({
      prove,
      carrier: async (session) => {
        opened.push(session);
        return carried === "" ? undefined : carried;
      },
      carries: "token",
      userAgent: "u".repeat(300),
      origin: { address: "192.0.2.1" },
    });
  return { outcomes, opened, logIn };
}

test("a proof opens a session of its account, password version and factors, and counts as a success", async () => {
  const { outcomes, opened, logIn } = setUp();
  expect(await logIn(async () => proof)).toEqual({
    carried: "carried",
    deviceToken: "account 7 undefined",
  });
  expect(opened).toEqual([
    {
      userId: "account",
      passwordVersion: 3,
      amr: ["pwd"],
      device: { userAgent: "u".repeat(256), address: "192.0.2.1" },
      isNewDevice: true,
      clientId: "first-party",
    },
  ]);
  expect([...outcomes.counts()]).toEqual([["succeeded", 1]]);
});

test("a login that a known device was let in for opens only while it is known, and it stays that device", async () => {
  const { opened, logIn } = setUp();
  const { deviceToken } = await logIn(async () => ({ ...proof, device: { id: "phone", epoch: 7 } }));
  expect(opened[0]).toMatchObject({ deviceEpoch: 7, isNewDevice: false });
  expect(deviceToken).toBe("account 7 phone");
});

test("without a proof nothing opens, and the failure is counted by its code", async () => {
  const { outcomes, opened, logIn } = setUp();
  for (const code of ["invalid_credentials", "busy", "invalid_credentials"] as const) {
    const prove = async (): Promise<Proof> => {
      throw new ServiceError(code);
    };
    await expect(logIn(prove)).rejects.toMatchObject({ code });
  }
  await expect(
    logIn(async () => {
      throw new TypeError("a mistake of ours");
    }),
  ).rejects.toThrow("a mistake of ours");
  expect(opened).toEqual([]);
  expect(Object.fromEntries(outcomes.counts())).toEqual({ invalid_credentials: 2, busy: 1, internal: 1 });
});

test("a missing second factor stops the login before anything opens", async () => {
  const { outcomes, opened, logIn } = setUp({
    admit: async () => {
      throw new ServiceError("forbidden");
    },
  });
  await expect(logIn(async () => proof)).rejects.toMatchObject({ code: "forbidden" });
  expect(opened).toEqual([]);
  expect([...outcomes.counts()]).toEqual([["forbidden", 1]]);
});

test("the session opens with what the second factor adds to the proof", async () => {
  const { opened, logIn } = setUp({ admit: async (given) => ({ ...given, amr: [...given.amr, "otp"] }) });
  await logIn(async () => proof);
  expect(opened[0]?.amr).toEqual(["pwd", "otp"]);
});

test("an account that changed since the proof gets no session, and that is a failure", async () => {
  const { outcomes, logIn } = setUp();
  await expect(logIn(async () => proof, "")).rejects.toMatchObject({ code: "invalid_credentials" });
  expect([...outcomes.counts()]).toEqual([["invalid_credentials", 1]]);
});
