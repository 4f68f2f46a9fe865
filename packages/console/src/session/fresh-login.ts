// The step-up of RFC 9470: the server asks for a more recent login, or one with two factors, and so does the page.
import { ApiError } from "@countersign/client";
import { signal } from "@preact/signals";

/** What waits until the person has shown once more who they are, or has let it be. */
export interface Confirmation {
  readonly settle: (isConfirmed: boolean) => void;
}

export const confirmation = signal<Confirmation | undefined>(undefined);

/** Whoever was asked let it be. */
export class NotConfirmedError extends Error {
  override readonly name = "NotConfirmedError";
}

export function isStepUp(error: unknown): boolean {
  return (
    error instanceof ApiError && (error.code === "authentication_too_old" || error.code === "factor_missing")
  );
}

let asking: Promise<boolean> | undefined;

/** Does the work once more after the person has logged in again, where it wants that. @throws NotConfirmedError */
export async function withFreshLogin<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!isStepUp(error)) throw error;
    // Whatever asks at the same time is answered with it.
    asking ??= ask().finally(() => (asking = undefined));
    if (!(await asking)) throw new NotConfirmedError("Nobody confirmed it.");
    return work();
  }
}

function ask(): Promise<boolean> {
  return new Promise((resolve) => {
    confirmation.value = {
      settle(isConfirmed) {
        confirmation.value = undefined;
        resolve(isConfirmed);
      },
    };
  });
}
