import type { Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { type Browsing, patiently, logIn, password, seen, signUp, startBrowsing } from "./browsing.ts";
import { expectSound } from "./soundness.ts";

let browsing: Browsing;
let page: Page;

beforeAll(async () => {
  browsing = await startBrowsing();
  const first = await signUp(browsing, "eve@example.com");
  await browsing.server.giveRoles("eve@example.com", ["admin"]);
  await first.context().close();
  page = await logIn(browsing, "eve@example.com");
  await page.getByRole("link", { name: "Admin", exact: true }).waitFor();
});
afterAll(() => browsing.close());
afterEach(() => expect(browsing.complaints).toEqual([]));

/** The link in the row of administration. */
async function go(name: string): Promise<void> {
  await page.getByRole("link", { name: "Admin", exact: true }).click();
  await page.getByLabel("Administration").getByRole("link", { name, exact: true }).click();
}

/** The button, and then the one that means it. */
async function doubly(where: Page, name: string | RegExp): Promise<void> {
  await where.getByRole("button", { name }).click();
  await where.locator(".ask .danger").click();
}

async function openPerson(email: string): Promise<void> {
  await go("People");
  await page.getByLabel(/Search by address or id/).fill(email);
  await page.locator(".list").getByRole("link", { name: email }).click();
  await page.getByRole("heading", { name: email }).waitFor();
}

describe("people", () => {
  let grace: Page;
  beforeAll(async () => {
    grace = await signUp(browsing, "grace@example.com");
    await signUp(browsing, "joan@example.com");
  });

  test("are found by a part of their address, and nobody is nobody", async () => {
    await go("People");
    await page.getByRole("heading", { name: "People" }).waitFor();
    await seen(page, "joan@example.com");
    await page.keyboard.press("/");
    await page.keyboard.type("nobody");
    await seen(page, "Nobody matches “nobody”. Search a whole address or an id.");
    await page.getByLabel(/Search by address or id/).fill("");
    await seen(page, "joan@example.com");
    await expectSound(page, "admin-people");
    await page.getByLabel(/Search by address or id/).fill("race@");
    await expect.poll(() => page.locator(".list tbody tr").count(), patiently).toBe(1);
    await page.getByRole("link", { name: "grace@example.com" }).click();
    await page.getByRole("heading", { name: "grace@example.com" }).waitFor();
    await seen(page, "Nothing here refuses a login now.");
    await seen(page, "Chrome on Linux");
    await expectSound(page, "admin-person");
  });

  test("a disabled account is out everywhere, the page says why, and it is let in again", async () => {
    await openPerson("grace@example.com");
    await doubly(page, "Disable");
    await seen(page, "Disabled. Every session has ended.");
    await seen(page, "The account is disabled. Nobody logs in to it until it is enabled.");
    await seen(page, "Not logged in anywhere.");
    await expectSound(page, "admin-person-disabled");
    await grace.getByRole("link", { name: "See them" }).click();
    await grace.getByRole("heading", { name: "Log in" }).waitFor();
    await page.getByRole("button", { name: "Enable" }).click();
    await seen(page, "Enabled. Logging in is possible again.");
    grace = await logIn(browsing, "grace@example.com");
    await grace.getByRole("heading", { name: "Your account" }).waitFor();
  });

  test("a role is given and taken away, and what is no role is refused in its place", async () => {
    await openPerson("grace@example.com");
    await page.getByRole("button", { name: "Give Roles" }).click();
    await page.getByLabel("Role", { exact: true }).fill("two words");
    await page.keyboard.press("Enter");
    await seen(page, "This is no name for a role.");
    await page.getByLabel("Role", { exact: true }).fill("editor");
    await page.keyboard.press("Enter");
    await seen(page, "Given: editor.");
    await doubly(page, "Take away editor");
    await seen(page, "Taken away: editor.");
  });

  test("sessions of others end here, and wrong passwords are forgotten", async () => {
    await openPerson("grace@example.com");
    await doubly(page, /^End Chrome on Linux/);
    await seen(page, "Ended: Chrome on Linux.");
    await grace.getByRole("link", { name: "See them" }).click();
    await grace.getByRole("heading", { name: "Log in" }).waitFor();
    await page.getByRole("button", { name: "Forget them" }).click();
    await seen(page, "Forgotten. There were none.");
  });

  test("an account is made for somebody, who gets a mail, and is deleted", async () => {
    await go("People");
    await page.getByRole("button", { name: "Make an account" }).click();
    await page.getByLabel("Email address").fill("grace@example.com");
    await page.keyboard.press("Enter");
    await seen(page, "That address has an account.");
    await expectSound(page, "admin-new-person");
    await page.getByLabel("Email address").fill("mary@example.com");
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: "mary@example.com" }).waitFor();
    await seen(page, "Nobody has set a password yet. Send a reset.");
    await page.getByRole("button", { name: "Send reset" }).click();
    await seen(page, "Sent. The mail leads to a new password.");
    await go("Mail");
    await page.locator(".mail", { hasText: "to mary@example.com" }).waitFor();
    expect(await page.getByRole("link", { name: "Open link" }).getAttribute("href")).toContain(
      "/console/reset#token=",
    );
    await expectSound(page, "dev-mailbox");
    await openPerson("mary@example.com");
    await doubly(page, "Delete");
    await seen(page, "Deleted: mary@example.com.");
    await page.getByRole("heading", { name: "People" }).waitFor();
  });

  test("the last administrator stays one", async () => {
    await openPerson("eve@example.com");
    await doubly(page, "Take away admin");
    await seen(page, "This is the last administrator. Make another first.");
  });
});

test("the trail tells who did what, shows a row as it is, and new rows as they come", async () => {
  await go("Trail");
  await page.getByRole("heading", { name: "Audit trail" }).waitFor();
  await seen(page, "Chain intact");
  await page.getByRole("button", { name: "account disabled" }).click();
  await seen(page, '"event": "account_disabled"');
  await seen(page, "by eve@example.com");
  await expectSound(page, "admin-trail");
  await page.getByLabel("Event", { exact: true }).selectOption("roles_changed");
  await expect
    .poll(() => page.locator(".trail .event").allInnerTexts(), patiently)
    .not.toContain("session opened");
  await page.getByLabel("Event", { exact: true }).selectOption("");
  await page.getByRole("button", { name: "Follow" }).click();
  await logIn(browsing, "joan@example.com");
  await page.locator(".trail tr.new", { hasText: "session opened" }).waitFor();
  await page.getByLabel(/Person, by address or id/).fill("joan@example.com");
  await page.keyboard.press("Enter");
  await page.getByRole("link", { name: /show everybody/ }).waitFor();
  await expect
    .poll(() => page.locator(".trail .event", { hasText: "account disabled" }).count(), patiently)
    .toBe(0);
  await page.locator(".trail .event", { hasText: "account made" }).first().waitFor();
});

test("the feed shows a session's end as it comes", async () => {
  const joan = await logIn(browsing, "joan@example.com");
  await joan.getByRole("heading", { name: "Your account" }).waitFor();
  await go("Feed");
  await seen(page, "This page");
  // It follows as a stranger does, and the server knows.
  await seen(page, "A stranger at 127.0.0.1");
  await seen(page, "up to date");
  await page.getByText(/ ago$/).first().waitFor();
  await joan.getByRole("button", { name: "Log out" }).click();
  await page.locator(".live li", { hasText: '"sid"' }).waitFor();
  await expectSound(page, "admin-feed");
});

test("health is measured by the page, and shown", async () => {
  await go("Health");
  await seen(page, "Ready");
  await seen(page, "All instances together");
  await expect.poll(() => page.locator(".figures path").first().getAttribute("d"), patiently).toMatch(/M.*L/);
  await expectSound(page, "admin-health");
});

test("keys stand on a timeline, and the next one is made after the login was renewed", async () => {
  await browsing.server.ageLogins(600);
  await page.reload();
  await go("Keys");
  await seen(page, /The next key takes over on .*, in (?:29|30) days, by itself/);
  await expectSound(page, "admin-keys");
  await doubly(page, "Rotate now");
  await page.getByRole("heading", { name: "Confirm it is you" }).waitFor();
  await page.getByRole("dialog").getByLabel("Password", { exact: true }).fill(password);
  await page.keyboard.press("Enter");
  await seen(page, "Published. Verifiers learn of it now, and then it signs.");
  await seen(page, "A handover is under way");
  await page.getByText("As a table").click();
  await expectSound(page, "admin-keys-rotated");
});

test("whoever may not is shown nothing of it, and told which permission it wants", async () => {
  const joan = await logIn(browsing, "joan@example.com");
  await joan.getByRole("heading", { name: "Your account" }).waitFor();
  expect(await joan.getByRole("link", { name: "Admin", exact: true }).count()).toBe(0);
  await joan.goto(`${browsing.server.url}/console/admin/trail`);
  await seen(joan, "it needs the permission audit:read");
  await expectSound(joan, "admin-forbidden");
  await browsing.server.giveRoles("joan@example.com", ["helper"]);
  const helper = await logIn(browsing, "joan@example.com");
  await helper.getByRole("link", { name: "Admin", exact: true }).click();
  await helper.getByRole("heading", { name: "People" }).waitFor();
  expect(await helper.getByRole("button", { name: "Make an account" }).count()).toBe(0);
  expect(await helper.getByRole("link", { name: "Keys" }).count()).toBe(0);
});
