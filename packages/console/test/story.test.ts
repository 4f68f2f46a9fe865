import type { Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { type Browsing, pressPrimary, primaryOf, seen, startBrowsing } from "./browsing.ts";
import { expectSound } from "./soundness.ts";

describe("the story, as npm start has it", () => {
  let browsing: Browsing;
  beforeAll(async () => {
    browsing = await startBrowsing();
  });
  afterAll(() => browsing.close());
  afterEach(() => expect(browsing.complaints).toEqual([]));

  describe("by the keyboard alone", () => {
    let page: Page;
    beforeAll(async () => {
      page = await browsing.open("/");
      await primaryOf(page).focus();
    });

    test("step 1 makes an account, of which the server keeps a hash", async () => {
      expect(new URL(page.url()).pathname).toBe("/console");
      await expect.poll(() => page.title()).toBe("Sign up · Countersign");
      await expectSound(page, "story-1-before");
      await pressPrimary(page, "Sign up");
      await seen(page, "The server answered 201");
      await seen(page, "account_created");
      await seen(page, "It kept a hash");
      await expectSound(page, "story-1");
    });

    test("step 2 gives a token, and tells each of its claims", async () => {
      await pressPrimary(page, "Next");
      await pressPrimary(page, "Log in");
      await seen(page, "session_opened");
      await seen(page, /Whoever holds this text is you, for (?:9|10) more minutes/);
      await page.getByRole("button", { name: /more claims/ }).click();
      await seen(page, "the session it belongs to");
      await primaryOf(page).focus();
      await expectSound(page, "story-2");
    });

    test("step 3 lets in, and writes nothing down", async () => {
      await pressPrimary(page, "Next");
      await pressPrimary(page, "Call the posts");
      await seen(page, "Nothing was written down. That is what stateless means.");
      await seen(page, "The same computation took this page");
      await expectSound(page, "story-3");
    });

    test("step 4 changes a word, which the server refuses and a careless verifier does not", async () => {
      await pressPrimary(page, "Next");
      await pressPrimary(page, "Change user to admin");
      await page.locator(".strip b.broken").waitFor();
      await pressPrimary(page, "Send it");
      await seen(page, "Refused 401");
      await seen(page, "Hello, admin.");
      await expectSound(page, "story-4");
    });

    test("the inspector takes the changed token over, knows that it does not fit, and the story goes on where it was", async () => {
      await page.getByRole("link", { name: "Open in the inspector" }).click();
      await page.locator(".band", { hasText: "bad_signature" }).waitFor();
      await seen(page, "Only the server has the secret that makes one that fits.");
      expect(await page.evaluate("document.activeElement.tagName")).toBe("H1");
      await expectSound(page, "inspector-of-the-story");
      await page.getByRole("button", { name: "Undo the change" }).click();
      await page.locator(".band", { hasText: "Not checked" }).waitFor();
      await seen(page, "This server signs with a secret and does not show it.");
      await page.goBack();
      await seen(page, "Hello, admin.");
      await primaryOf(page).focus();
    });

    test("step 5 logs out, and whoever follows the feed hears of it", async () => {
      await pressPrimary(page, "Next");
      await pressPrimary(page, "Log out");
      await seen(page, "session_ended");
      await seen(page, "until it had heard of the log-out");
      await expectSound(page, "story-5");
    });

    test("step 6 catches the thief, and the trail tells how", async () => {
      await pressPrimary(page, "Next");
      for (const deed of ["Log in, and copy it", "Renew", "Renew again", "Thief: use the copy"])
        await pressPrimary(page, deed);
      await seen(page, "An old one came back.");
      await seen(page, "renewal_reused");
      await seen(page, "presented 0");
      await pressPrimary(page, "Renew once more");
      await seen(page, "You log in again. The thief cannot.");
      const words = await page.locator(".ledger .word").allInnerTexts();
      const accepted = "Accepted 200";
      expect(words).toEqual([accepted, accepted, accepted, "Refused 400", "Refused 400"]);
      await expectSound(page, "story-6");
    });

    test("step 7 does the same with a cookie, and the pages stay logged in", async () => {
      await pressPrimary(page, "Next");
      for (const deed of [
        "Log in both ways",
        "Read with both",
        "Change your name with both",
        "Log out of both",
      ])
        await pressPrimary(page, deed);
      await seen(page, "You now know JWTs.");
      const statuses = await page.locator(".both .word").allInnerTexts();
      expect(statuses.map((text) => text.replace("Accepted ", ""))).toEqual([
        "200",
        "204",
        "200",
        "200",
        "200",
        "200",
        "204",
        "204",
      ]);
      await expectSound(page, "story-7");
      expect(await page.locator(".steps .done").count()).toBe(7);
      // The cookie's end has the browser clear what it keeps; the login to these pages outlives that.
      await page.reload();
      await page.getByRole("link", { name: "ada@example.com" }).waitFor();
    });
  });

  test("says that an address is taken, and goes on with another one", async () => {
    const page = await browsing.open("/console");
    await primaryOf(page).click();
    await seen(page, "That address has an account.");
    expect(await page.getByLabel("Password", { exact: true }).inputValue()).not.toBe("");
    await page.getByRole("button", { name: "Use another address" }).click();
    await primaryOf(page).click();
    await seen(page, "The server answered 201");
    await page.context().close();
  });

  test("says that the server cannot be reached, keeps what was typed, and goes on when it is back", async () => {
    const page = await browsing.open("/console");
    await page.getByLabel("Email address").fill("mary@example.com");
    await page.context().setOffline(true);
    await page.keyboard.press("Enter");
    await seen(page, "The server cannot be reached. Your text is still here. Try again.");
    await page.context().setOffline(false);
    await page.keyboard.press("Enter");
    await seen(page, "account_created");
    await page.context().close();
  });

  test("leads to the step that is missing, and through the steps with the arrow keys", async () => {
    const page = await browsing.open("/console");
    await page.keyboard.press("ArrowRight");
    await seen(page, "This step needs an account.");
    await expect.poll(() => page.title()).toBe("Log in, and look at your token · Countersign");
    await primaryOf(page).click();
    await page.getByRole("heading", { name: "Sign up" }).waitFor();
    await page.getByLabel("Email address").focus();
    await page.keyboard.press("ArrowRight");
    await page.getByRole("heading", { name: "Sign up" }).waitFor();
    await page.context().close();
  });

  test("speaks German to whoever's browser does", async () => {
    const page = await browsing.open("/console", "de-AT");
    await page.getByRole("heading", { name: "Ein Konto anlegen" }).waitFor();
    expect(await page.evaluate("document.documentElement.lang")).toBe("de");
    await expectSound(page, "story-1-before-german");
    await page.context().close();
  });

  test("copies a curl command that does the same", async () => {
    const page = await browsing.open("/console");
    await page.getByRole("button", { name: "Copy the curl command" }).click();
    await seen(page, "Copied");
    const command = await page.evaluate<string>("navigator.clipboard.readText()");
    expect(command).toMatch(
      /^curl -i 'http:\/\/127\.0\.0\.1:\d+\/signup' -H 'content-type: application\/json' -d '\{"email":"ada@example\.com","password":"[\w-]{19}"\}'$/,
    );
    expect(await page.locator(".receipt pre").innerText()).toContain("••••••••");
    await page.context().close();
  });
});

describe("the story with public keys and a second verifier", () => {
  let browsing: Browsing;
  beforeAll(async () => {
    browsing = await startBrowsing({ algorithm: "ES256", secondVerifier: true, activity: false });
  });
  afterAll(() => browsing.close());
  afterEach(() => expect(browsing.complaints).toEqual([]));

  test("shows both refuse after the log-out, and does without the trail where it is not shown", async () => {
    const page = await browsing.open("/console");
    await primaryOf(page).focus();
    await pressPrimary(page, "Sign up");
    await seen(page, "this server does not show it here");
    await pressPrimary(page, "Next");
    await pressPrimary(page, "Log in");
    await seen(page, "a private key signs, a public one checks");
    await page.locator(".steps button").nth(4).click();
    await pressPrimary(page, "Log out");
    await seen(page, "until it had heard of the log-out and refused the token.");
    expect(await page.locator(".columns .word").allInnerTexts()).toEqual(["Refused 401", "Refused 401"]);
  });
});
