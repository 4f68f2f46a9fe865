// Passkeys on the pages, with the authenticator that Chromium has for tests.
import type { Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import {
  type Browsing,
  logIn,
  password,
  patiently,
  primaryOf,
  seen,
  signUp,
  startBrowsing,
} from "./browsing.ts";
import { expectSound } from "./soundness.ts";

let browsing: Browsing;

beforeAll(async () => {
  browsing = await startBrowsing({ host: "localhost" });
});
afterAll(() => browsing.close());
afterEach(() => expect(browsing.complaints).toEqual([]));

interface Device {
  /** Whether the person shows that they are there, to what is asked from then on. */
  readonly setPresence: (isThere: boolean) => Promise<void>;
}

/** As a browser that asks for passkeys by a dialog alone, so that whoever is there takes none without a click. */
async function withoutSuggestions(page: Page): Promise<void> {
  await page.evaluate("PublicKeyCredential.isConditionalMediationAvailable = async () => false");
}

async function addDevice(page: Page): Promise<Device> {
  const devtools = await page.context().newCDPSession(page);
  await devtools.send("WebAuthn.enable");
  const { authenticatorId } = await devtools.send("WebAuthn.addVirtualAuthenticator", {
    options: {
      protocol: "ctap2",
      transport: "internal",
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  });
  return {
    async setPresence(enabled) {
      await devtools.send("WebAuthn.setAutomaticPresenceSimulation", { authenticatorId, enabled });
    },
  };
}

/** The recovery codes that came with it. */
async function addPasskey(page: Page, name: string): Promise<readonly string[]> {
  await page.getByRole("button", { name: "Add Passkeys" }).click();
  await page.getByLabel("Name", { exact: true }).fill(name);
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: "Keep these ten codes." }).waitFor();
  const codes = await page.locator(".recovery-codes code").allInnerTexts();
  await page.getByRole("button", { name: "I have kept them" }).click();
  return codes;
}

const account = (page: Page): Promise<void> => page.getByRole("heading", { name: "Your account" }).waitFor();

test("a passkey is made under a name, renamed, and removed by whoever shows it again", async () => {
  const page = await signUp(browsing, "hedy@example.com");
  await addDevice(page);
  await seen(page, "No passkeys yet. Add one and log in without a password.");
  await page.getByRole("button", { name: "Add Passkeys" }).click();
  expect(await page.getByLabel("Name", { exact: true }).inputValue()).toBe("Chrome on Linux");
  await expectSound(page, "passkey-new");
  await page.keyboard.press("Escape");
  await addPasskey(page, "Laptop");
  await seen(page, "Added. It logs you in without a password.");
  await page.getByRole("button", { name: "Rename Laptop" }).click();
  await page.getByLabel("Name", { exact: true }).fill("My laptop");
  await expectSound(page, "passkey-rename");
  await page.keyboard.press("Enter");
  await seen(page, "Renamed.");
  await expectSound(page, "account-with-passkey");

  await page.getByRole("button", { name: "Remove My laptop" }).click();
  await page.locator(".ask .danger").click();
  // The session knows of the password alone.
  await page.getByRole("heading", { name: "Confirm it is you" }).waitFor();
  await page.getByRole("dialog").getByRole("button", { name: "With a passkey" }).waitFor();
  await expectSound(page, "confirm-with-passkey");
  await page.getByRole("dialog").getByRole("button", { name: "With a passkey" }).click();
  await seen(page, "Removed. It logs nobody in any more.");
  await seen(page, "No passkeys yet.");
  await seen(page, "Only this device");
});

test("a passkey logs in by the button, and from what the browser offers at the address", async () => {
  const page = await signUp(browsing, "joan@example.com");
  const device = await addDevice(page);
  await addPasskey(page, "Laptop");
  await device.setPresence(false);
  await page.getByRole("button", { name: "Log out" }).click();
  const button = page.getByRole("button", { name: "With a passkey" });
  await button.waitFor();
  expect(await page.getByLabel("Email address").getAttribute("autocomplete")).toBe("username webauthn");
  await expectSound(page, "login");
  // No click and no key: the device stands in for whoever takes the suggestion.
  await device.setPresence(true);
  await page.reload();
  await account(page);

  await withoutSuggestions(page);
  await page.getByRole("button", { name: "Log out" }).click();
  await button.click();
  await account(page);
});

test("a passkey is the second half of a login with a password, and a recovery code does in its place", async () => {
  const page = await signUp(browsing, "grace@example.com");
  await addDevice(page);
  const codes = await addPasskey(page, "Laptop");
  await withoutSuggestions(page);
  await page.getByRole("button", { name: "Log out" }).click();
  await page.getByLabel("Email address").fill("grace@example.com");
  await page.getByLabel("Password", { exact: true }).fill(password);
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: "One more proof" }).waitFor();
  const focused = () => primaryOf(page).evaluate((button) => button.matches(":focus"));
  await expect.poll(focused, patiently).toBe(true);
  await expectSound(page, "login-factor-passkey");
  await page.keyboard.press("Enter");
  await account(page);

  await page.getByRole("button", { name: "Log out" }).click();
  await page.getByLabel("Email address").fill("grace@example.com");
  await page.getByLabel("Password", { exact: true }).fill(password);
  await page.keyboard.press("Enter");
  await page.getByRole("button", { name: /use a recovery code/ }).click();
  await page.getByLabel("Recovery code").fill(codes[0] ?? "");
  await page.keyboard.press("Enter");
  await seen(page, "9 are left");
});

test("a passkey that the server does not know any more is refused, and the form stays as it was", async () => {
  const page = await signUp(browsing, "emmy@example.com");
  await addDevice(page);
  await addPasskey(page, "Laptop");
  await page.getByRole("button", { name: "Remove Laptop" }).click();
  await page.locator(".ask .danger").click();
  await page.getByRole("dialog").getByRole("button", { name: "With a passkey" }).click();
  await seen(page, "No passkeys yet.");
  await withoutSuggestions(page);
  await page.getByRole("button", { name: "Log out" }).click();
  await page.getByLabel("Email address").fill("emmy@example.com");
  await page.getByRole("button", { name: "With a passkey" }).click();
  await seen(page, "The server does not take this passkey.");
  expect(await page.getByLabel("Email address").inputValue()).toBe("emmy@example.com");
  await expectSound(page, "login-passkey-refused");
});

test("a passkey of somebody else confirms nothing", async () => {
  const page = await signUp(browsing, "lise@example.com");
  await addDevice(page);
  await addPasskey(page, "Laptop");
  await page.getByRole("button", { name: "Log out" }).click();
  await account(page);
  await page.getByRole("button", { name: "Log out" }).click();
  await page.goto(`${browsing.server.url}/console/signup`);
  await page.getByLabel("Email address").fill("edith@example.com");
  await page.getByLabel("Password", { exact: true }).fill(password);
  await primaryOf(page).click();
  await account(page);
  await browsing.server.ageLogins(600);
  await page.reload();
  await page.getByRole("button", { name: "Add Authenticator app" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "With a passkey" }).click();
  await seen(page, "This passkey is of lise@example.com, who is logged in now. Nothing was changed.");
  await (await logIn(browsing, "edith@example.com")).getByRole("heading", { name: "Your account" }).waitFor();
});
