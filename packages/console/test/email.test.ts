import type { Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { type Browsing, logIn, password, primaryOf, seen, signUp, startBrowsing } from "./browsing.ts";
import { expectSound } from "./soundness.ts";

let browsing: Browsing;

beforeAll(async () => {
  browsing = await startBrowsing();
});
afterAll(() => browsing.close());
afterEach(() => expect(browsing.complaints).toEqual([]));

async function chooseMail(page: Page, to: string, subject: RegExp): Promise<void> {
  await page.goto(`${new URL(page.url()).origin}/console/mail`);
  await page.locator(".mails button", { hasText: to }).filter({ hasText: subject }).first().click();
}

/** Follows the link of the newest mail to an address, in the browser that the page is in. */
async function openMail(page: Page, to: string, subject: RegExp): Promise<void> {
  await chooseMail(page, to, subject);
  await page.getByRole("link", { name: "Open link" }).click();
  await page.locator("h1").waitFor();
}

/** What a page sends from now on that may change something. */
function changesOf(page: Page): string[] {
  const sent: string[] = [];
  page.on("request", (request) => {
    const { pathname } = new URL(request.url());
    if (request.method() !== "GET" && pathname !== "/token") sent.push(pathname);
  });
  return sent;
}

describe("an address", () => {
  test("is confirmed by the link of a mail, changed by another one, and had back by the third, each at the click", async () => {
    const page = await signUp(browsing, "hedy@example.com");
    await seen(page, "Not confirmed yet.");
    await page.getByRole("button", { name: "Send me the mail" }).click();
    await seen(page, "Sent. The link and the code in it work for 24 hours.");
    await openMail(page, "hedy@example.com", /confirm/i);
    const sent = changesOf(page);
    await seen(page, "You are logged in as hedy@example.com. Go on if the mail is about this account.");
    expect(new URL(page.url()).hash).toBe("");
    await expectSound(page, "verify");
    expect(sent).toEqual([]);
    await primaryOf(page).click();
    await page.getByRole("heading", { name: "Your address is confirmed" }).waitFor();
    expect(sent).toEqual(["/email/verify"]);
    await expectSound(page, "verify-done");
    await page.getByRole("link", { name: "To your account" }).click();
    await seen(page, "Confirmed");

    await page.getByRole("button", { name: "Change Email address" }).click();
    await page.getByLabel("New address").fill("not an address");
    await page.keyboard.press("Enter");
    await seen(page, "This is not an email address.");
    await expectSound(page, "account-address");
    await page.getByLabel("New address").fill("hedy.new@example.com");
    await page.keyboard.press("Enter");
    await seen(page, "A mail is on its way to hedy.new@example.com.");
    await openMail(page, "hedy.new@example.com", /confirm/i);
    await primaryOf(page).click();
    await page.getByRole("heading", { name: "Your address is confirmed" }).waitFor();
    await page.getByRole("link", { name: "To your account" }).click();
    await seen(page, "hedy.new@example.com");

    await openMail(page, "hedy@example.com", /address .* was changed/i);
    await page.getByRole("heading", { name: "Take your address back" }).waitFor();
    await expectSound(page, "undo");
    expect(sent.filter((path) => path === "/email/undo")).toEqual([]);
    await primaryOf(page).click();
    await page.getByRole("heading", { name: "Your address is back" }).waitFor();
    await expectSound(page, "undo-done");
    // These pages were logged out with all others.
    await page.locator(".bar").getByRole("link", { name: "Log in" }).waitFor();
    await seen(await logIn(browsing, "hedy@example.com"), "Email and password do not match.");

    await openMail(page, "hedy@example.com", /address .* was changed/i);
    await primaryOf(page).click();
    await seen(page, "This link does not work: it is used, or over 7 days old.");
    await expectSound(page, "undo-refused");
  });

  test("asks an old login once more before it changes", async () => {
    const page = await signUp(browsing, "grace@example.com");
    await browsing.server.ageLogins(600);
    await page.reload();
    await page.getByRole("button", { name: "Change Email address" }).click();
    await page.getByLabel("New address").fill("grace.new@example.com");
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: "Confirm it is you" }).waitFor();
    await page.getByRole("dialog").getByLabel("Password", { exact: true }).fill(password);
    await page.keyboard.press("Enter");
    await seen(page, "A mail is on its way to grace.new@example.com.");
  });

  test("is confirmed by code, too: by whoever knows the password, or at the price of it", async () => {
    const page = await signUp(browsing, "mary@example.com");
    await page.getByRole("button", { name: "Send me the mail" }).click();
    await seen(page, "Sent.");
    await chooseMail(page, "mary@example.com", /confirm/i);
    const code = await page.locator(".mail-code code").innerText();
    const stranger = await browsing.open("/console/verify");
    await stranger.getByLabel("Email address").fill("mary@example.com");
    await stranger.getByLabel("Code from the mail").fill("0000-0000");
    await stranger.getByLabel("Password", { exact: true }).fill(password);
    await primaryOf(stranger).click();
    await seen(stranger, "This code does not work: it is wrong, used or over 24 hours old.");
    await stranger.getByLabel("Code from the mail").fill(code);
    await stranger.getByLabel("Password", { exact: true }).fill("not the right one at all");
    await primaryOf(stranger).click();
    await seen(stranger, "This is not the password of the account.");
    await expectSound(stranger, "verify-code-refused");
    await stranger.getByRole("button", { name: "I do not know the password" }).click();
    await expectSound(stranger, "verify-without-password");
    await stranger.locator(".ask .danger").click();
    await seen(stranger, "Nothing showed that the account is yours");
    await expectSound(stranger, "verify-voided");
    await seen(await logIn(browsing, "mary@example.com"), "Email and password do not match.");
  });

  test("of a login that was somebody else's ends it by the link of the mail, at the click", async () => {
    await signUp(browsing, "emmy@example.com");
    const other = await logIn(browsing, "emmy@example.com");
    await other.getByRole("heading", { name: "Your account" }).waitFor();
    const page = await browsing.open("/console/mail");
    await openMail(page, "emmy@example.com", /New login/);
    await page.getByRole("heading", { name: "This was not me" }).waitFor();
    const sent = changesOf(page);
    await expectSound(page, "not-me");
    expect(sent).toEqual([]);
    await primaryOf(page).click();
    await page.getByRole("heading", { name: "That session is over" }).waitFor();
    expect(sent).toEqual(["/login/disown"]);
    await expectSound(page, "not-me-done");
    await other.getByRole("link", { name: "See them" }).click();
    await other.getByRole("heading", { name: "Log in" }).waitFor();
  });

  test("without its link is led to the mail", async () => {
    const page = await browsing.open("/console/undo");
    await seen(page, "Open this page by the link in the mail.");
    await expectSound(page, "undo-without-link");
  });
});

test("where nobody gets in before their address is confirmed, signing up leads to the mail, and the mail to the login", async () => {
  const strict = await startBrowsing({ emailVerification: "before-login" });
  onTestFinished(() => strict.close());
  const page = await strict.open("/console/signup");
  await page.getByLabel("Email address").fill("lise@example.com");
  await page.getByLabel("Password", { exact: true }).fill(password);
  await primaryOf(page).click();
  await page.getByRole("heading", { name: "Look into your mail" }).waitFor();
  await expectSound(page, "signup-confirm");
  const refused = await logIn(strict, "lise@example.com");
  await seen(refused, "Your address is not confirmed yet.");
  await expectSound(refused, "login-unconfirmed");
  await refused.getByRole("link", { name: "Send a new mail" }).click();
  // The page before it has a field of that name, too.
  await refused.getByRole("heading", { name: "Confirm your address" }).waitFor();
  await refused.getByLabel("Email address").fill("lise@example.com");
  await expectSound(refused, "verify-again");
  await primaryOf(refused).click();
  await seen(refused, "a mail is on its way");
  await openMail(page, "lise@example.com", /confirm/i);
  await page.getByLabel("Password", { exact: true }).fill(password);
  await primaryOf(page).click();
  await page.getByRole("heading", { name: "Your address is confirmed" }).waitFor();
  await (await logIn(strict, "lise@example.com")).getByRole("heading", { name: "Your account" }).waitFor();
  expect(strict.complaints).toEqual([]);
});
