// Who may hash when: as many at once as there are cores, and a queue behind them in which nobody waits long, and nobody for the dead.
import { ServiceError } from "../errors.ts";

/** Something that may be in the queue, waiting or at work, so many times; of several with one key, one works at a time. */
export interface Place {
  /** Texts by their letters, objects by their identity. */
  readonly key: string | object;
  readonly atMost: number;
}

/** On whose behalf a password is hashed. */
export interface Turn {
  /** Where it comes from, such as an address: nobody's waiting keeps other sources from being served. */
  readonly source: string;
  readonly places: readonly Place[];
  /** Whether a session or a known device is behind it: for these a share is kept that strangers cannot take. */
  readonly isKnown: boolean;
  /** Aborted when nobody waits for the answer any more. */
  readonly signal?: AbortSignal | undefined;
  /** Until when (`performance.now()`) they wait at most: set where they have waited elsewhere before. */
  readonly untilMs?: number | undefined;
}

export interface HashingQueue {
  /** Runs `work` when its turn comes. @throws ServiceError `busy` */
  run<T>(turn: Turn, work: () => Promise<T>): Promise<T>;
  readonly waiting: number;
  readonly running: number;
}

export interface HashingQueueOptions {
  readonly concurrency: number;
  /** How many may wait in all. */
  readonly waitingPlaces: number;
  /** How long anybody waits. @default 2000 */
  readonly patienceMs?: number | undefined;
  /** Hears how long each wait for a turn was, and how it ended. */
  readonly onWait?: ((seconds: number, outcome: "served" | "busy") => void) | undefined;
}

interface Waiter {
  readonly turn: Turn;
  readonly deadlineMs: number;
  readonly admit: () => void;
  readonly refuse: () => void;
}

const retryAfterSeconds = 2;

/** Those who wait and are known, or are not: each source in turn, and of one source the first. */
class Lane {
  readonly places: number;
  size = 0;
  /** In the order in which the sources are served next. */
  readonly #bySource = new Map<string, Set<Waiter>>();

  constructor(places: number) {
    this.places = places;
  }

  countOf(source: string): number {
    return this.#bySource.get(source)?.size ?? 0;
  }

  add(waiter: Waiter): void {
    const { source } = waiter.turn;
    const mates = this.#bySource.get(source) ?? new Set();
    this.#bySource.set(source, mates.add(waiter));
    this.size += 1;
  }

  remove(waiter: Waiter): void {
    const { source } = waiter.turn;
    const mates = this.#bySource.get(source);
    if (mates?.delete(waiter) !== true) return;
    this.size -= 1;
    if (mates.size === 0) this.#bySource.delete(source);
  }

  /** Takes the next who can work now; their source then comes last. */
  take(canWork: (waiter: Waiter) => boolean): Waiter | undefined {
    for (const [source, mates] of this.#bySource) {
      for (const waiter of mates) {
        if (!canWork(waiter)) continue;
        this.#bySource.delete(source);
        this.#bySource.set(source, mates);
        this.remove(waiter);
        return waiter;
      }
    }
    return undefined;
  }

  /** The last of the source that has the most, if that is more than `share`. */
  lastOfLargest(share: number): Waiter | undefined {
    let largest: Set<Waiter> | undefined;
    for (const mates of this.#bySource.values())
      if (mates.size > Math.max(share, largest?.size ?? 0)) largest = mates;
    return largest && [...largest].at(-1);
  }
}

export function createHashingQueue({
  concurrency,
  waitingPlaces,
  patienceMs = 2000,
  onWait = () => undefined,
}: HashingQueueOptions): HashingQueue {
  const ofMembers = Math.ceil(waitingPlaces / 4);
  const members = new Lane(ofMembers);
  const strangers = new Lane(waitingPlaces - ofMembers);
  const taken = new Map<Place["key"], number>();
  const atWork = new Set<Place["key"]>();
  let running = 0;
  let isMembersTurn = true;

  const canWork = ({ turn }: Pick<Waiter, "turn">): boolean =>
    !turn.places.some(({ key }) => atWork.has(key));

  function take({ places }: Turn): void {
    if (places.some(({ key, atMost }) => (taken.get(key) ?? 0) >= atMost)) throw busy();
    for (const { key } of places) taken.set(key, (taken.get(key) ?? 0) + 1);
  }

  function giveBack({ places }: Turn): void {
    for (const { key } of places) {
      const left = (taken.get(key) ?? 0) - 1;
      if (left > 0) taken.set(key, left);
      else taken.delete(key);
    }
  }

  function begin({ places }: Turn): void {
    running += 1;
    for (const { key } of places) atWork.add(key);
  }

  function end({ places }: Turn): void {
    running -= 1;
    for (const { key } of places) atWork.delete(key);
    for (let free = concurrency - running; free > 0; free = concurrency - running) {
      // By turns, so that neither those who are known nor strangers keep the others out.
      const lanes = isMembersTurn ? [members, strangers] : [strangers, members];
      const next = lanes[0]?.take(canWork) ?? lanes[1]?.take(canWork);
      if (next === undefined) return;
      isMembersTurn = !next.turn.isKnown;
      if (performance.now() > next.deadlineMs) next.refuse();
      else next.admit();
    }
  }

  /** Makes room in a full lane, where somebody else has more than a quarter of it. */
  function makeRoom(lane: Lane, source: string): void {
    const share = Math.max(1, Math.floor(lane.places / 4));
    const own = lane.countOf(source);
    // Whoever waits alone may have all places, and has to give way as others come.
    if (own >= share && lane.size > own) throw busy();
    if (lane.size < lane.places) return;
    const last = own < share ? lane.lastOfLargest(share) : undefined;
    if (last === undefined) throw busy();
    last.refuse();
  }

  async function wait(turn: Turn): Promise<void> {
    const lane = turn.isKnown ? members : strangers;
    makeRoom(lane, turn.source);
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const leave = (): void => {
      lane.remove(waiter);
      clearTimeout(timer);
      turn.signal?.removeEventListener("abort", refuse);
    };
    const refuse = (): void => {
      leave();
      reject(busy());
    };
    const nowMs = performance.now();
    const deadlineMs = Math.min(turn.untilMs ?? Number.POSITIVE_INFINITY, nowMs + patienceMs);
    const waiter: Waiter = {
      turn,
      deadlineMs,
      refuse,
      admit() {
        leave();
        // Here and not after the wait, so that nobody takes the place between the two.
        begin(turn);
        resolve();
      },
    };
    const timer = setTimeout(refuse, Math.max(0, deadlineMs - nowMs));
    turn.signal?.addEventListener("abort", refuse);
    lane.add(waiter);
    return promise;
  }

  return {
    async run(turn, work) {
      const sinceMs = performance.now();
      const tell = (outcome: "served" | "busy"): void =>
        onWait((performance.now() - sinceMs) / 1000, outcome);
      let hasPlaces = false;
      try {
        if (turn.signal?.aborted === true) throw busy();
        take(turn);
        hasPlaces = true;
        if (running < concurrency && canWork({ turn })) begin(turn);
        else await wait(turn);
      } catch (error) {
        if (hasPlaces) giveBack(turn);
        tell("busy");
        throw error;
      }
      tell("served");
      try {
        return await work();
      } finally {
        end(turn);
        giveBack(turn);
      }
    },
    get waiting() {
      return members.size + strangers.size;
    },
    get running() {
      return running;
    },
  };
}

function busy(): ServiceError {
  return new ServiceError("busy", { retryAfterSeconds });
}
