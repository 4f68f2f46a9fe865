// When signing keys change by themselves: a pure function of what stands in the store.
import type { KeysInUse, StoredKey } from "./stored-key.ts";

/** How long a key signs before the next one takes over, unless a test says otherwise. */
export const rotationSeconds: number = 30 * 86_400;

export interface KeySchedule {
  /** How long a key signs before the next one takes over. */
  readonly rotationIntervalSeconds: number;
  /**
   * How long a key is published before it signs: longer than any verifier keeps the keys without
   * asking again.
   */
  readonly publishSeconds: number;
}

export type DueChange =
  | { readonly change: "create" }
  | { readonly change: "stage"; readonly algorithm: string }
  | { readonly change: "promote"; readonly pending: string; readonly active: string }
  | { readonly change: "retire" };

/**
 * The one change that is due now, if any. Every instance computes the same from the same rows, and
 * the store lets one of them make it.
 *
 * A clock that jumps ahead stages a key early, which harms nobody. It must not make one sign that
 * verifiers may not have, or forget one whose tokens live: so both also wait for `leastMs`, how late
 * it is at least by what was seen of the key.
 */
export function dueChange(
  { keys, nowMs }: KeysInUse,
  schedule: KeySchedule,
  leastMs: (key: StoredKey) => number = () => nowMs,
): DueChange | undefined {
  const active = keyInState(keys, "active");
  const pending = keyInState(keys, "pending");
  if (active === undefined) return { change: "create" };
  const isPast = (key: StoredKey, timeMs: number): boolean => timeMs <= Math.min(nowMs, leastMs(key));
  if (pending !== undefined && isPast(pending, pending.promoteAtMs)) {
    return { change: "promote", pending: pending.kid, active: active.kid };
  }
  const stageAfterMs = (schedule.rotationIntervalSeconds - schedule.publishSeconds) * 1000;
  if (pending === undefined && (active.activatedAtMs ?? active.createdAtMs) + stageAfterMs <= nowMs) {
    return { change: "stage", algorithm: active.algorithm };
  }
  const overdue = keys.filter(
    ({ state, keepUntilMs }) => state === "retiring" && (keepUntilMs ?? Infinity) <= nowMs,
  );
  // The store retires all that are over at once, so the last of them is waited for.
  return overdue.length > 0 && overdue.every((key) => isPast(key, key.keepUntilMs ?? Infinity))
    ? { change: "retire" }
    : undefined;
}

/** The key in a state that only one key can be in. */
export function keyInState(keys: readonly StoredKey[], state: "pending" | "active"): StoredKey | undefined {
  return keys.find((key) => key.state === state);
}

/** When the next key begins to sign, published or not. `undefined` while none signs. */
export function nextTakeoverMs(keys: readonly StoredKey[]): number | undefined {
  const active = keyInState(keys, "active");
  if (active === undefined) return undefined;
  const pending = keyInState(keys, "pending");
  return pending?.promoteAtMs ?? (active.activatedAtMs ?? active.createdAtMs) + rotationSeconds * 1000;
}
