import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { type Browsing, primaryOf, seen, startBrowsing } from "./browsing.ts";
import { expectSound } from "./soundness.ts";

let browsing: Browsing;

beforeAll(async () => {
  browsing = await startBrowsing();
});
afterAll(() => browsing.close());
afterEach(() => expect(browsing.complaints).toEqual([]));

const password = "eight unrelated marbles";

/** As an administrator's own program would. */
async function invite(email: string): Promise<void> {
  const { url } = browsing.server;
  const post = (path: string, body: object, headers: object = {}) =>
    fetch(`${url}${path}`, {
      method: "POST",
      headers: { "content-type": "application/json", ...headers },
      body: JSON.stringify(body),
    });
  const boss = { email: "boss@example.com", password };
  await post("/signup", boss);
  await browsing.server.giveRoles(boss.email, ["user", "admin"]);
  const { access_token: token } = (await (await post("/login", boss)).json()) as { access_token: string };
  const sent = await post(
    "/admin/invitations",
    { email, roles: ["user", "editor"] },
    { authorization: `Bearer ${token}` },
  );
  expect(sent.status).toBe(201);
}

test("IN-01: the link of an invitation leads to an account, and a refusal uses nothing up", async () => {
  await invite("lise@example.com");
  const page = await browsing.open("/console/mail");
  await page.locator(".mail", { hasText: "to lise@example.com" }).waitFor();
  await page.getByRole("link", { name: "Open link" }).click();
  await page.getByRole("heading", { name: "Make an account" }).waitFor();
  // Neither the history nor a shared screen keeps the secret.
  expect(new URL(page.url()).hash).toBe("");
  await seen(page, "You are invited.");
  await seen(page, "At least 15 characters.");
  await expectSound(page, "invited");

  await page.getByLabel("Email address").fill("mary@example.com");
  await page.getByLabel("Password", { exact: true }).fill(password);
  await primaryOf(page).click();
  await seen(page, "This invitation was used, is over, or is for another address.");
  await page.getByLabel("Email address").fill("lise@example.com");
  await primaryOf(page).click();
  await page.getByRole("heading", { name: "Your account" }).waitFor();
  await seen(page, "lise@example.com");
});
