// countersign sessions: what an account is logged in with, and its end.
import { decode } from "@countersign/token";
import { expect, onTestFinished, test } from "vitest";
import { createApp } from "../../src/app.ts";
import { issuer, login, newAccount } from "../app.ts";
import { newFolder, printedBy } from "./installations.ts";

test("lists the sessions of an account, and ends one or all of them beside the server", async () => {
  const dataDir = await newFolder();
  const where = ["--data-dir", dataDir];
  const app = createApp(
    { issuer, dataDir, databaseUrl: `sqlite:${dataDir}/countersign.db` },
    { logger: false },
  );
  onTestFinished(() => app.close());
  await app.ready();
  const email = await newAccount(app);
  expect(await printedBy("sessions", "list", email, ...where)).toBe("It is logged in nowhere.\n");
  const [first, second, third] = [await login(app), await login(app), await login(app)];
  const listed = async () =>
    JSON.parse(await printedBy("sessions", "list", email, "--json", ...where)) as { id: string }[];
  const sessions = await listed();
  expect(sessions).toHaveLength(3);
  expect(await printedBy("sessions", "list", email, ...where)).toMatch(
    /^SESSION +KIND +FROM +SINCE +LAST USED\n/,
  );

  const statusOf = async ({ access_token: token }: typeof first) =>
    (await app.inject({ url: "/me", headers: { authorization: `Bearer ${token}` } })).statusCode;
  const { sid } = decode(second.access_token).payload as { sid: string };
  expect(await printedBy("sessions", "end", email, sid, ...where)).toBe("That session has ended.\n");
  expect(await Promise.all([first, second, third].map(statusOf))).toEqual([200, 401, 200]);
  expect(await printedBy("sessions", "end", email, "--all", ...where)).toBe("It is logged out everywhere.\n");
  expect(await Promise.all([first, second, third].map(statusOf))).toEqual([401, 401, 401]);
  expect(await listed()).toEqual([]);

  await expect(printedBy("sessions", "end", email, ...where)).rejects.toThrow(/which session, or --all/);
  await expect(printedBy("sessions", "end", email, sid, "--all", ...where)).rejects.toThrow(/--all/);
  await expect(printedBy("sessions", "end", email, "nothing", ...where)).rejects.toThrow(/no such session/);
  await expect(printedBy("sessions", "list", "nobody@example.com", ...where)).rejects.toThrow(
    /no such account/,
  );
});
