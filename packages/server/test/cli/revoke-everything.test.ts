import { describe, expect, onTestFinished, test } from "vitest";
import { newPostgresUrl } from "../postgres.ts";
import { countersign, newFolder } from "./installations.ts";
import { startServed } from "./served.ts";

const account = { email: "ada@example.com", password: "tangerine violin ledger" };

describe("countersign revoke-everything", () => {
  test("LO-04: kills every token that there is, at a server that runs on, and lets sessions go on", async () => {
    const where = ["--data-dir", await newFolder(), "--database", await newPostgresUrl()];
    const served = await startServed(...where);
    onTestFinished(() => void served.process.kill("SIGKILL"));
    const post = (path: string, body: object | URLSearchParams): Promise<Response> => {
      const isForm = body instanceof URLSearchParams;
      const headers = isForm ? {} : { "content-type": "application/json" };
      return fetch(served.url + path, {
        method: "POST",
        headers,
        body: isForm ? body : JSON.stringify(body),
      });
    };
    const tokensOf = async (response: Response) =>
      (await response.json()) as { access_token: string; refresh_token: string };
    const statusOf = async (token: string): Promise<number> =>
      (await fetch(`${served.url}/me`, { headers: { authorization: `Bearer ${token}` } })).status;

    await post("/signup", account);
    const tokens = await tokensOf(await post("/login", account));
    expect(await statusOf(tokens.access_token)).toBe(200);
    const told = countersign("revoke-everything", "--yes", ...where);
    expect(told).toMatchObject({
      status: 0,
      stdout: expect.stringMatching(/before 20\d\d-.*Z is refused\.\n$/),
    });
    await expect.poll(() => statusOf(tokens.access_token), { timeout: 10_000 }).toBe(401);

    const grant = { grant_type: "refresh_token", refresh_token: tokens.refresh_token };
    const renewed = await tokensOf(await post("/token", new URLSearchParams(grant)));
    expect(await statusOf(renewed.access_token)).toBe(200);
    expect(JSON.parse(countersign("revoke-everything", "--yes", "--json", ...where).stdout)).toEqual({
      tokens_before: expect.stringMatching(/Z$/),
    });
    expect(countersign("audit", "verify", ...where).status).toBe(0);
  });

  test("takes nothing more, and makes no installation", async () => {
    expect(countersign("revoke-everything", "now")).toMatchObject({ status: 2, stdout: "" });
    expect(countersign("revoke-everything", "--yes", "--data-dir", await newFolder())).toMatchObject({
      status: 2,
      stderr: expect.stringContaining("there is no installation at"),
    });
    expect(countersign("revoke-everything", "--help").stdout).toMatch(/Sessions live\s+on/);
  });
});
