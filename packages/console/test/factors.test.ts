import type { Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { type Authenticator, authenticatorOf } from "../../server/test/second-factor/factors.ts";
import {
  type Browsing,
  patiently,
  logIn,
  password,
  primaryOf,
  seen,
  signUp,
  startBrowsing,
} from "./browsing.ts";
import { expectSound } from "./soundness.ts";

let browsing: Browsing;

beforeAll(async () => {
  browsing = await startBrowsing();
});
afterAll(() => browsing.close());
afterEach(() => expect(browsing.complaints).toEqual([]));

interface Added {
  readonly app: Authenticator;
  readonly codes: readonly string[];
}

/** As an app would, that has the secret from then on. */
async function scan(page: Page): Promise<Authenticator> {
  const text = await page.locator(".secret code").innerText();
  return authenticatorOf(text.replaceAll(" ", ""));
}

async function addApp(page: Page): Promise<Added> {
  await page.getByRole("button", { name: "Add Authenticator app" }).click();
  const app = await scan(page);
  await page.getByLabel("The code that it shows").fill(app.code());
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: "Keep these ten codes." }).waitFor();
  const codes = await page.locator(".recovery-codes code").allInnerTexts();
  await page.getByRole("button", { name: "I have kept them" }).click();
  return { app, codes };
}

test("an app is added with its first code, and its recovery codes are shown once", async () => {
  const page = await signUp(browsing, "hedy@example.com");
  await seen(page, "passkeys belong to a name");
  await page.getByRole("button", { name: "Add Authenticator app" }).click();
  await page.getByRole("img", { name: /QR code/ }).waitFor();
  expect(
    await page.locator(".qr").evaluate((image) => "naturalWidth" in image && image.naturalWidth),
  ).toBeGreaterThan(0);
  const link = await page.getByRole("link", { name: /open it/ }).getAttribute("href");
  expect(link).toMatch(/^otpauth:\/\/totp\//);
  const app = await scan(page);
  await page.getByLabel("The code that it shows").fill(app.wrongCode());
  await page.keyboard.press("Enter");
  await seen(page, "This is not the code of this moment.");
  await expectSound(page, "factor-setup");
  await page.getByLabel("The code that it shows").fill(app.code());
  await page.keyboard.press("Enter");
  await seen(page, "Keep these ten codes. You see them only now.");
  await expectSound(page, "factor-codes");
  const codes = await page.locator(".recovery-codes code").allInnerTexts();
  expect(new Set(codes).size).toBe(10);
  await page.getByRole("button", { name: "Copy the recovery codes" }).click();
  expect(await page.evaluate("navigator.clipboard.readText()")).toBe(codes.join("\n"));
  const [download] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("link", { name: "Save" }).click(),
  ]);
  expect(download.suggestedFilename()).toBe("countersign-recovery-codes.txt");
  await page.getByRole("button", { name: "I have kept them" }).click();
  await seen(page, "10 are left");
  expect(await page.content()).not.toContain(codes[0]);
  await expectSound(page, "account-with-factor");
});

test("a login asks for the code, says that a wrong one is wrong, and takes a recovery code in its place", async () => {
  const { app, codes } = await addApp(await signUp(browsing, "joan@example.com"));
  const page = await logIn(browsing, "joan@example.com");
  await page.getByRole("heading", { name: "One more proof" }).waitFor();
  const field = page.getByLabel("Code from your authenticator app");
  await expect.poll(() => field.evaluate((input) => input.matches(":focus")), patiently).toBe(true);
  await field.fill(app.wrongCode());
  await page.keyboard.press("Enter");
  await seen(page, "This code is not right, or was used already.");
  await expectSound(page, "login-factor");
  await field.fill(app.code());
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: "Your account" }).waitFor();

  const other = await logIn(browsing, "joan@example.com");
  await other.getByRole("button", { name: /use a recovery code/ }).click();
  await other.getByLabel("Recovery code").fill(codes[3] ?? "");
  await other.keyboard.press("Enter");
  await seen(other, "9 are left");
});

test("new recovery codes and the end of the factor ask once more who it is, in one session", async () => {
  const page = await signUp(browsing, "grace@example.com");
  const { app, codes } = await addApp(page);
  await page.getByRole("button", { name: "Make new ones Recovery codes" }).click();
  await page.locator(".ask .danger").click();
  // The session knows of one factor only.
  await page.getByRole("heading", { name: "Confirm it is you" }).waitFor();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Password", { exact: true }).fill(password);
  await expectSound(page, "confirm");
  await page.keyboard.press("Enter");
  await dialog.getByLabel("Code from your authenticator app").fill(app.code());
  await expectSound(page, "confirm-factor");
  await page.keyboard.press("Enter");
  await seen(page, "Keep these ten codes.");
  expect(await page.locator(".recovery-codes code").allInnerTexts()).not.toContain(codes[0]);
  await page.getByRole("button", { name: "I have kept them" }).click();
  await seen(page, "Only this device");

  await page.getByRole("button", { name: "Remove Authenticator app" }).click();
  await page.locator(".ask .danger").click();
  await seen(page, "Removed. Your password opens the account again.");
  await seen(page, "None. With one, a stolen password opens nothing.");
  await (await logIn(browsing, "grace@example.com")).getByRole("heading", { name: "Your account" }).waitFor();
});

test("an old login adds no factor before the password was given again, and Escape lets it be", async () => {
  const page = await signUp(browsing, "emmy@example.com");
  await browsing.server.ageLogins(600);
  await page.reload();
  await page.getByRole("button", { name: "Add Authenticator app" }).click();
  await page.getByRole("heading", { name: "Confirm it is you" }).waitFor();
  await page.keyboard.press("Escape");
  await seen(page, "Nothing was changed, as you did not confirm it.");
  await page.getByRole("button", { name: "Add Authenticator app" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Password", { exact: true }).fill("not the right one at all");
  await page.keyboard.press("Enter");
  await seen(page, "Email and password do not match.");
  await dialog.getByLabel("Password", { exact: true }).fill(password);
  await primaryOf(page).click();
  await page.getByRole("img", { name: /QR code/ }).waitFor();
});

test("a role that needs two factors is said to be kept back, until a login has shown them", async () => {
  const strict = await startBrowsing({ requireSecondFactor: ["user"] });
  try {
    const page = await signUp(strict, "rosalind@example.com");
    await seen(page, /Kept back until you log in with a second factor: user/);
    await expectSound(page, "withheld-roles");
    const { app } = await addApp(page);
    const again = await logIn(strict, "rosalind@example.com");
    await again.getByLabel("Code from your authenticator app").fill(app.code());
    await again.keyboard.press("Enter");
    await again.getByRole("heading", { name: "Your account" }).waitFor();
    await seen(again, "Member since");
    expect(await again.getByText(/Kept back/).count()).toBe(0);
  } finally {
    await strict.close();
  }
});
