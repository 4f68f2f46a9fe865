// Mail as a whole: what the features are given of it, and the worker behind it.
import type { Database } from "../database/database.ts";
import type { MasterKey } from "../keys/master-key.ts";
import { createSealer } from "../keys/sealing.ts";
import { createOneTimeCodes, type OneTimeCodes } from "../one-time-codes/one-time-codes.ts";
import { createCodeHashes } from "../one-time-codes/secrets.ts";
import { createCodeStore } from "../one-time-codes/store.ts";
import { type Compose, createCompose } from "./compose.ts";
import { readMailFrom } from "../settings/mail-from.ts";
import type { OptionValues } from "../settings/countersign-options.ts";
import { readSmtpUrl } from "../settings/smtp-url.ts";
import { createDevMailbox, type DevMailbox } from "./dev-mailbox.ts";
import { createLinks } from "./links.ts";
import { createNoticeLetters } from "./notices.ts";
import { baseUrlOf } from "../settings/base-url.ts";
import { createOutbox, type Outbox, type OutboxSealer } from "./outbox-store.ts";
import { createRequestedLetters, type MailAccounts, type MailInvitations } from "./requested-letters.ts";
import { createMailRequests } from "./requests-store.ts";
import type { SmtpTransport } from "./smtp.ts";
import { createMailing, type Mailing, noMailing } from "./store.ts";
import { createSendTestMail, type SendTestMail } from "./test-mail.ts";
import { createMailWorker, type MailOutcome, type MailWorker } from "./worker.ts";

export type MailSettings = Pick<
  OptionValues,
  "issuer" | "prefix" | "smtpUrl" | "mailFrom" | "publicUrl" | "devMail"
>;

export interface Mail {
  /** For the features: where no mail can be sent, it sends none. */
  readonly mailing: Mailing;
  readonly codes: OneTimeCodes;
  readonly outbox: Outbox;
  /** Undefined where no mail can be sent. */
  readonly worker: MailWorker | undefined;
  readonly devMailbox: DevMailbox | undefined;
  /** Undefined where there is no mail server. */
  readonly sendTestMail: SendTestMail | undefined;
  /** Forgets codes and requests that are over, and mail that failed a week ago. */
  prune(): Promise<number>;
}

export interface MailOptions {
  readonly database: Database;
  readonly masterKey: MasterKey;
  readonly settings: MailSettings;
  readonly accounts: MailAccounts;
  readonly invitations: MailInvitations;
  readonly onError: (error: unknown) => void;
  readonly onOutcome?: ((outcome: MailOutcome) => void) | undefined;
}

const failedAreKeptMs = 7 * 86_400_000;

export async function createMail(options: MailOptions): Promise<Mail> {
  const { database, masterKey, settings, accounts, invitations, onError, onOutcome } = options;
  const store = createCodeStore(database);
  const hashes = createCodeHashes(masterKey.derive("one-time-codes"));
  const codes = createOneTimeCodes({ store, hashes });
  const outbox = createOutbox(database, createOutboxSealer(masterKey));
  const requests = createMailRequests(database, masterKey.derive("mail-requests"));
  const mailing = createMailing({ database, outbox, requests });
  const devMailbox = settings.devMail ? createDevMailbox() : undefined;
  const smtp = await createTransportOf(settings);
  const transport = devMailbox ?? smtp;
  const compose = createComposeOf(settings);
  const worker =
    transport &&
    createMailWorker({
      outbox,
      prepare: { ...createNoticeLetters(codes), ...createRequestedLetters({ codes, accounts, invitations }) },
      compose,
      transport,
      onError,
      onOutcome,
    });
  return {
    mailing: worker === undefined ? noMailing : mailing,
    codes,
    outbox,
    worker,
    devMailbox,
    sendTestMail: smtp && createSendTestMail(compose, smtp.deliver),
    prune: async () =>
      (await store.prune()) + (await requests.prune()) + (await outbox.prune(failedAreKeptMs)),
  };
}

/** For whoever sends nothing by itself: it writes down what the servers of the installation send. */
export function createMailingOn(database: Database, masterKey: MasterKey): Mailing {
  const outbox = createOutbox(database, createOutboxSealer(masterKey));
  const requests = createMailRequests(database, masterKey.derive("mail-requests"));
  return createMailing({ database, outbox, requests });
}

/** Undefined where there is no mail server; such a server does without the memory of what sends mail. */
export async function createTransportOf({
  smtpUrl,
  mailFrom,
}: MailSettings): Promise<SmtpTransport | undefined> {
  const server = smtpUrl === undefined ? undefined : readSmtpUrl(smtpUrl);
  const from = mailFrom === undefined ? undefined : readMailFrom(mailFrom);
  if (server === undefined || from === undefined) return undefined;
  const { createSmtpTransport } = await import("./smtp.ts");
  return createSmtpTransport({ server, from });
}

export function createComposeOf({
  issuer,
  prefix,
  publicUrl = baseUrlOf(issuer, prefix),
}: MailSettings): Compose {
  return createCompose({ links: createLinks(publicUrl), service: new URL(issuer).host });
}

/** Bound to the row: what was sealed for one mail opens in no other. */
export function createOutboxSealer(masterKey: MasterKey): OutboxSealer {
  const sealer = createSealer(masterKey.derive("seal-outbox"));
  const contextOf = (id: string) => ({ purpose: "outbox", kid: id });
  return {
    seal: (plaintext, id) => sealer.seal(plaintext, contextOf(id)),
    open: (sealed, id) => sealer.open(sealed, contextOf(id)),
  };
}
