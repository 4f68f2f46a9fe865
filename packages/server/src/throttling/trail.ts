// What the trail hears of guessing: where it begins to be refused, and where an account closes and
// opens. Never a row for each refused guess, nor one for an address without an account.
import type { AuditEvent } from "../database/audit-event.ts";
import type { EdgeSubject, ThrottlingEdge } from "./throttling.ts";

export interface ThrottlingTrail {
  /** Returns at once: no answer waits for the trail, or tells by its time whether there was a row. */
  tell(edge: ThrottlingEdge, about: EdgeSubject): void;
  /** Resolves when all that was told is written. */
  settle(): Promise<void>;
}

export interface ThrottlingTrailOptions {
  readonly record: (event: AuditEvent) => Promise<void>;
  /** The id of the account with this normalised address. */
  readonly userIdOf: (addressKey: string) => Promise<string | undefined>;
  readonly onError: (error: unknown) => void;
}

export function createThrottlingTrail(options: ThrottlingTrailOptions): ThrottlingTrail {
  const { record, userIdOf, onError } = options;
  const pending = new Set<Promise<void>>();

  async function write({ event, ...detail }: ThrottlingEdge, about: EdgeSubject): Promise<void> {
    const { addressKey, origin } = about;
    const isOfAccount = !("by" in detail) || detail.by === "account" || detail.by === "device";
    const userId = isOfAccount && addressKey !== undefined ? await userIdOf(addressKey) : undefined;
    if (isOfAccount && userId === undefined) return;
    await record({ event, userId: userId ?? null, ...origin, detail });
  }

  return {
    tell(edge, about) {
      const written: Promise<void> = write(edge, about)
        .catch(onError)
        .finally(() => pending.delete(written));
      pending.add(written);
    },
    async settle() {
      await Promise.all(pending);
    },
  };
}
