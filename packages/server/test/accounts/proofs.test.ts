// A person who is logged in shows the password again: how that ends is counted, and is no log-out.
import { expect, onTestFinished, test } from "vitest";
import { createPasswordPolicy } from "../../src/passwords/policy.ts";
import { createAccounts } from "../../src/accounts/accounts.ts";
import { createLoginCounts } from "../../src/login/outcomes.ts";
import { createPasswordHashing } from "../../src/passwords/hashing.ts";
import { createDatabaseSessions } from "../../src/sessions/database-sessions.ts";
import { bearer, login, newAccount, password, startApp } from "../app.ts";
import { openSession } from "../database/fixtures.ts";
import { openOn } from "../database/backends.ts";
import { unthrottled } from "../throttling/fixtures.ts";

test("TH-08: every proof with a password that is given again is counted, by how it ended", async () => {
  const store = await openOn("sqlite::memory:");
  const proofs = createLoginCounts();
  const sessionStore = createDatabaseSessions(store.sessions);
  const hashing = createPasswordHashing();
  onTestFinished(() => hashing.close());
  const accounts = createAccounts({
    store: store.accounts,
    hashing,
    sessionStore,
    proofs,
    throttling: unthrottled,
    passwordPolicy: createPasswordPolicy({ minLength: 15 }),
  });
  const email = "ada@example.com";
  const { id: userId } = await accounts.signup({ email, password, name: undefined }, {});
  const current = await openSession(store, userId);
  const change = { newPassword: "another violin ledger", carrier: { kind: "token" } as const };
  const refusal = { code: "invalid_credentials", statusCode: 403 };
  const wrong = { ...change, currentPassword: "wrong violin ledger" };
  await expect(accounts.changePassword(current, wrong, {})).rejects.toMatchObject(refusal);
  await expect(accounts.remove({ ...current, factors: 1 }, "wrong violin ledger", {})).rejects.toMatchObject(
    refusal,
  );
  expect(Object.fromEntries(proofs.counts())).toEqual({ invalid_credentials: 2 });
  await accounts.changePassword(current, { ...change, currentPassword: password }, {});
  expect(Object.fromEntries(proofs.counts())).toEqual({ invalid_credentials: 2, succeeded: 1 });
});

test.each([
  "ada@example.com",
  "Password1234567!",
  "Summer2026Summer",
  "Acmecloud20261234",
  "acmecloud.example",
])("PW-05, PW-06: %s is refused wherever a password is set", async (bad) => {
  const app = await startApp({ issuer: "https://auth.acmecloud.example" });
  const signup = await app.inject({
    method: "POST",
    url: "/signup",
    payload: { email: "ada@example.com", password: bad },
  });
  expect(signup.json()).toMatchObject({ status: 400, code: "password_too_common" });
  await newAccount(app);
  const change = await app.inject({
    method: "PUT",
    url: "/me/password",
    headers: bearer(await login(app)),
    payload: { current_password: password, new_password: bad },
  });
  expect(change.json()).toMatchObject({ status: 400, code: "password_too_common" });
});
