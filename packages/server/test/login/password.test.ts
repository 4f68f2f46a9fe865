// The first half of a login: what it asks of devices and of the limits on guessing.
import { expect, test } from "vitest";
import { ServiceError } from "../../src/errors.ts";
import { createFinishLogin } from "../../src/login/finish.ts";
import { createLoginCounts } from "../../src/login/outcomes.ts";
import { createPasswordLogin } from "../../src/login/password.ts";
import { openOn } from "../database/backends.ts";
import { createClock, newAccount, times } from "../database/fixtures.ts";
import { bucketsOf, throttlingOn } from "../throttling/fixtures.ts";

test("TH-05: a right password whose second factor is missing costs no place and ends the row of wrong ones", async () => {
  const clock = createClock();
  const store = await openOn("sqlite::memory:", { nowMs: clock.nowMs });
  const [buckets] = await bucketsOf([store], clock.nowMs);
  if (buckets === undefined) throw new TypeError("nothing was opened");
  const { throttling } = throttlingOn(store, buckets, { guessesInARow: 4 });
  const account = await newAccount(store);
  const devices = { recognise: async () => undefined, issue: () => "" };
  const accounts = {
    async authenticate(_email: unknown, password: string) {
      if (password !== "right") throw new ServiceError("invalid_credentials");
      return { account, passwordHash: "", passwordVersion: 1, deviceEpoch: 0, secondFactor: false };
    },
  };
  const passwordLogin = createPasswordLogin(accounts, throttling, devices);
  const finishLogin = createFinishLogin({
    // As where a factor is missing.
    secondFactor: { admit: () => Promise.reject(new ServiceError("forbidden")) },
    outcomes: createLoginCounts(),
    devices,
  });
  const origin = { address: "192.0.2.1" };
  const logIn = (password: string): Promise<unknown> =>
    finishLogin({
      prove: () => passwordLogin.prove({ email: account.email, password, deviceTokens: [], origin }),
      carrier: async () => "opened",
      carries: "token",
      userAgent: undefined,
      origin,
    }).catch(({ code }: ServiceError) => code);
  for (const _ of times(30, () => 0)) expect(await logIn("right")).toBe("forbidden");
  // Of four in a row the fourth would close the account.
  for (const password of ["wrong", "wrong", "wrong", "right", "wrong", "wrong", "wrong", "right"])
    expect(await logIn(password)).toBe(password === "right" ? "forbidden" : "invalid_credentials");
  for (const _ of times(4, () => 0)) expect(await logIn("wrong")).toBe("invalid_credentials");
  expect(await logIn("right")).toBe("too_many_attempts");
});

test("what a known device is asked as, it is counted as: neither the source nor the address is asked", async () => {
  const seen: unknown[] = [];
  const passwordLogin = createPasswordLogin(
    {
      async authenticate(_email, _password, _requester, device) {
        seen.push(device);
        throw new ServiceError("invalid_credentials");
      },
    },
    {
      guess(guesser, check) {
        seen.push(guesser.device);
        return check(performance.now() + 2000);
      },
    },
    {
      async recognise(tokens, addressKey) {
        seen.push(tokens, addressKey);
        return { id: "phone", epoch: 3 };
      },
    },
  );
  const attempt = { email: "Ada@Example.com", password: "wrong", deviceTokens: ["one", "two"], origin: {} };
  await expect(passwordLogin.prove(attempt)).rejects.toMatchObject({ code: "invalid_credentials" });
  expect(seen).toEqual([["one", "two"], "ada@example.com", "phone", "phone"]);
});
