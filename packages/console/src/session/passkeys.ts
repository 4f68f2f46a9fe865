// Passkeys for these pages: whether there are any here, and the login by one. Apart, as few pages need the script.
import {
  hasPasskeys,
  loginWithPasskey,
  loginWithPasskeyAsFactor,
  PasskeyError,
} from "@countersign/client/passkeys";
import { signal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { t } from "../texts/language.ts";
import { becoming, client, server } from "./session.ts";
import { sentenceOf } from "./sentences.ts";

/** Whether the browser has passkeys, and the server, too: it has none where its name is an address. */
const areOffered = signal(false);
let asked: Promise<void> | undefined;

async function ask(): Promise<void> {
  if (!hasPasskeys()) return;
  const headers = { "content-type": "application/json" };
  const init = { method: "POST", headers, body: "{}" };
  areOffered.value = (await server.fetch(new URL("login/passkey/options", server.baseUrl), init)).ok;
}

export function usePasskeys(): boolean {
  useEffect(() => {
    // Without an answer there is no button, and nothing else is lost.
    asked ??= ask().catch(() => (asked = undefined));
  }, []);
  return areOffered.value;
}

export interface Suggesting {
  /** Waits for whoever takes what the browser offers at the field of the address. */
  readonly suggested?: boolean;
  readonly signal?: AbortSignal;
}

export async function logInWithPasskey(suggesting: Suggesting = {}): Promise<void> {
  await becoming(() => loginWithPasskey(client, server, suggesting));
}

/** The second half of a login. */
export async function logInWithPasskeyAsFactor(loginChallenge: string): Promise<void> {
  await becoming(() => loginWithPasskeyAsFactor(client, server, { loginChallenge }));
}

/** As a sentence, and what the browser said among it. */
export function passkeySentenceOf(error: unknown): string {
  return error instanceof PasskeyError ? t.passkeys.problems[error.problem] : sentenceOf(error);
}

/** Whoever lets it be, or has none, need not be told so by a form that waits beside it. */
export function isSilent(error: unknown): boolean {
  return error instanceof PasskeyError;
}
