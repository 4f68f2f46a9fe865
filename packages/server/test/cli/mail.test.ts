// countersign mail: looked at, tried out, and sent again.
import { randomBytes } from "node:crypto";
import { sql } from "kysely";
import { expect, onTestFinished, test } from "vitest";
import { createApp } from "../../src/app.ts";
import { mailPurposes } from "../../src/mail/letter.ts";
import { issuer } from "../app.ts";
import { startMailServer } from "../mail/mail-server.ts";
import { newFolder, newInstallation, printedBy, printedUnder } from "./installations.ts";

const from = "Countersign <noreply@example.com>";

test("previews every mail in every language, as text, as HTML and as JSON", async () => {
  for (const purpose of Object.keys(mailPurposes)) {
    const words = new Set<string>();
    for (const language of ["en", "de"]) {
      const args = ["mail", "preview", purpose, "--language", language, "--issuer", issuer];
      const text = await printedBy(...args);
      expect(text).toContain("api.example.com");
      const json = JSON.parse(await printedBy(...args, "--json")) as Record<string, string>;
      expect(text).toBe(`${json["subject"]}\n\n${json["text"]}`);
      expect(await printedBy(...args, "--as", "html")).toBe(json["html"]);
      expect(await printedBy(...args, "--as", "both")).toBe(`${text}\n${json["html"]}`);
      words.add(json["subject"] ?? "");
    }
    expect(words.size, purpose).toBe(2);
  }
  const linked = ["mail", "preview", "new_device", "--public-url", "https://app.example.com/{page}"];
  expect(await printedBy(...linked)).toContain("https://app.example.com/not-me#token=example---");
  for (const wrong of [["nothing"], [], ["test", "--language", "fr"], ["test", "--as", "pdf"]])
    await expect(printedBy("mail", "preview", ...wrong)).rejects.toThrow(/PURPOSE|language|as/);
});

test("sends one mail through the mail server that it is told, and says what that answered", async () => {
  const mailServer = await startMailServer();
  const environment = { COUNTERSIGN_SMTP_URL: mailServer.url, COUNTERSIGN_MAIL_FROM: from };
  const printed = await printedUnder(environment, "mail", "test", "ada@example.com");
  expect(printed).toMatch(/^The mail server has taken the mail to ada@example\.com\. It answered: 250 /);
  expect((await mailServer.take("ada@example.com")).subject).toBe("A test from 127.0.0.1:3001");
  const json = await printedUnder(
    environment,
    "mail",
    "test",
    "ada@example.com",
    "--language",
    "de",
    "--json",
  );
  expect(JSON.parse(json)).toEqual({ address: "ada@example.com", response: expect.stringMatching(/^250 /) });
  expect((await mailServer.take("ada@example.com")).subject).toBe("Ein Test von 127.0.0.1:3001");
  for (const address of ["nobody", "a@example.com,b@example.com", "ada@example.com\nbcc:eve@example.com"])
    await expect(printedUnder(environment, "mail", "test", address)).rejects.toThrow(/is no address/);
  const { COUNTERSIGN_MAIL_FROM: _from, ...half } = environment;
  await expect(printedUnder(half, "mail", "test", "ada@example.com")).rejects.toThrow(/--mail-from/);
});

test("says in the mail server's words why it refuses, and never with a password", async () => {
  const refusing = await startMailServer({
    onRcptTo: (_address, _session, done) => done(new Error("no such mailbox here")),
  });
  const environment = { COUNTERSIGN_SMTP_URL: refusing.url, COUNTERSIGN_MAIL_FROM: from };
  await expect(printedUnder(environment, "mail", "test", "ada@example.com")).rejects.toThrow(
    /the mail was not sent: .*no such mailbox here/,
  );
  const secret = randomBytes(12).toString("hex");
  const closed = { ...environment, COUNTERSIGN_SMTP_URL: `smtp://ada:${secret}@127.0.0.1:${refusing.port}` };
  await refusing.close();
  const refusal = await printedUnder(closed, "mail", "test", "ada@example.com").catch(String);
  expect(refusal).toContain("ECONNREFUSED");
  expect(refusal).not.toContain(secret);
});

test("beside a server, mail that was given up goes out, and a test goes through the server's own mail server", async () => {
  const dataDir = await newFolder();
  const mailServer = await startMailServer();
  const app = createApp(
    {
      issuer,
      dataDir,
      databaseUrl: `sqlite:${dataDir}/countersign.db`,
      smtpUrl: mailServer.url,
      mailFrom: from,
    },
    { logger: false },
  );
  onTestFinished(() => app.close());
  await app.ready();
  const where = ["--data-dir", dataDir];
  expect(await printedBy("mail", "retry", ...where)).toBe("No mail has failed.\n");
  expect(await printedBy("mail", "test", "ada@example.com", ...where)).toContain("It answered: 250 ");
  await mailServer.takeAbout("ada@example.com", "A test from api.example.com");

  const payload = { email: "ada@example.com", password: "tangerine violin ledger" };
  await app.inject({ method: "POST", url: "/signup", payload });
  await mailServer.close();
  await app.inject({ method: "POST", url: "/password/forgotten", payload: { email: payload.email } });
  const { database } = app.auth;
  // As after a day without a mail server.
  const failing = sql`update outbox set due_at = null, failure = 'ECONNREFUSED', tries = 16 where tries > 0`;
  await expect
    .poll(async () => (await failing.execute(database)).numAffectedRows, { timeout: 20_000 })
    .toBe(1n);
  const again = await startMailServer({}, mailServer.port);
  expect(JSON.parse(await printedBy("mail", "retry", "--json", ...where))).toEqual({ retried: 1 });
  await again.takeAbout("ada@example.com", "Choose a new password");
  expect(await printedBy("mail", "retry", ...where)).toBe("No mail has failed.\n");
});

test("where no server runs a test needs a mail server to be named, and a retry waits for the next start", async () => {
  const { dataDir } = await newInstallation();
  const where = ["--data-dir", dataDir];
  await expect(printedBy("mail", "test", "ada@example.com", ...where)).rejects.toThrow(
    /there is no mail server/,
  );
  expect(await printedBy("mail", "retry", ...where)).toBe("No mail has failed.\n");
});
