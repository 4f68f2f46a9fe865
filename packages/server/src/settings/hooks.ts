// The option `hooks`: what an app runs before and after what happens to accounts.
import type { ClaimsAccount, ClaimsSession } from "./claims.ts";
import { codeOnly, type Kind } from "./kinds.ts";
import { isPlainObject } from "./plain-json.ts";

/**
 * What a refusal may be answered with. Not 401 and 407, which ask for other credentials, nor what says something about
 * the request itself (405, 408, 413 …): a client would act on that, and be wrong.
 */
export const refusalStatuses = [400, 402, 403, 404, 409, 410, 422, 423, 429, 451] as const;

/**
 * Says no. What the client is answered is a problem document (RFC 9457) with the code `refused_by_app`, of which the app
 * writes as much as it likes. `POST /token` has 403 and `access_denied` instead, and the detail alone (RFC 6749 §5.2).
 */
export interface HookRefusal {
  /** The app's own code: 1 to 64 small letters, digits and _. Clients may switch on it. */
  readonly reason: string;
  /** A sentence for the person. */
  readonly detail: string;
  /** @default 403 */
  readonly status?: (typeof refusalStatuses)[number] | undefined;
  /** What kind of problem it is: an absolute URI, https or `urn:` or `tag:`. @default our page about `refused_by_app` */
  readonly type?: string | undefined;
  /** What is wrong, the same for each problem of this type. @default ours */
  readonly title?: string | undefined;
  /** When to come back, 1 to 86,400: the header `Retry-After`. */
  readonly retryAfterSeconds?: number | undefined;
  /** Further members of the document: JSON of 2,048 bytes at most, under names that are not of RFC 9457 or ours. */
  readonly members?: Readonly<Record<string, unknown>> | undefined;
}

export interface HookSession extends ClaimsSession {
  readonly carries: "token" | "cookie";
}

/** What each hook is told. */
export interface HookEvents {
  readonly signup: { readonly email: string; readonly name: string | null };
  readonly login: { readonly account: ClaimsAccount; readonly session: HookSession };
  readonly renewal: { readonly account: ClaimsAccount; readonly session: HookSession };
  /** By its owner, with the old password or with what a mail held. */
  readonly passwordChange: { readonly account: ClaimsAccount };
  /** By its owner, an administrator or whoever runs the server. */
  readonly deletion: { readonly account: ClaimsAccount };
}

export type HookName = keyof HookEvents;

/**
 * Runs once everything has been proved and before anything is changed, outside of any transaction. Nothing lets pass, a
 * refusal refuses; one that throws, gives anything else or takes longer than a second refuses with 503. It can run for
 * what is then refused all the same, and more than once for what happens once.
 */
export type BeforeHook<Name extends HookName> = (
  event: HookEvents[Name],
  signal: AbortSignal,
  // oxlint-disable-next-line typescript/no-invalid-void-type -- a function that says nothing is one, too
) => HookRefusal | undefined | void | Promise<HookRefusal | undefined | void>;

/** Runs after the commit, and nobody waits for it. What it throws is logged. */
export type AfterHook<Name extends HookName> = (
  event: Name extends "signup" ? { readonly account: ClaimsAccount } : HookEvents[Name],
  signal: AbortSignal,
) => unknown;

export interface Hooks {
  readonly before?: { readonly [Name in HookName]?: BeforeHook<Name> | undefined } | undefined;
  readonly after?: { readonly [Name in HookName]?: AfterHook<Name> | undefined } | undefined;
}

const names: Readonly<Record<HookName, true>> = {
  signup: true,
  login: true,
  renewal: true,
  passwordChange: true,
  deletion: true,
};

export const hooksOption = (): Kind =>
  codeOnly({
    type: "Hooks",
    typeFrom: "hooks.ts",
    range: "`{ before, after }`, each with functions by name",
    problem: (value) =>
      isPlainObject(value) &&
      Object.entries(value).every(
        ([time, hooks]) =>
          (time === "before" || time === "after") && (hooks === undefined || areHooks(hooks)),
      )
        ? undefined
        : `must be { before, after }, each with functions under the names ${Object.keys(names).join(", ")}`,
  });

/** A misspelt one would never run. */
function areHooks(value: unknown): boolean {
  return (
    isPlainObject(value) &&
    Object.entries(value).every(
      ([name, hook]) => Object.hasOwn(names, name) && (hook === undefined || typeof hook === "function"),
    )
  );
}
