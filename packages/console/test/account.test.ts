import { afterAll, afterEach, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { logIn, password, seen, signUp, startBrowsing, type Browsing } from "./browsing.ts";
import { expectSound } from "./soundness.ts";

let browsing: Browsing;

beforeAll(async () => {
  browsing = await startBrowsing();
});
afterAll(() => browsing.close());
afterEach(() => expect(browsing.complaints).toEqual([]));

describe("signing up and logging in", () => {
  test("says what is wrong at its field, keeps what was typed, and then lets in", async () => {
    const page = await browsing.open("/console/signup");
    await expectSound(page, "signup");
    await page.getByLabel("Email address").fill("grace@example.com");
    await page.getByLabel("Password", { exact: true }).fill("too short");
    await page.keyboard.press("Enter");
    await seen(page, "This password is too short.");
    expect(await page.getByLabel("Password", { exact: true }).inputValue()).toBe("too short");
    await expectSound(page, "signup-refused");
    await page.getByLabel("Password", { exact: true }).fill(password);
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: "Your account" }).waitFor();
    expect(await page.evaluate("document.activeElement.tagName")).toBe("H1");
    await expect.poll(() => page.title()).toBe("Your account · Countersign");
  });

  test("refuses a wrong password with one sentence, and leads strangers to the login", async () => {
    await signUp(browsing, "joan@example.com");
    const page = await logIn(browsing, "joan@example.com", "not the right one at all");
    await seen(page, "Email and password do not match.");
    await expectSound(page, "login-refused");
    await page.goto(`${browsing.server.url}/console/account/sessions`);
    await page.getByRole("heading", { name: "Log in" }).waitFor();
  });

  test("stays logged in over a reload, and logs out", async () => {
    const page = await signUp(browsing, "mary@example.com");
    await page.reload();
    await page.getByRole("heading", { name: "Your account" }).waitFor();
    await page.getByRole("button", { name: "Log out" }).click();
    await seen(page, "You are logged out.");
    await page.reload();
    await page.getByRole("heading", { name: "Log in" }).waitFor();
  });
});

describe("the account", () => {
  test("changes the name in its row, and Escape leaves it as it was", async () => {
    const page = await signUp(browsing, "edith@example.com");
    await page.getByRole("button", { name: "Change Name" }).click();
    await page.getByLabel("Name").fill("Edith");
    await page.keyboard.press("Escape");
    await seen(page, "None. You need none.");
    await page.getByRole("button", { name: "Change Name" }).click();
    await page.getByLabel("Name").fill("Edith");
    await expectSound(page, "account-name");
    await page.getByLabel("Name").press("Enter");
    await seen(page, "Saved.");
    await page.reload();
    await seen(page, "Edith");
  });

  test("changes the password for whoever knows it, and logs the other devices out", async () => {
    const page = await signUp(browsing, "lise@example.com");
    const other = await logIn(browsing, "lise@example.com");
    await other.getByRole("heading", { name: "Your account" }).waitFor();
    await page.getByRole("button", { name: "Change Password" }).click();
    await page.getByLabel("Current password").fill("wrong");
    await page.getByLabel("New password").fill("eight unrelated marbles");
    await page.keyboard.press("Enter");
    await seen(page, "Your current password is not right. Nothing was changed.");
    await page.getByLabel("Current password").fill(password);
    await page.keyboard.press("Enter");
    await seen(page, "Changed. All other devices are logged out.");
    await other.getByRole("link", { name: "See them" }).click();
    await other.getByRole("heading", { name: "Log in" }).waitFor();
    const again = await logIn(browsing, "lise@example.com", "eight unrelated marbles");
    await again.getByRole("heading", { name: "Your account" }).waitFor();
  });

  test("is deleted only with its address and its password", async () => {
    const page = await signUp(browsing, "emmy@example.com");
    await page.getByRole("button", { name: "Delete Delete account" }).click();
    await page.getByLabel("Type emmy@example.com").fill("other@example.com");
    await page.getByLabel("Current password").fill(password);
    await page.keyboard.press("Enter");
    await seen(page, "Nothing was deleted.");
    await expectSound(page, "account-deletion");
    await page.getByLabel("Type emmy@example.com").fill("emmy@example.com");
    await page.getByLabel("Current password").press("Enter");
    await seen(page, "Deleted. The account is gone.");
    const gone = await logIn(browsing, "emmy@example.com");
    await seen(gone, "Email and password do not match.");
  });
});

describe("the sessions", () => {
  test("a session that is ended in one browser is over in the other, which says so by itself", async () => {
    const one = await signUp(browsing, "hedy@example.com");
    const two = await logIn(browsing, "hedy@example.com");
    await two.getByRole("link", { name: "See them" }).click();
    await two.getByRole("heading", { name: "Where you are logged in" }).waitFor();
    await one.getByRole("link", { name: "See them" }).click();
    await seen(one, "2 sessions. End one, and its next request is refused.");
    await one.getByRole("button", { name: /^End Chrome on Linux/ }).click();
    expect(await one.evaluate("document.activeElement.textContent")).toBe("Keep");
    await expectSound(one, "sessions-ask");
    await one.keyboard.press("Escape");
    expect(await one.evaluate("document.activeElement.textContent.startsWith('End')")).toBe(true);
    await one.keyboard.press("Enter");
    await one.locator(".ask .danger").click();
    await seen(one, "Ended: Chrome on Linux.");
    await seen(one, "Only this device.");
    await seen(two, "This session was ended on another device.");
    await two.getByRole("heading", { name: "Log in" }).waitFor();
  });

  test("all others end with one click", async () => {
    const page = await signUp(browsing, "rosalind@example.com");
    await logIn(browsing, "rosalind@example.com");
    await (
      await logIn(browsing, "rosalind@example.com")
    )
      .getByRole("heading", { name: "Your account" })
      .waitFor();
    await page.getByRole("link", { name: "See them" }).click();
    await page.getByRole("button", { name: "End the other 2" }).click();
    await seen(page, "Ended. Only this device is left.");
    expect(await page.locator(".list tbody tr").count()).toBe(1);
  });
});

test("an address without a page says so, and leads on", async () => {
  const page = await browsing.open("/console/nowhere");
  await page.getByRole("heading", { name: "There is no page here" }).waitFor();
  await expectSound(page, "not-found");
  await page.getByRole("link", { name: "To the story" }).click();
  await page.getByRole("heading", { name: "Sign up" }).waitFor();
});

test("the first Tab leads past the bar to the page", async () => {
  const page = await browsing.open("/console");
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  expect(await page.evaluate("document.activeElement.tagName")).toBe("H1");
});

test("the pages work below a prefix as they do at the root", async () => {
  const below = await startBrowsing({ prefix: "/auth" });
  onTestFinished(() => below.close());
  const page = await below.open("/auth/console/signup");
  await page.getByLabel("Email address").fill("edith@example.com");
  await page.getByLabel("Password", { exact: true }).fill(password);
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: "Your account" }).waitFor();
  await page.goto(`${below.server.url}/auth/console/account/sessions`);
  await page.getByRole("heading", { name: "Where you are logged in" }).waitFor();
  expect(below.complaints).toEqual([]);
});
