// Sending through a mail server (RFC 5321): with TLS and a verified certificate, unless the server is on this machine.
import { createTransport } from "nodemailer";
import type { SmtpUrl } from "../settings/smtp-url.ts";
import { MailRefused, type MailTransport, type OutgoingMessage } from "./transport.ts";

export interface SmtpOptions {
  readonly server: SmtpUrl;
  readonly from: { readonly name: string; readonly address: string };
  /** Of the authority that vouches for the mail server, in place of those that the system trusts; PEM. */
  readonly authority?: string | undefined;
  /** How long the server may say nothing, wherever it should say something. */
  readonly silenceMs?: number | undefined;
}

/** A mail of ours has a few kilobytes; a server that says more than this about one says too much. */
const maxResponseBytes = 64 * 1024;

export interface SmtpTransport extends MailTransport {
  /** The same as `send`. Resolves with what the mail server answered. */
  deliver(message: OutgoingMessage, signal: AbortSignal): Promise<string>;
}

export function createSmtpTransport(options: SmtpOptions): SmtpTransport {
  const { server, from, authority, silenceMs = 30_000 } = options;
  const { host, port, user, password, protection } = server;
  const transport = createTransport({
    host,
    port,
    secure: protection === "tls",
    requireTLS: protection === "starttls",
    ignoreTLS: protection === "none",
    tls: {
      minVersion: "TLSv1.2",
      rejectUnauthorized: true,
      ...(authority === undefined ? {} : { ca: authority }),
    },
    ...(user === undefined ? {} : { auth: { user, pass: password ?? "" } }),
    connectionTimeout: silenceMs,
    greetingTimeout: silenceMs,
    socketTimeout: silenceMs,
    dnsTimeout: silenceMs,
    maxResponseSize: maxResponseBytes,
    // A mail is made of texts; it fetches nothing.
    disableFileAccess: true,
    disableUrlAccess: true,
  });

  const deliver: SmtpTransport["deliver"] = async ({ id, to, subject, text, html }, signal) => {
    if (!isOneAddress(to)) throw new MailRefused("not one address");
    if (!isOneLine(subject)) throw new MailRefused("a header would be two");
    const [, domain = "localhost"] = from.address.split("@");
    try {
      const { response } = await transport.sendMail({
        from,
        to: { name: "", address: to },
        envelope: { from: from.address, to },
        subject,
        text,
        html,
        messageId: `<${id}@${domain}>`,
        // RFC 3834 §5: no holiday answers to this.
        headers: { "Auto-Submitted": "auto-generated", "X-Auto-Response-Suppress": "All" },
        textEncoding: "quoted-printable",
        signal,
      });
      return response;
    } catch (error) {
      throw refusalOf(error) ?? error;
    }
  };

  return {
    deliver,
    async send(message, signal) {
      await deliver(message, signal);
    },
  };
}

/** What nodemailer would read as a list, a name or a group is no address that this server takes. */
function isOneAddress(text: string): boolean {
  return /^[^\s@,;:<>()[\]"\\]+@[^\s@,;:<>()[\]"\\]+$/.test(text) && isOneLine(text);
}

/** No text of ours has a line break; one that had would write headers. */
function isOneLine(text: string): boolean {
  // eslint-disable-next-line no-control-regex
  return !/[\u0000-\u001f\u007f\u2028\u2029]/.test(text);
}

/**
 * A 5xx to the recipient or to the mail itself is for good (RFC 5321 §4.2.1). One to the login or to the
 * sender is a mistake of whoever runs the server, who can mend it while the mail waits.
 */
function refusalOf(error: unknown): MailRefused | undefined {
  if (!(error instanceof Error) || !("responseCode" in error) || !("command" in error)) return undefined;
  const { responseCode, command } = error;
  const isForGood = typeof responseCode === "number" && responseCode >= 500 && responseCode !== 503;
  if (!isForGood || (command !== "RCPT TO" && command !== "DATA")) return undefined;
  return new MailRefused(`${responseCode} to ${command}`, { cause: error });
}
