// The operator's hand on the mail.
import Type from "typebox";
import { schemaOf, strict } from "../http/schema.ts";
import type { Locale } from "../mail/locale.ts";
import { createOutboxSealer } from "../mail/mail.ts";
import { createOutbox } from "../mail/outbox-store.ts";
import type { SendTestMail } from "../mail/test-mail.ts";
import { MailRefused } from "../mail/transport.ts";
import { type Operation, OperationRefused } from "./operation.ts";

export interface TestMail {
  readonly address: string;
  readonly language: Locale;
}

export interface TestMailAnswer {
  readonly address: string;
  /** Of the mail server, in its words. */
  readonly response: string;
}

/** Through the mail server of whoever has the installation open. */
export const sendTestMail: Operation<TestMail, TestMailAnswer> = {
  name: "mail-test",
  input: schemaOf<TestMail>()(
    Type.Object(
      {
        address: Type.String({ maxLength: 254 }),
        language: Type.Union([Type.Literal("en"), Type.Literal("de")]),
      },
      strict,
    ),
  ),
  run: (installation, mail) => tryMailServer(installation.sendTestMail, mail),
};

/** @throws OperationRefused with what the mail server said, or what was in the way */
export async function tryMailServer(
  send: SendTestMail | undefined,
  { address, language }: TestMail,
): Promise<TestMailAnswer> {
  if (send === undefined)
    throw new OperationRefused(
      "there is no mail server: say --smtp-url-file FILE and --mail-from ADDRESS, or set them for the server that runs",
    );
  try {
    return { address, response: await send(address, language) };
  } catch (error) {
    const cause = error instanceof MailRefused ? (error.cause ?? error) : error;
    throw new OperationRefused(
      `the mail was not sent: ${cause instanceof Error ? cause.message : String(cause)}`,
      { cause: error },
    );
  }
}

/** What is not tried any more is due at once, with all its tries before it. */
export const retryMail: Operation<Record<never, never>, { readonly retried: number }> = {
  name: "mail-retry",
  input: Type.Object({}, strict),
  async run(installation) {
    const sealer = createOutboxSealer(await installation.masterKey());
    return { retried: await createOutbox(installation.database, sealer).retry() };
  },
};
