// An outbox, its worker and one-time codes for tests, on a store of theirs.
import { randomBytes } from "node:crypto";
import { onTestFinished } from "vitest";
import { createMailAccounts } from "../../src/accounts/mail-accounts-store.ts";
import { createMailInvitations } from "../../src/invitations/mail-store.ts";
import { createMasterKey } from "../../src/keys/master-key.ts";
import { createComposeOf, createOutboxSealer } from "../../src/mail/mail.ts";
import { createNoticeLetters } from "../../src/mail/notices.ts";
import { createOutbox, type NewMail, type Outbox } from "../../src/mail/outbox-store.ts";
import { createRequestedLetters } from "../../src/mail/requested-letters.ts";
import { createMailRequests, type MailRequests } from "../../src/mail/requests-store.ts";
import { createMailing, type Mailing } from "../../src/mail/store.ts";
import type { MailTransport, OutgoingMessage } from "../../src/mail/transport.ts";
import { createMailWorker, type MailWorker, type MailWorkerOptions } from "../../src/mail/worker.ts";
import { createOneTimeCodes, type OneTimeCodes } from "../../src/one-time-codes/one-time-codes.ts";
import { createCodeHashes } from "../../src/one-time-codes/secrets.ts";
import { createCodeStore } from "../../src/one-time-codes/store.ts";
import type { Store } from "../database/store.ts";

const masterKey = createMasterKey(randomBytes(32));

export interface MailOnStore {
  readonly outbox: Outbox;
  readonly requests: MailRequests;
  readonly mailing: Mailing;
  readonly codes: OneTimeCodes;
  put(mail?: Partial<NewMail>): Promise<void>;
  /** Started, and stopped when the test ends. */
  startWorker(transport: MailTransport, options?: Partial<MailWorkerOptions>): MailWorker;
}

export function mailOn({ database }: Store): MailOnStore {
  const outbox = createOutbox(database, createOutboxSealer(masterKey));
  const requests = createMailRequests(database, masterKey.derive("mail-requests"));
  const codes = createOneTimeCodes({
    store: createCodeStore(database),
    hashes: createCodeHashes(masterKey.derive("one-time-codes")),
  });
  const accounts = createMailAccounts(database);
  const invitations = createMailInvitations(database);
  return {
    outbox,
    requests,
    mailing: createMailing({ database, outbox, requests }),
    codes,
    put: (mail = {}) =>
      database.change((change) =>
        outbox.put(change, {
          purpose: "test",
          userId: null,
          locale: "en",
          content: { to: "ada@example.com", addressKey: "ada@example.com" },
          ...mail,
        }),
      ),
    startWorker(transport, options = {}) {
      const worker = createMailWorker({
        outbox,
        prepare: {
          ...createNoticeLetters(codes),
          ...createRequestedLetters({ codes, accounts, invitations }),
        },
        compose: createComposeOf({
          issuer: "https://api.example.com",
          prefix: "",
          smtpUrl: undefined,
          mailFrom: undefined,
          publicUrl: undefined,
          devMail: false,
        }),
        transport,
        onError: () => undefined,
        pollMs: 5,
        ...options,
      });
      worker.start();
      onTestFinished(() => worker.stop());
      return worker;
    },
  };
}

/** Keeps what it is given, once `gate` lets it. */
export function createKeepingTransport(
  gate: (message: OutgoingMessage, signal: AbortSignal) => Promise<void> = async () => {},
): MailTransport & { readonly sent: OutgoingMessage[] } {
  const sent: OutgoingMessage[] = [];
  return {
    sent,
    async send(message, signal) {
      await gate(message, signal);
      sent.push(message);
    },
  };
}
