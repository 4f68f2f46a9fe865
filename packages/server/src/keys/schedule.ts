// When signing keys change by themselves: a pure function of what stands in the store.
import type { KeysInUse, StoredKey } from "./stored-key.ts";

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
 */
export function dueChange({ keys, nowMs }: KeysInUse, schedule: KeySchedule): DueChange | undefined {
  const active = keyInState(keys, "active");
  const pending = keyInState(keys, "pending");
  if (active === undefined) return { change: "create" };
  if (pending !== undefined && pending.promoteAtMs <= nowMs) {
    return { change: "promote", pending: pending.kid, active: active.kid };
  }
  const stageAfterMs = (schedule.rotationIntervalSeconds - schedule.publishSeconds) * 1000;
  if (pending === undefined && (active.activatedAtMs ?? active.createdAtMs) + stageAfterMs <= nowMs) {
    return { change: "stage", algorithm: active.algorithm };
  }
  const isOver = ({ state, keepUntilMs }: StoredKey): boolean =>
    state === "retiring" && keepUntilMs !== undefined && keepUntilMs <= nowMs;
  return keys.some(isOver) ? { change: "retire" } : undefined;
}

/** The key in a state that only one key can be in. */
export function keyInState(keys: readonly StoredKey[], state: "pending" | "active"): StoredKey | undefined {
  return keys.find((key) => key.state === state);
}
