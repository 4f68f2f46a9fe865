// What each signing key does when: published, signs, verifies only. No word and no page.
import type { AdminKey } from "@countersign/client";

export type Deed = "published" | "signs" | "verifies" | "gone" | "next";

/** From `from` up to `to`, in milliseconds since the epoch; without an end it goes on. */
export interface Span {
  readonly deed: Deed;
  readonly from: number;
  readonly to: number | undefined;
}

export interface Lane {
  readonly kid: string;
  readonly algorithm: string;
  readonly isRevoked: boolean;
  readonly spans: readonly Span[];
}

/** `keys` oldest first. */
export function lanesOf(keys: readonly AdminKey[], nowMs: number): readonly Lane[] {
  return keys.map((key, index) => {
    const created = Date.parse(key.created_at);
    const promoted = Math.max(Date.parse(key.promote_at), created);
    const successor = keys.slice(index + 1).find(({ state }) => state !== "pending") ?? keys[index + 1];
    const ended = timeOf(key.revoked_at) ?? timeOf(key.retired_at);
    const handedOver = successor === undefined ? undefined : Date.parse(successor.promote_at);
    const keep = ended ?? timeOf(key.keep_until);
    const stops = earliest(handedOver, ended);
    const spans: Span[] = [];
    if (promoted > created) spans.push({ deed: "published", from: created, to: promoted });
    if (stops === undefined || stops > promoted)
      spans.push({
        deed: ended !== undefined && ended <= nowMs ? "gone" : "signs",
        from: promoted,
        to: stops,
      });
    if (stops !== undefined && keep !== undefined && keep > stops)
      spans.push({
        deed: ended !== undefined && ended <= nowMs ? "gone" : "verifies",
        from: stops,
        to: keep,
      });
    return { kid: key.kid, algorithm: key.algorithm, isRevoked: key.revoked_at !== null, spans };
  });
}

/** The last handover, or the one that is under way: from the newer key's making to the older one's end. */
export interface Handover {
  readonly older: Lane;
  readonly newer: Lane;
  readonly from: number;
  readonly at: number;
  readonly to: number;
}

export function handoverOf(keys: readonly AdminKey[], nowMs: number): Handover | undefined {
  const newer = keys.at(-1);
  const older = keys.at(-2);
  if (newer === undefined || older === undefined) return undefined;
  const from = Date.parse(newer.created_at);
  const at = Math.max(Date.parse(newer.promote_at), from);
  const end = timeOf(older.revoked_at) ?? timeOf(older.retired_at) ?? timeOf(older.keep_until);
  // Until it is handed over, nobody knows for how long the older one's last token lives: as long as it took so far.
  const to = Math.max(end ?? at + (at - from), at);
  const [olderLane, newerLane] = lanesOf([older, newer], nowMs);
  if (olderLane === undefined || newerLane === undefined || to <= from) return undefined;
  return { older: olderLane, newer: newerLane, from, at, to };
}

function timeOf(text: string | null): number | undefined {
  return text === null ? undefined : Date.parse(text);
}

function earliest(...times: readonly (number | undefined)[]): number | undefined {
  const known = times.filter((time): time is number => time !== undefined);
  return known.length === 0 ? undefined : Math.min(...known);
}
