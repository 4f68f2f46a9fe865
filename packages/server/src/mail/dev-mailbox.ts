// The dev mailbox: what would have been sent, kept in this process for whoever develops on this machine.
import type { MailTransport, OutgoingMessage } from "./transport.ts";

export interface KeptMessage extends OutgoingMessage {
  readonly sentAtMs: number;
}

export interface DevMailbox extends MailTransport {
  /** Newest first. */
  list(): readonly KeptMessage[];
}

const maxMessages = 100;

export function createDevMailbox(nowMs: () => number = () => Date.now()): DevMailbox {
  let kept: readonly KeptMessage[] = [];
  return {
    async send(message) {
      const others = kept.filter(({ id }) => id !== message.id);
      kept = [{ ...message, sentAtMs: nowMs() }, ...others].slice(0, maxMessages);
    },
    list: () => kept,
  };
}
