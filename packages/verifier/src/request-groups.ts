// Lets requests through a guard in groups: those that arrive together are judged together.
import { AsyncResource } from "node:async_hooks";
// By import, so that a test's fake timers do not hold requests up.
import { setImmediate } from "node:timers";
import type { Credentials } from "./bearer.ts";
import { type AccessError, toAccessError } from "./errors.ts";
import type { Guard } from "./guard.ts";
import type { Identity } from "./identity.ts";

/** Enough for nearly all of the gain, and so few that the first hardly waits for the last. */
const groupSize = 16;

/** The group that is not full yet, and will be judged as soon as everything that has arrived is read. */
let gathering: WaitingRequest[] | undefined;

/**
 * Calls exactly one of the two: later in this turn of the event loop, or when what had to be fetched is there.
 *
 * Code that runs once in each request finds the processor's caches full of other code, and takes more than twice its
 * time. So a request waits until all that have arrived are read; then up to 16 are judged in a row, and go on in a row
 * (cohort scheduling: Larus and Parkes, USENIX 2002). Each is judged and goes on in the async context that it came with.
 *
 * `admit` runs the rest of the request, so what it throws is the handler's affair and never turned into a refusal.
 */
export function admitInBatches<I extends Identity | undefined>(
  guard: Guard<I>,
  credentials: Credentials,
  admit: (identity: I) => void,
  refuse: (error: AccessError) => void,
): void {
  if (gathering === undefined || gathering.length === groupSize) {
    gathering = [];
    setImmediate(judgeTogether, gathering);
  }
  gathering.push(new PassingRequest(guard, credentials, admit, refuse));
}

function judgeTogether(group: readonly WaitingRequest[]): void {
  if (gathering === group) gathering = undefined;
  for (const request of group) request.judge();
  goOnFrom(group, 0);
}

function goOnFrom(group: readonly WaitingRequest[], start: number): void {
  let next = start;
  try {
    while (next < group.length) group[next++]?.goOn();
  } finally {
    // One threw, which is for the process to hear. The others have nothing to do with it.
    if (next < group.length) setImmediate(goOnFrom, group, next);
  }
}

interface WaitingRequest {
  judge(): void;
  goOn(): void;
}

class PassingRequest<I extends Identity | undefined> extends AsyncResource implements WaitingRequest {
  readonly #guard: Guard<I>;
  readonly #credentials: Credentials;
  readonly #admit: (identity: I) => void;
  readonly #refuse: (error: AccessError) => void;
  #verdict: { readonly identity: I } | { readonly error: AccessError } | "later" = "later";

  constructor(
    guard: Guard<I>,
    credentials: Credentials,
    admit: (identity: I) => void,
    refuse: (error: AccessError) => void,
  ) {
    super("countersign.guard");
    this.#guard = guard;
    this.#credentials = credentials;
    this.#admit = admit;
    this.#refuse = refuse;
  }

  judge(): void {
    this.runInAsyncScope(this.#judge, this);
  }

  goOn(): void {
    this.runInAsyncScope(this.#goOn, this);
  }

  #judge(): void {
    try {
      const identity = this.#guard(this.#credentials);
      if (!(identity instanceof Promise)) this.#verdict = { identity };
      else void identity.then(this.#admit, (error: unknown) => this.#refuse(toAccessError(error)));
    } catch (error) {
      this.#verdict = { error: toAccessError(error) };
    }
  }

  #goOn(): void {
    const verdict = this.#verdict;
    if (verdict === "later") return;
    if ("identity" in verdict) this.#admit(verdict.identity);
    else this.#refuse(verdict.error);
  }
}
