// How long this process has known each key in its state, by a clock that nobody sets.
import type { AgreedTime } from "../database/steady-clock.ts";
import { keepSeconds } from "./lifetimes.ts";
import type { KeysInUse, StoredKey } from "./stored-key.ts";

export interface KeySightings {
  /** Takes note of what was read at `steadyMs`. */
  note(inUse: KeysInUse, steadyMs: number): void;
  /**
   * How late it is at least, in milliseconds of the database's clock: what two clocks agree on, or
   * the moment that the key came into its state and the time that it was seen in it since.
   */
  leastMs(key: StoredKey): number;
}

export function createKeySightings(agreedTime: AgreedTime): KeySightings {
  let firstSeen = new Map<string, number>();
  let latest = { databaseMs: 0, steadyMs: 0 };
  const nameOf = ({ kid, state }: StoredKey): string => `${state} ${kid}`;

  return {
    note({ keys, nowMs }, steadyMs) {
      latest = { databaseMs: nowMs, steadyMs };
      firstSeen = new Map(keys.map((key) => [nameOf(key), firstSeen.get(nameOf(key)) ?? steadyMs]));
    },
    leastMs(key) {
      const { databaseMs, steadyMs } = latest;
      const sinceMs =
        key.keepUntilMs === undefined ? key.createdAtMs : key.keepUntilMs - keepSeconds() * 1000;
      const seenForMs = steadyMs - (firstSeen.get(nameOf(key)) ?? steadyMs);
      return Math.max(agreedTime(databaseMs), sinceMs + seenForMs);
    },
  };
}
