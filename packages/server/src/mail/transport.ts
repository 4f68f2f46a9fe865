// What takes a mail off our hands: a mail server, or the dev mailbox.
import type { Message } from "./compose.ts";

export interface OutgoingMessage extends Message {
  /** The same at every try, so that whoever gets a mail twice can know it again. */
  readonly id: string;
}

export interface MailTransport {
  /**
   * Resolves when the mail is somebody else's to deliver.
   *
   * @throws MailRefused; whatever else it throws, the same mail may be taken later
   */
  send(message: OutgoingMessage, signal: AbortSignal): Promise<void>;
}

/** The mail server takes this mail now and never. `reason` holds nothing of the mail. */
export class MailRefused extends Error {
  override readonly name = "MailRefused";
  readonly reason: string;

  constructor(reason: string, options?: ErrorOptions) {
    super(`the mail server refused a mail: ${reason}`, options);
    this.reason = reason;
  }
}
