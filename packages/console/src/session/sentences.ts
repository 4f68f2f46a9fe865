// What went wrong, and what to do: a sentence for every refusal of the server.
import { AccountChangedError, ApiError, NetworkError, NotLoggedInError } from "@countersign/client";
import { t } from "../texts/language.ts";
import { NotConfirmedError } from "./fresh-login.ts";

/** A refusal, as a problem document or an OAuth error names it. */
export interface Problem {
  readonly status: number;
  readonly code: string;
  readonly retryAfterSeconds?: number | undefined;
  readonly detail?: string | undefined;
}

export function sentenceOf(error: unknown): string {
  if (error instanceof ApiError)
    return sentenceOfProblem({
      status: error.status,
      code: error.code,
      retryAfterSeconds: error.retryAfterSeconds,
      detail: error.message,
    });
  if (error instanceof NetworkError) return t.errors.unreachable;
  if (error instanceof AccountChangedError) return t.errors.otherAccount;
  if (error instanceof NotConfirmedError) return t.confirm.letBe;
  if (error instanceof NotLoggedInError) return t.errors.notLoggedIn;
  return t.errors.unexpected;
}

export function sentenceOfProblem({ status, code, retryAfterSeconds, detail }: Problem): string {
  const known = (t.errors.codes as Readonly<Record<string, string>>)[code];
  if (known !== undefined) return known;
  if (status === 429) return t.errors.tooMany(new Date(Date.now() + (retryAfterSeconds ?? 60) * 1000));
  if (status >= 500) return t.errors.unavailable;
  return detail ?? t.errors.unexpected;
}
