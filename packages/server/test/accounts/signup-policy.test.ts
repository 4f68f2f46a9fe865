// Who may make an account: everybody, nobody, or addresses of some domains.
import { expect, test } from "vitest";
import { isMailDomain } from "../../src/settings/mail-domain.ts";
import { password, startApp } from "../app.ts";

async function codeOf(app: Awaited<ReturnType<typeof startApp>>, email: string): Promise<unknown> {
  const response = await app.inject({ method: "POST", url: "/signup", payload: { email, password } });
  return response.statusCode === 201
    ? "made"
    : `${response.statusCode} ${response.json<{ code: string }>().code}`;
}

test("nobody signs up where that is closed, whatever the address", async () => {
  const app = await startApp({ signup: "closed" });
  expect(await codeOf(app, "ada@example.com")).toBe("403 signup_closed");
  expect(await codeOf(app, "ada@example.com")).toBe("403 signup_closed");
  expect(await codeOf(app, "nobody")).toBe("403 signup_closed");
});

test.each([
  ["ada@example.com", "made"],
  ["ada@EXAMPLE.com", "made"],
  ["ada@\uff45xample.com", "made"],
  ["ada@example.org", "made"],
  ["ada@mail.example.com", "403 email_not_allowed"],
  ["ada@notexample.com", "403 email_not_allowed"],
  ["ada@example.com.attacker.example", "403 email_not_allowed"],
  ["example.com@attacker.example", "403 email_not_allowed"],
  ["ada@attacker.example@example.com", "400 email_invalid"],
  ["ada@еxample.com", "403 email_not_allowed"],
])("of two allowed domains, %s is %s", async (email, outcome) => {
  const app = await startApp({ signupDomains: ["example.com", "example.org"] });
  expect(await codeOf(app, email)).toBe(outcome);
});

test("a domain is named in the one spelling that is compared", () => {
  for (const domain of ["example.com", "a.b-c.example", "xn--e1afmkfd.example"])
    expect(isMailDomain(domain), domain).toBe(true);
  for (const domain of [
    "Example.com",
    "*.example.com",
    "@example.com",
    "example",
    "",
    "-a.com",
    "a..com",
    "é.com",
  ])
    expect(isMailDomain(domain), domain).toBe(false);
});
