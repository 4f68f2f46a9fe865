import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { Page } from "playwright-core";
import { type Browsing, primaryOf, seen, startBrowsing } from "./browsing.ts";
import { expectSound } from "./soundness.ts";

let browsing: Browsing;
let page: Page;

beforeAll(async () => {
  browsing = await startBrowsing({ algorithm: "ES256" });
  page = await browsing.open("/console");
  await primaryOf(page).click();
  await page.getByRole("link", { name: "ada@example.com" }).waitFor();
  await page.getByRole("link", { name: "Inspector" }).click();
  await seen(page, "Your own token, as the server made it.");
});
afterAll(() => browsing.close());
afterEach(() => expect(browsing.complaints).toEqual([]));
beforeEach(async () => {
  await page.getByRole("button", { name: "Load my own token" }).click();
  await verdict("Accepted");
});

const part = (name: "Header" | "Payload" | "Signature") => page.getByRole("textbox", { name, exact: true });

async function verdict(word: string, reason = ""): Promise<void> {
  await page.locator(".band", { hasText: word }).filter({ hasText: reason }).waitFor();
}

/** Replaces a piece of what stands in an editor. */
async function edit(
  name: "Header" | "Payload" | "Signature",
  from: string | RegExp,
  to: string,
): Promise<void> {
  const before = await part(name).inputValue();
  const after = before.replace(from, to);
  expect(after).not.toBe(before);
  await part(name).fill(after);
}

describe("the inspector", () => {
  test("accepts what the server made, and explains each claim", async () => {
    expect(await page.locator(".checks .ok").count()).toBe(5);
    expect(await page.locator(".meanings dt").allInnerTexts()).toContain("auth_time");
    await seen(page, /^expires in 9 minutes|^expires in 10 minutes/);
    await expectSound(page, "inspector-accepted");
  });

  test("refuses a changed claim, names it, marks it, and takes the change back", async () => {
    await edit("Payload", '"user"', '"admin"');
    await verdict("Refused", "bad_signature");
    await seen(page, "roles changed after the token was signed.");
    await seen(page, "Only the private key can make one that fits.");
    await seen(page, "A careless verifier lets it in");
    expect(await page.locator(".token-text mark").count()).toBe(1);
    expect(await page.locator(".strip b.broken").count()).toBe(1);
    expect(await page.locator(".checks li.ok").count()).toBe(3);
    expect(await page.locator(".checks li.off").count()).toBe(1);
    await seen(page, "Refused. The signature does not fit this payload.");
    await expectSound(page, "inspector-refused");
    await page.getByRole("button", { name: "Undo the change" }).click();
    await verdict("Accepted");
  });

  test("accepts again once the change is typed back", async () => {
    await edit("Payload", '"user"', '"admin"');
    await verdict("Refused", "bad_signature");
    await edit("Payload", '"admin"', '"user"');
    await verdict("Accepted");
  });

  test("refuses a changed signature, and says that it is the signature", async () => {
    const signature = await part("Signature").inputValue();
    await part("Signature").fill((signature.startsWith("A") ? "B" : "A") + signature.slice(1));
    await verdict("Refused", "bad_signature");
    await seen(page, "The signature itself was changed.");
  });

  test("refuses a changed header, and says that it is the header", async () => {
    await edit("Header", '"typ": "at+jwt"', '"typ": "JWT"');
    await verdict("Refused", "bad_signature");
    await seen(page, "The signature does not fit this header.");
  });

  test("refuses none, and the secret in place of the key pair, before it looks at any signature", async () => {
    await edit("Header", "ES256", "none");
    await verdict("Refused", "algorithm_not_allowed");
    await seen(page, "The header asks for none.");
    await seen(page, "No verifier may accept it.");
    await edit("Header", "none", "HS256");
    await verdict("Refused", "algorithm_not_allowed");
    await seen(page, "The header asks for HS256.");
    expect(await page.locator(".checks li.off").count()).toBe(3);
  });

  test("refuses a key that nobody knows", async () => {
    await edit("Header", /"kid": "[^"]+"/, '"kid": "another"');
    await verdict("Refused", "unknown_key");
    await seen(page, "No key here is named another.");
  });

  test("refuses what is no token, while one types and after", async () => {
    await edit("Header", "{", "");
    await seen(page, "not a JSON object yet");
    await verdict("Refused", "malformed");
  });

  test("signs with a key of the moment, and then judges times, issuer and audience", async () => {
    await page.getByRole("button", { name: "Sign with a throwaway key" }).click();
    await verdict("Accepted");
    await seen(page, "No server knows that key, so none lets it in.");
    await page.getByText("Also ask for an issuer or an audience").click();
    await page.getByLabel("Issuer").fill("https://elsewhere.example");
    await verdict("Refused", "wrong_issuer");
    await page.getByLabel("Issuer").fill("");
    await page.getByLabel("Audience").fill("https://elsewhere.example");
    await verdict("Refused", "wrong_audience");
    await page.getByLabel("Audience").fill("");
    await verdict("Accepted");

    await edit("Payload", /"exp": \d+/, '"exp": 1000000000');
    await page.getByRole("button", { name: "Sign with a throwaway key" }).click();
    await verdict("Refused", "expired");
    await edit("Payload", '"exp": 1000000000', '"exp": "tomorrow"');
    await page.getByRole("button", { name: "Sign with a throwaway key" }).click();
    await verdict("Refused", "claim_invalid");
    await edit("Payload", '"exp": "tomorrow"', '"nbf": 9000000000');
    await page.getByRole("button", { name: "Sign with a throwaway key" }).click();
    await verdict("Refused", "not_yet_valid");
    await seen(page, "It never expires.");
    await page.getByText("Also ask for an issuer or an audience").click();
  });

  test("tells a weak secret, a name and an address, and takes a token out of whatever is pasted", async () => {
    await page.evaluate(
      `navigator.clipboard.writeText("curl -H 'Authorization: Bearer eyJhbGciOiJIUzI1NiJ9.eyJlbWFpbCI6ImFkYUBleGFtcGxlLmNvbSJ9.AAAA' http://127.0.0.1/")`,
    );
    await page.getByRole("textbox", { name: "Token. Paste one to replace it." }).focus();
    await page.keyboard.press("Control+V");
    await seen(page, "A token of 62 characters came in.");
    await seen(page, "is about a person.");
    await page.getByRole("radio", { name: "Secret" }).check();
    await page.getByLabel("The secret").fill("short");
    await seen(page, "This secret has 5 bytes.");
    await verdict("Refused", "bad_signature");
    await seen(page, "it needs");
    await page.getByLabel("The secret").fill("a-string-secret-at-least-256-bits-long");
    await seen(page, "This secret stands in tutorials.");
    await expectSound(page, "inspector-warnings");
  });

  test("checks with a JWK and a set of them, and says what is wrong with a key", async () => {
    const jwks = await page.evaluate<string>(
      "fetch('/.well-known/jwks.json').then((response) => response.text())",
    );
    await page.getByRole("radio", { name: "JWKS" }).check();
    await page.getByLabel("A set of keys").fill("no json");
    await seen(page, "This is not JSON.");
    await page.getByLabel("A set of keys").fill(jwks);
    await verdict("Accepted");
    await page.getByRole("radio", { name: "JWK", exact: true }).check();
    await page
      .getByLabel("A public key as JWK")
      .fill(JSON.stringify((JSON.parse(jwks) as { keys: object[] }).keys[0]));
    await verdict("Accepted");
    await page.getByRole("radio", { name: "PEM" }).check();
    await page.getByLabel("A public key as PEM").fill("-----BEGIN PRIVATE KEY-----");
    await seen(page, "This is a private key. Paste the public one");
    await verdict("Not checked");
  });

  test("leads to its editors with Alt and 1, 2, 3, and lets Tab leave them", async () => {
    for (const [key, label] of [
      ["1", "Header"],
      ["2", "Payload"],
      ["3", "Signature"],
    ] as const) {
      await page.keyboard.press(`Alt+${key}`);
      expect(await page.evaluate("document.activeElement.labels[0].textContent")).toBe(label);
    }
    await page.keyboard.press("Alt+1");
    await page.keyboard.press("Tab");
    expect(await page.evaluate("document.activeElement.labels[0].textContent")).toBe("Payload");
  });

  test("has an example for strangers, signed on the spot, and speaks their language", async () => {
    const stranger = await browsing.open("/console/inspector", "de");
    await stranger.locator(".band", { hasText: "Angenommen" }).waitFor();
    await seen(stranger, "Ein Beispiel, gerade in dieser Seite signiert.");
    await expectSound(stranger, "inspector-german");
    await stranger.context().close();
  });

  test("sends nothing while one types", async () => {
    const sent: string[] = [];
    page.on("request", (request) => sent.push(request.url()));
    await edit("Payload", '"user"', '"admin"');
    await verdict("Refused", "bad_signature");
    await page.getByRole("button", { name: "Sign with a throwaway key" }).click();
    await verdict("Accepted");
    expect(sent).toEqual([]);
  });
});
