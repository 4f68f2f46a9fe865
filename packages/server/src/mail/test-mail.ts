// One mail for whoever wants to know whether the mail server takes ours: sent at once, and not by way of the outbox.
import { newId } from "../randomness.ts";
import type { Compose } from "./compose.ts";
import type { Locale } from "./locale.ts";
import type { OutgoingMessage } from "./transport.ts";

/** Resolves with what the mail server answered. Rejects with its refusal, or with what was in the way. */
export type SendTestMail = (to: string, locale: Locale) => Promise<string>;

const timeoutMs = 60_000;

export function createSendTestMail(
  compose: Compose,
  deliver: (message: OutgoingMessage, signal: AbortSignal) => Promise<string>,
): SendTestMail {
  return (to, locale) => {
    const message = compose({ purpose: "test", values: {}, to, locale });
    return deliver({ ...message, id: newId() }, AbortSignal.timeout(timeoutMs));
  };
}
