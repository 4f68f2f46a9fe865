// An app whose mail a real mail server takes, and what stands in it.
import type { FastifyInstance } from "fastify";
import type { CountersignOptions } from "../../src/settings/countersign-options.ts";
import { startApp } from "../app.ts";
import { newPostgresUrl } from "../postgres.ts";
import { type MailServer, type ReceivedMail, startMailServer } from "./mail-server.ts";

export const databases = ["SQLite", "PostgreSQL"] as const;

export interface MailedApp {
  readonly app: FastifyInstance;
  readonly mailServer: MailServer;
}

export async function startMailedApp(
  database: (typeof databases)[number] = "SQLite",
  options: Partial<CountersignOptions> = {},
): Promise<MailedApp> {
  const mailServer = await startMailServer();
  const app = await startApp({
    databaseUrl: database === "SQLite" ? "sqlite::memory:" : await newPostgresUrl(),
    smtpUrl: mailServer.url,
    mailFrom: "Countersign <noreply@example.com>",
    ...options,
  });
  return { app, mailServer };
}

export interface MailedSecrets {
  readonly token: string;
  readonly code: string;
}

/** What a mail holds to be shown again. */
export function secretsIn(mail: ReceivedMail): MailedSecrets {
  const [, token] = /#token=([\w-]{43})/.exec(mail.text ?? "") ?? [];
  const [code] = /\b[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}\b/.exec(mail.text ?? "") ?? [];
  if (token === undefined || code === undefined) throw new TypeError(`it holds no secrets: ${mail.subject}`);
  return { token, code };
}
