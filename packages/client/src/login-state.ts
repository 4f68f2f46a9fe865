// Who is logged in: the access token in memory, renewed ahead of its end, and what the storage
// keeps for all tabs.
import type { Changes } from "./changes.ts";
import { AccountChangedError, ApiError } from "./errors.ts";
import { type Grant, type HeldToken, holdToken, isWithin } from "./held-token.ts";
import type { Keeping, KeptLogin } from "./kept-login.ts";
import { within } from "./limits.ts";
import { tellTabs } from "./tabs.ts";
import { createTurns } from "./turns.ts";

export interface LoginStateOptions {
  readonly keeping: Keeping;
  /** Of the storage. */
  readonly name: string | null;
  /** A cookie is never renewed, so a log-out need not look at it first. */
  readonly isCookie: boolean;
  /**
   * Presents a refresh token, or the cookie. `null`: the server says that there is no such session.
   */
  readonly present: (refreshToken: string, signal: AbortSignal) => Promise<Grant | null>;
  readonly emit: Changes["emit"];
  readonly nowMs: () => number;
  /** From 0 up to 1. */
  readonly random: () => number;
}

export interface LoginState {
  /** What the storage says now, which all tabs follow. @throws AccountChangedError */
  readonly look: () => Promise<KeptLogin | undefined>;
  /** An access token that lives on for a while. `undefined` if nobody is logged in. */
  readonly current: () => Promise<string | undefined>;
  /**
   * Another one than `refused`, which an API did not take. `undefined` if there is none that would
   * do better.
   */
  readonly insteadOf: (refused: string) => Promise<string | undefined>;
  /** An API refused also what it got instead. */
  readonly giveUpOn: (accessToken: string) => void;
  /** Keeps what a login gave, in place of all before. */
  readonly logIn: (grant: Grant, device: string) => Promise<void>;
  /**
   * Forgets everything, and then ends the session. `ask` answers whether the access token was
   * taken.
   */
  readonly logOut: (ask: (accessToken: string) => Promise<boolean>, forget: boolean) => Promise<void>;
}

/** What a turn may take; the server has by then long given up. */
export const turnMs = 10_000;
/** How long others wait for one that does not end: its tab is frozen. */
const patienceMs = 15_000;
/** An attempt to renew ahead of time that failed is not made again for so long. */
const pauseMs = 10_000;

/** A session that this device has forgotten, and that the server may not have ended yet. */
interface Leaving {
  accessToken: string | undefined;
  refreshToken: string;
}

/**
 * One renewal at a time for each storage: everyone who shares it waits for their turn, reads the
 * token then, and writes the new one before the next turn begins. So no token is presented that was
 * replaced long ago, which the server could not tell from a stolen one; and a reply that was lost
 * costs nothing, as the same token is presented again.
 */
export function createLoginState(options: LoginStateOptions): LoginState {
  const { keeping, name, isCookie, present, emit, nowMs, random } = options;
  const takeTurn = createTurns(name, patienceMs);
  /** Whose client this is, and whose login the storage has instead, if so. */
  let mine: string | undefined;
  let theirs: string | undefined;
  let hasLooked = false;
  let held: HeldToken | undefined;
  let renewing: Promise<string | undefined> | undefined;
  let refusal: { readonly error: ApiError; readonly sinceMs: number; readonly untilMs: number } | undefined;
  let leaving: Leaving | undefined;
  /**
   * This client's own last change of the storage; until it has settled the storage says nothing.
   */
  let change: Promise<void> = Promise.resolve();

  async function read(): Promise<KeptLogin | undefined> {
    for (;;) {
      const before = change;
      await before;
      const login = await keeping.read();
      if (before === change) return login;
    }
  }

  async function look(): Promise<KeptLogin | undefined> {
    const login = await read();
    const account = login?.account;
    if (account !== undefined && mine !== undefined && account !== mine) {
      held = undefined;
      if (theirs !== account) emit({ type: "other_account", accountId: account });
      theirs = account;
      throw new AccountChangedError();
    }
    const isNews = hasLooked && (account !== mine || theirs !== undefined);
    hasLooked = true;
    theirs = undefined;
    mine = account;
    if (account === undefined) held = undefined;
    if (isNews)
      emit(
        account === undefined
          ? { type: "logout", reason: "elsewhere" }
          : { type: "login", accountId: account },
      );
    return login;
  }

  function keep(grant: Grant, device: string, replaced?: KeptLogin): Promise<void> {
    const { account, refreshToken } = grant;
    mine = account;
    theirs = undefined;
    hasLooked = true;
    refusal = undefined;
    held = holdToken(grant, nowMs(), random());
    return (change = keeping.write({ account, refreshToken, device }, replaced));
  }

  async function forget(reason: "here" | "ended"): Promise<void> {
    mine = undefined;
    held = undefined;
    await (change = keeping.remove("login"));
    tellTabs(name);
    emit({ type: "logout", reason });
  }

  async function renewInTurn(signal: AbortSignal): Promise<string | undefined> {
    const login = await look();
    if (login === undefined) return undefined;
    const grant = await present(login.refreshToken, signal);
    signal.throwIfAborted();
    // Where turns do not reach over all tabs, another may have logged in or out meanwhile: what it
    // wrote stays.
    if ((await look())?.refreshToken !== login.refreshToken) return renewInTurn(signal);
    if (grant === null) {
      await forget("ended");
      return undefined;
    }
    const { device } = login;
    if (mine === grant.account) {
      await keep(grant, device, login);
      return grant.accessToken;
    }
    // The browser holds the cookie of somebody else by now.
    await (change = keeping.write({ ...grant, device: "-" }));
    await look();
    return undefined;
  }

  async function renew(): Promise<string | undefined> {
    if (refusal !== undefined && isWithin(refusal, nowMs())) throw refusal.error;
    renewing ??= takeTurn(() => within(turnMs, renewInTurn)).finally(() => {
      renewing = undefined;
    });
    try {
      return await renewing;
    } catch (error) {
      // What the server says of when to come back holds for everybody who asks.
      if (error instanceof ApiError && error.retryAfterSeconds !== undefined) {
        const sinceMs = nowMs();
        refusal = { error, sinceMs, untilMs: sinceMs + error.retryAfterSeconds * 1000 };
      }
      throw error;
    }
  }

  /** What is at hand, unless it is about to die. */
  const usable = (): HeldToken | undefined =>
    held !== undefined && isWithin(held, nowMs()) ? held : undefined;

  /** Ends a session that is forgotten already; what is kept of it is in memory alone. */
  async function end(left: Leaving, ask: (accessToken: string) => Promise<boolean>): Promise<void> {
    // A token that was refused is renewed, once.
    for (let attempt = 0; attempt < 2; attempt += 1) {
      if (left.accessToken === undefined) {
        const grant = await within(turnMs, (signal) => present(left.refreshToken, signal));
        if (grant === null) return;
        Object.assign(left, grant);
      }
      if (await ask(left.accessToken ?? "")) return;
      left.accessToken = undefined;
    }
  }

  return {
    look,
    async current() {
      const login = await look();
      if (login === undefined) return undefined;
      const atHand = usable();
      if (atHand === undefined) return renew();
      const now = nowMs();
      if (now >= atHand.renewAtMs) {
        held = { ...atHand, renewAtMs: now + pauseMs };
        // Should it fail, there is time for another attempt; when there is none left, whoever asks
        // then hears of it.
        renew().catch(() => undefined);
      }
      return atHand.accessToken;
    },
    async insteadOf(refused) {
      await look();
      const atHand = usable();
      if (atHand === undefined) return renew();
      if (atHand.accessToken !== refused) return atHand.accessToken;
      return atHand.isHopeless ? undefined : renew();
    },
    giveUpOn(accessToken) {
      if (held?.accessToken === accessToken) held = { ...held, isHopeless: true };
    },
    async logIn(grant, device) {
      await takeTurn(() => within(turnMs, () => keep(grant, device)));
      leaving = undefined;
      tellTabs(name);
      emit({ type: "login", accountId: grant.account });
    },
    async logOut(ask, forgetDevice) {
      if ((await look()) === undefined && leaving === undefined) return;
      await takeTurn(() =>
        within(turnMs, async () => {
          const login = await look();
          if (login === undefined) return;
          const accessToken = isCookie ? "" : usable()?.accessToken;
          leaving = { accessToken, refreshToken: login.refreshToken };
          if (forgetDevice) await keeping.remove(`device.${login.device}`);
          await forget("here");
        }),
      );
      const left = leaving;
      if (left === undefined) return;
      await end(left, ask);
      if (leaving === left) leaving = undefined;
    },
  };
}
