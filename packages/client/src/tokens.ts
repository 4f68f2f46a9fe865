// The tokens of a client: the access token in memory, renewed ahead of its end; the refresh token in its storage.
import type { TokenStorage } from "./token-storage.ts";
import { createTurns } from "./turns.ts";
import type { TokenResponse } from "./wire.ts";

export interface TokensOptions {
  readonly storage: TokenStorage;
  /** Presents a refresh token. `null`: the server says that its session is over. */
  readonly present: (refreshToken: string) => Promise<TokenResponse | null>;
  readonly nowMs: () => number;
  /** From 0 up to 1. */
  readonly random: () => number;
}

export interface Tokens {
  /** An access token that lives on for a while. `undefined` if nobody is logged in. */
  readonly current: () => Promise<string | undefined>;
  /** Another one than `refused`, which a server did not take. `undefined` if there is none that would do better. */
  readonly insteadOf: (refused: string) => Promise<string | undefined>;
  /** Keeps what a log-in gives, in place of all before. */
  readonly logIn: (ask: () => Promise<TokenResponse>) => Promise<TokenResponse>;
  /** Ends the session with an access token, and then forgets everything. `ask` answers whether the token was taken. */
  readonly logOut: (ask: (accessToken: string) => Promise<boolean>) => Promise<void>;
}

interface Held {
  readonly accessToken: string;
  readonly sinceMs: number;
  /** From then on it is renewed, and serves until the new one is there. */
  readonly renewAtMs: number;
  /** From then on it is not used. */
  readonly uselessAtMs: number;
}

/** What a request may take to arrive: with less life than that a token is not sent. */
const travelMs = 5000;

/** An attempt to renew ahead of time that failed is not made again for so long; nor is a token replaced that is younger. */
const pauseMs = 10_000;

/**
 * One renewal at a time for each storage: everyone who shares it waits for their turn, reads the token then, and writes
 * the new one before the next turn begins. So no token is presented that was replaced long ago, which the server could
 * not tell from a stolen one; and a reply that was lost costs nothing, as the same token is presented again.
 */
export function createTokens({ storage, present, nowMs, random }: TokensOptions): Tokens {
  const takeTurn = createTurns(storage.name);
  let held: Held | undefined;
  let renewing: Promise<string | undefined> | undefined;

  function hold({ access_token: accessToken, expires_in: lifetimeSeconds }: TokenResponse): string {
    const now = nowMs();
    const lifetimeMs = lifetimeSeconds * 1000;
    // Spread over a tenth of its life, so that tabs and fleets do not renew in step.
    const renewAtMs = now + lifetimeMs * (0.8 + random() / 10);
    const uselessAtMs = now + Math.max(lifetimeMs - travelMs, lifetimeMs / 2);
    held = { accessToken, sinceMs: now, renewAtMs, uselessAtMs };
    return accessToken;
  }

  function renew(): Promise<string | undefined> {
    renewing ??= takeTurn(renewInTurn).finally(() => {
      renewing = undefined;
    });
    return renewing;
  }

  async function renewInTurn(): Promise<string | undefined> {
    const presented = await storage.read();
    const renewed = presented === null ? null : await present(presented);
    // Where turns do not reach over all tabs, another may have logged in or out meanwhile: what it wrote stays.
    if ((await storage.read()) !== presented) return renewInTurn();
    if (renewed === null) {
      held = undefined;
      await storage.remove();
      return undefined;
    }
    await storage.write(renewed.refresh_token);
    return hold(renewed);
  }

  /** What is at hand, unless it is about to die. */
  const usable = (): Held | undefined =>
    held !== undefined && nowMs() < held.uselessAtMs ? held : undefined;

  return {
    async current() {
      const atHand = usable();
      if (atHand === undefined) return renew();
      const now = nowMs();
      if (now >= atHand.renewAtMs) {
        held = { ...atHand, renewAtMs: now + pauseMs };
        // Should it fail, there is time for another attempt; when there is none left, whoever asks then hears of it.
        renew().catch(() => undefined);
      }
      return atHand.accessToken;
    },
    async insteadOf(refused) {
      const atHand = usable();
      if (atHand === undefined) return renew();
      if (atHand.accessToken !== refused) return atHand.accessToken;
      // It is as new as any that would come: the server takes none of them.
      return nowMs() - atHand.sinceMs < pauseMs ? undefined : renew();
    },
    logIn: (ask) =>
      takeTurn(async () => {
        const tokens = await ask();
        await storage.write(tokens.refresh_token);
        hold(tokens);
        return tokens;
      }),
    logOut: (ask) =>
      takeTurn(async () => {
        const accessToken = usable()?.accessToken ?? (await renewInTurn());
        if (accessToken !== undefined && !(await ask(accessToken))) {
          const another = await renewInTurn();
          if (another !== undefined) await ask(another);
        }
        held = undefined;
        await storage.remove();
      }),
  };
}
