import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { type Browsing, patiently, logIn, primaryOf, seen, signUp, startBrowsing } from "./browsing.ts";
import { expectSound } from "./soundness.ts";

let browsing: Browsing;

beforeAll(async () => {
  browsing = await startBrowsing();
});
afterAll(() => browsing.close());
afterEach(() => expect(browsing.complaints).toEqual([]));

const another = "eight unrelated marbles";

test("a forgotten password leads by mail to a new one, and nothing is sent before the click", async () => {
  await signUp(browsing, "lise@example.com");
  const page = await browsing.open("/console/login");
  await page.getByRole("link", { name: "Forgotten password" }).click();
  await page.getByLabel("Email address").fill("lise@example.com");
  await expectSound(page, "forgotten");
  await page.keyboard.press("Enter");
  await seen(page, "If lise@example.com has an account here, a mail is on its way.");
  await expectSound(page, "forgotten-sent");
  await page.getByRole("link", { name: "On this machine it lands in the dev mailbox" }).click();
  await page.locator(".mail-code").waitFor();

  const sent: string[] = [];
  page.on("request", (request) => {
    if (request.method() !== "GET") sent.push(request.url());
  });
  await page.getByRole("link", { name: "Open link" }).click();
  await page.getByRole("heading", { name: "Set a new password" }).waitFor();
  // Neither the history nor a shared screen keeps the secret.
  expect(new URL(page.url()).hash).toBe("");
  expect(sent).toEqual([]);
  await page.getByLabel("New password").fill("short");
  await page.keyboard.press("Enter");
  await seen(page, "This password is too short.");
  await expectSound(page, "reset-refused");
  await page.getByLabel("New password").fill(another);
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: "Your password is set" }).waitFor();
  await expectSound(page, "reset-set");
  expect(sent).toHaveLength(2);
  await page.getByRole("link", { name: "Log in" }).last().click();
  await page.getByLabel("Email address").fill("lise@example.com");
  await page.getByLabel("Password", { exact: true }).fill(another);
  await primaryOf(page).click();
  await page.getByRole("heading", { name: "Your account" }).waitFor();
});

test("the code of the mail does as well, once, and then a new mail is one click away", async () => {
  await signUp(browsing, "mary@example.com");
  const page = await browsing.open("/console/forgotten");
  await page.getByLabel("Email address").fill("mary@example.com");
  await page.keyboard.press("Enter");
  await page.getByRole("link", { name: "dev mailbox" }).click();
  await page.locator(".mail", { hasText: "to mary@example.com" }).waitFor();
  const code = await page.locator(".mail-code code").innerText();
  for (const outcome of ["Your password is set", "Set a new password"]) {
    await page.goto(`${browsing.server.url}/console/reset`);
    await page.getByLabel("Email address").fill("mary@example.com");
    await page.getByLabel("Code from the mail").fill(code);
    await page.getByLabel("New password").fill(another);
    await page.keyboard.press("Enter");
    if (outcome === "Set a new password") await seen(page, "This code does not work");
    await page.getByRole("heading", { name: outcome }).waitFor();
  }
  await expectSound(page, "reset-code-refused");
  await page.getByRole("link", { name: "Send a new mail" }).click();
  await page.getByRole("heading", { name: "Forgotten password" }).waitFor();
  await (
    await logIn(browsing, "mary@example.com", another)
  )
    .getByRole("heading", { name: "Your account" })
    .waitFor();
});

test("? shows which keys there are, and Escape puts them away", async () => {
  const page = await browsing.open("/console/login");
  await page.keyboard.press("?");
  await page.getByRole("heading", { name: "Keys" }).waitFor();
  await expectSound(page, "keys-list");
  await page.keyboard.press("Escape");
  await expect.poll(() => page.getByRole("heading", { name: "Keys" }).count(), patiently).toBe(0);
  await page.getByLabel("Email address").focus();
  await page.keyboard.type("?");
  expect(await page.getByLabel("Email address").inputValue()).toBe("?");
});
