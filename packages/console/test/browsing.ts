// A browser on a console of its own, which hears of everything that a page must not do.
import type { Browser, BrowserContext, Locator, Page } from "playwright-core";
import { expect, vi } from "vitest";
import { launchChromium } from "../../../scripts/chromium.ts";
import { type ConsoleServer, type ConsoleServerOptions, startConsole } from "./console-server.ts";

// Pictures in six sizes and axe over each take their time, and more of it on a machine that does much else.
vi.setConfig({ testTimeout: 300_000, hookTimeout: 300_000 });

/** So long a page may take to show what is waited for. */
const patienceMs = 60_000;

/** For `expect.poll`. */
export const patiently = { timeout: patienceMs } as const;

export interface Browsing {
  readonly server: ConsoleServer;
  /** A browser that shares nothing with the others, at an address below the server's. */
  readonly open: (path: string, locale?: string) => Promise<Page>;
  /** Errors of scripts, breaches of the policy, and requests to anybody but the server. */
  readonly complaints: string[];
  readonly close: () => Promise<void>;
}

export async function startBrowsing(options?: ConsoleServerOptions): Promise<Browsing> {
  const server = await startConsole(options);
  let browser: Browser;
  try {
    browser = await launchChromium();
  } catch (error) {
    await server.close();
    throw error;
  }
  const complaints: string[] = [];
  return {
    server,
    complaints,
    async open(path, locale = "en") {
      const permissions = ["clipboard-read", "clipboard-write"];
      const context = await browser.newContext({
        viewport: { width: 1440, height: 900 },
        locale,
        permissions,
      });
      context.setDefaultTimeout(patienceMs);
      await watch(context, server.url, complaints);
      const page = await context.newPage();
      await page.goto(server.url + path);
      await page.locator("h1").waitFor();
      return page;
    },
    async close() {
      await browser.close();
      await server.close();
    },
  };
}

async function watch(context: BrowserContext, url: string, complaints: string[]): Promise<void> {
  context.on("weberror", (error) => complaints.push(error.error().message));
  context.on("console", (message) => {
    if (/content security policy|refused to/i.test(message.text())) complaints.push(message.text());
  });
  context.on("request", (request) => {
    if (!request.url().startsWith(`${url}/`) && !request.url().startsWith("data:"))
      complaints.push(request.url());
  });
}

export const primaryOf = (page: Page): Locator => page.locator(".button.primary");

/** By the keyboard alone: the primary button has the focus, says this, and is pressed. */
export async function pressPrimary(page: Page, label: string | RegExp): Promise<void> {
  const primary = primaryOf(page).filter({ hasText: label });
  await primary.waitFor();
  // Asked from outside: a condition that the page itself polls is `eval`, which its policy forbids.
  const focused = () => page.evaluate("document.activeElement.matches('.button.primary')");
  await expect.poll(focused, patiently).toBe(true);
  await page.keyboard.press("Enter");
}

/** Waits until a text stands on the page. */
export async function seen(page: Page, text: string | RegExp): Promise<void> {
  await page.getByText(text).first().waitFor();
}

export const password = "seven unrelated marbles";

/** An account, and a browser that is logged in to it. */
export async function signUp({ open }: Browsing, email: string): Promise<Page> {
  const page = await open("/console/signup");
  await page.getByLabel("Email address").fill(email);
  await page.getByLabel("Password", { exact: true }).fill(password);
  await primaryOf(page).click();
  await page.getByRole("heading", { name: "Your account" }).waitFor();
  return page;
}

/** A browser in which the form of the login was sent. */
export async function logIn({ open }: Browsing, email: string, secret: string = password): Promise<Page> {
  const page = await open("/console/login");
  await page.getByLabel("Email address").fill(email);
  await page.getByLabel("Password", { exact: true }).fill(secret);
  await primaryOf(page).click();
  return page;
}
