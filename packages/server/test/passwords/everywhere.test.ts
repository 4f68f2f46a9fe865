// Wherever a password is set, the settings say which ones are accepted.
import type { LightMyRequestResponse } from "fastify";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { runCommand } from "../../src/cli/run.ts";
import { bearer, login, newAccount, password, startApp } from "../app.ts";
import { newInstallation, printedUnder } from "../cli/installations.ts";
import { secretsIn, startMailedApp } from "../mail/mailed-app.ts";

async function fileOfWords(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "countersign-words-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  await writeFile(join(folder, "words"), "kestrelworks\n");
  return join(folder, "words");
}

const refusals = [
  [
    "kestrel owl",
    "password_too_short",
    "At least 12 characters; a few unrelated words make a good password.",
  ],
  ["Kestrelworks-2026", "password_too_common", expect.stringContaining("one that this service refuses")],
] as const;

type Ask = (secret: string) => Promise<LightMyRequestResponse>;

async function expectJudged(ask: Ask, accepted: number): Promise<void> {
  for (const [secret, code, detail] of refusals)
    expect((await ask(secret)).json()).toMatchObject({ status: 400, code, detail });
  expect((await ask("kestrel owl 7")).statusCode).toBe(accepted);
}

test("PW-01: a sign-up, a change and a reset ask for as many characters as are set, and for none of the app's words", async () => {
  const { app, mailServer } = await startMailedApp("SQLite", {
    passwordMinLength: 12,
    passwordBlocklistFile: await fileOfWords(),
  });
  const post = (url: string, payload: object) => app.inject({ method: "POST", url, payload });
  await expectJudged((secret) => post("/signup", { email: "eve@example.com", password: secret }), 201);

  await newAccount(app);
  const headers = bearer(await login(app));
  await expectJudged((secret) => {
    const payload = { current_password: password, new_password: secret };
    return app.inject({ method: "PUT", url: "/me/password", headers, payload });
  }, 200);

  await post("/password/forgotten", { email: "ada@example.com" });
  const { token } = secretsIn(await mailServer.takeAbout("ada@example.com", "Choose a new password"));
  await expectJudged((secret) => post("/password/reset", { token, new_password: secret }), 200);
});

test("PW-01: so does an operator who makes an account, with the options of the command or its environment", async () => {
  const { dataDir } = await newInstallation();
  const words = await fileOfWords();
  const create = (line: string, ...args: string[]) =>
    runCommand(
      ["users", "create", "--email", "ada@example.com", "--password-stdin", "--data-dir", dataDir, ...args],
      {
        environment: { COUNTERSIGN_PASSWORD_BLOCKLIST_FILE: words },
        print: () => undefined,
        input: async function* () {
          yield Buffer.from(`${line}\n`);
        },
      },
    );
  const flag = ["--password-min-length", "12"];
  await expect(create("kestrel owl", ...flag)).rejects.toThrow("At least 12 characters");
  await expect(create("Kestrelworks-2026", ...flag)).rejects.toThrow("one that this service refuses");
  await expect(create("kestrel owl 7")).rejects.toThrow("At least 15 characters");
  await create("kestrel owl 7", ...flag);
});

test("a list that cannot be read ends the start, and a command that has nothing to do with passwords does without it", async () => {
  const passwordBlocklistFile = join(tmpdir(), "no-such-list-of-words");
  await expect(startApp({ passwordBlocklistFile })).rejects.toThrow(
    `passwordBlocklistFile must name a UTF-8 text file with a word on each line, but ${passwordBlocklistFile} cannot be read (ENOENT)`,
  );
  const { dataDir } = await newInstallation();
  const environment = { COUNTERSIGN_PASSWORD_BLOCKLIST_FILE: passwordBlocklistFile };
  expect(await printedUnder(environment, "keys", "list", "--data-dir", dataDir)).toContain("KID");
});
