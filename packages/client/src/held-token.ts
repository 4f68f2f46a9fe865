// An access token in memory, and how long it serves on a clock that may be wrong.

/** What a login or a renewal gives. With a session cookie both tokens say nothing. */
export interface Grant {
  readonly account: string;
  readonly accessToken: string;
  readonly refreshToken: string;
  readonly lifetimeMs: number;
}

export interface HeldToken {
  readonly accessToken: string;
  readonly sinceMs: number;
  /** From then on it is renewed, and serves until the new one is there. */
  readonly renewAtMs: number;
  /** From then on it is not used. */
  readonly untilMs: number;
  /** It was refused as soon as it was there, so no other would do better. */
  readonly isHopeless: boolean;
}

/** What a request may take to arrive: with less life than that a token is not sent. */
const travelMs = 5000;

export function holdToken({ accessToken, lifetimeMs }: Grant, nowMs: number, random: number): HeldToken {
  return {
    accessToken,
    sinceMs: nowMs,
    // Spread over a tenth of its life, so that tabs and fleets do not renew in step.
    renewAtMs: nowMs + lifetimeMs * (0.8 + random / 10),
    untilMs: nowMs + Math.max(lifetimeMs - travelMs, lifetimeMs / 2),
    isHopeless: false,
  };
}

/** Of a clock that went back nothing is known, so what was kept before is over. */
export function isWithin(
  { sinceMs, untilMs }: { readonly sinceMs: number; readonly untilMs: number },
  nowMs: number,
): boolean {
  return sinceMs <= nowMs && nowMs < untilMs;
}
