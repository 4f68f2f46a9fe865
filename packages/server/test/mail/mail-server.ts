// A real mail server that keeps what it was given, and can be told to behave badly.
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { type ParsedMail, simpleParser } from "mailparser";
import { SMTPServer, type SMTPServerOptions } from "smtp-server";
import { onTestFinished } from "vitest";

export interface ReceivedMail extends ParsedMail {
  readonly from_: string;
  readonly recipients: readonly string[];
}

export interface MailServer {
  readonly port: number;
  readonly url: string;
  readonly mails: readonly ReceivedMail[];
  /** Resolves with the next mail to this address that nobody has taken yet. */
  take(to: string): Promise<ReceivedMail>;
  /** The same of those whose subject begins so. */
  takeAbout(to: string, subject: string): Promise<ReceivedMail>;
  close(): Promise<void>;
}

type OnData = NonNullable<SMTPServerOptions["onData"]>;

/** Without TLS and login, as a relay on this machine; `options` change that. */
export async function startMailServer(options: SMTPServerOptions = {}, port = 0): Promise<MailServer> {
  const mails: ReceivedMail[] = [];
  const waiting = new Set<() => void>();
  const taken = new Set<ReceivedMail>();
  async function receive(...[stream, session, done]: Parameters<OnData>): Promise<void> {
    const parsed = await simpleParser(stream);
    const from = session.envelope.mailFrom;
    const recipients = session.envelope.rcptTo.map(({ address }) => address);
    mails.push({ ...parsed, from_: from === false ? "" : from.address, recipients });
    for (const wake of waiting) wake();
    done();
  }
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ["STARTTLS"],
    onData: (stream, session, done) => void receive(stream, session, done),
    ...options,
  });
  server.on("error", () => undefined);
  server.listen(port, "127.0.0.1");
  await once(server.server, "listening");
  const address = server.server.address() as AddressInfo;
  let isClosed = false;
  async function close(): Promise<void> {
    if (isClosed) return;
    isClosed = true;
    await new Promise<void>((resolve) => server.close(() => resolve()));
  }
  onTestFinished(close);
  return {
    port: address.port,
    url: `smtp://127.0.0.1:${address.port}`,
    mails,
    take: (to) => take(to, ""),
    takeAbout: take,
    close,
  };

  async function take(to: string, subject: string): Promise<ReceivedMail> {
    for (;;) {
      const mail = mails.find(
        (each) =>
          !taken.has(each) && each.recipients.includes(to) && each.subject?.startsWith(subject) === true,
      );
      if (mail !== undefined) {
        taken.add(mail);
        return mail;
      }
      await new Promise<void>((resolve) => {
        const wake = (): void => {
          waiting.delete(wake);
          resolve();
        };
        waiting.add(wake);
      });
    }
  }
}
