// The example in a real browser: the page on one origin, the API on another.
import { createApp } from "@countersign/server";
import { mkdtempSync, rmSync } from "node:fs";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { launchChromium } from "../../../scripts/chromium.ts";
import { createPageServer } from "../src/page-server.ts";

test("sign-up, a wrong password, a reload, and a log-out that the other tab hears", async () => {
  const dataDir = mkdtempSync(join(tmpdir(), "countersign-"));
  const options = { issuer: "http://127.0.0.1", dataDir, allowLoopbackOrigins: true };
  const app = createApp(options, { logger: false });
  const api = await app.listen({ host: "127.0.0.1", port: 0 });
  const pages = await createPageServer(api);
  const pageOrigin = await listen(pages);
  const browser = await launchChromium();
  onTestFinished(async () => {
    await browser.close();
    pages.close();
    await app.close();
    rmSync(dataDir, { recursive: true });
  });

  const context = await browser.newContext();
  const [first, second] = [await context.newPage(), await context.newPage()];
  const complaints: string[] = [];
  first.on("pageerror", (error) => complaints.push(error.message));
  await first.goto(pageOrigin);
  await second.goto(pageOrigin);

  await first.getByLabel("Email").fill("ada@example.com");
  await first.getByLabel("Password").fill("tangerine violin ledger");
  await first.getByRole("button", { name: "Log in" }).click();
  await first.getByText("Email and password do not match an account").waitFor();
  await first.getByRole("button", { name: "Sign up" }).click();
  await first.getByText("You are ada@example.com.").waitFor();
  await second.getByText("You are ada@example.com.").waitFor();
  await first.reload();
  await first.getByText("You are ada@example.com.").waitFor();

  await second.getByRole("button", { name: "Log out" }).click();
  await first.getByRole("button", { name: "Log in" }).waitFor();
  await second.getByRole("button", { name: "Log in" }).waitFor();
  expect(complaints).toEqual([]);
});

test("says that it could not find out who is logged in, and asks again", async () => {
  const pages = await createPageServer("http://127.0.0.1:9");
  const origin = await listen(pages);
  const browser = await launchChromium();
  onTestFinished(async () => {
    await browser.close();
    pages.close();
  });
  const page = await browser.newPage();
  // What a login before has left; this API is not there.
  await page.addInitScript(`localStorage["countersign.login"] = "refresh ada -"`);
  await page.goto(origin);
  await page.getByText("The server could not be reached.").waitFor();
  await page.getByRole("button", { name: "Try again" }).click();
  await page.getByText("The server could not be reached.").waitFor();
});

async function listen(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
