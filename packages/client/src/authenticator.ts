// What the browser and the device behind it say to a challenge. Bytes there, base64url on the wire.
import type { PasskeyCreationOptions, PasskeyDescriptor, PasskeyRequestOptions } from "./passkey-wire.ts";

/** `dismissed`: the person let it be, no passkey was there, the time was up, or another call came. */
export type PasskeyProblem = "dismissed" | "exists" | "unavailable";

const messages = {
  dismissed: "No passkey was given. Try again, or log in another way.",
  exists: "The device has a passkey of this account already.",
  unavailable: "There are no passkeys here. The page needs https and the domain of the server's passkeys.",
} as const satisfies Record<PasskeyProblem, string>;

/** The browser gave no passkey, so nothing was sent to the server. */
export class PasskeyError extends Error {
  override readonly name = "PasskeyError";
  readonly problem: PasskeyProblem;

  constructor(problem: PasskeyProblem, cause?: unknown) {
    super(messages[problem], { cause });
    this.problem = problem;
  }
}

export interface Showing {
  /** Offers passkeys at the field with `autocomplete="username webauthn"`, and waits. */
  readonly suggested?: boolean;
  readonly signal?: AbortSignal;
}

/** A browser's `PublicKeyCredential`, of one that was made or of one that was shown. */
interface Credential<Answer> {
  readonly id: string;
  readonly rawId: ArrayBuffer;
  readonly type: string;
  readonly authenticatorAttachment?: string | null;
  readonly response: Answer;
  getClientExtensionResults(): object;
}

interface Made {
  readonly clientDataJSON: ArrayBuffer;
  readonly attestationObject: ArrayBuffer;
  getTransports?(): string[];
}

interface Shown {
  readonly clientDataJSON: ArrayBuffer;
  readonly authenticatorData: ArrayBuffer;
  readonly signature: ArrayBuffer;
  readonly userHandle: ArrayBuffer | null;
}

/** Of the browser's globals, as the types of this package are those of all runtimes. */
interface Browser {
  readonly PublicKeyCredential?: { isConditionalMediationAvailable?(): Promise<boolean> };
  readonly navigator?: {
    readonly credentials?: {
      create(options: object): Promise<Credential<Made> | null>;
      get(options: object): Promise<Credential<Shown> | null>;
    };
  };
}

const browser = globalThis as Browser;

export function hasPasskeys(): boolean {
  return browser.PublicKeyCredential !== undefined && browser.navigator?.credentials !== undefined;
}

/** @throws PasskeyError */
export function requirePasskeys(): void {
  if (!hasPasskeys()) throw new PasskeyError("unavailable");
}

export async function suggestsPasskeys(): Promise<boolean> {
  if (!hasPasskeys()) return false;
  return (await browser.PublicKeyCredential?.isConditionalMediationAvailable?.()) === true;
}

/**
 * Converted here rather than by `parseCreationOptionsFromJSON` and `toJSON`, which browsers of the last years lack, and
 * credentials of some password managers. @throws PasskeyError, and the reason of the signal
 */
export async function makePasskey(options: PasskeyCreationOptions, signal?: AbortSignal): Promise<object> {
  const { challenge, user, excludeCredentials } = options;
  const publicKey = {
    ...options,
    challenge: bytesOf(challenge),
    user: { ...user, id: bytesOf(user.id) },
    excludeCredentials: excludeCredentials.map(descriptorOf),
  };
  const credential = await alone(signal, (own) =>
    browser.navigator?.credentials?.create({ publicKey, signal: own }),
  );
  const { clientDataJSON, attestationObject } = credential.response;
  const transports = credential.response.getTransports?.() ?? [];
  const response = {
    clientDataJSON: textOf(clientDataJSON),
    attestationObject: textOf(attestationObject),
    transports,
  };
  return answerOf(credential, response);
}

/** @throws PasskeyError, and the reason of the signal */
export async function showPasskey(
  options: PasskeyRequestOptions,
  { suggested = false, signal }: Showing = {},
): Promise<object> {
  const { challenge, allowCredentials } = options;
  const publicKey = {
    ...options,
    challenge: bytesOf(challenge),
    allowCredentials: allowCredentials?.map(descriptorOf) ?? [],
  };
  const mediation = suggested ? "conditional" : "optional";
  const credential = await alone(signal, (own) =>
    browser.navigator?.credentials?.get({ publicKey, mediation, signal: own }),
  );
  const { clientDataJSON, authenticatorData, signature, userHandle } = credential.response;
  const response = {
    clientDataJSON: textOf(clientDataJSON),
    authenticatorData: textOf(authenticatorData),
    signature: textOf(signature),
    ...(userHandle === null ? {} : { userHandle: textOf(userHandle) }),
  };
  return answerOf(credential, response);
}

function answerOf(credential: Credential<unknown>, response: object): object {
  const { id, rawId, type, authenticatorAttachment } = credential;
  return {
    id,
    rawId: textOf(rawId),
    type,
    response,
    ...(authenticatorAttachment ? { authenticatorAttachment } : {}),
    clientExtensionResults: credential.getClientExtensionResults(),
  };
}

let stopWaiting: (() => void) | undefined;

/** A page has one question open at a time; the suggestions of a field would otherwise refuse every other. */
async function alone<Answer>(
  signal: AbortSignal | undefined,
  ask: (signal: AbortSignal) => Promise<Credential<Answer> | null> | undefined,
): Promise<Credential<Answer>> {
  signal?.throwIfAborted();
  stopWaiting?.();
  const own = new AbortController();
  const stop = (): void => own.abort();
  stopWaiting = stop;
  signal?.addEventListener("abort", stop);
  try {
    const credential = await ask(own.signal);
    if (credential) return credential;
  } catch (cause) {
    if (signal?.aborted === true) throw signal.reason;
    throw new PasskeyError(problemOf(cause), cause);
  } finally {
    signal?.removeEventListener("abort", stop);
    if (stopWaiting === stop) stopWaiting = undefined;
  }
  throw new PasskeyError("dismissed");
}

/** WebAuthn §5.1.3 and §5.1.4: browsers say little on purpose. */
function problemOf(cause: unknown): PasskeyProblem {
  const { name } = Object(cause) as { readonly name?: unknown };
  if (name === "InvalidStateError") return "exists";
  return name === "NotAllowedError" || name === "AbortError" ? "dismissed" : "unavailable";
}

function descriptorOf(descriptor: PasskeyDescriptor): object {
  return { ...descriptor, id: bytesOf(descriptor.id) };
}

function bytesOf(text: string): Uint8Array {
  return Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (letter) =>
    letter.charCodeAt(0),
  );
}

function textOf(buffer: ArrayBuffer): string {
  const text = btoa(Array.from(new Uint8Array(buffer), (byte) => String.fromCharCode(byte)).join(""));
  return text.replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}
