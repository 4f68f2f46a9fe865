// One at a time among all who share a name: the clients of a page, and the tabs of a browser.

/** Runs a piece of work when all that came before it has ended, however it ended. */
export type TakeTurn = <T>(work: () => Promise<T>) => Promise<T>;

/** Of the Web Locks API what is used, which not every runtime has. */
interface Locks {
  request<T>(
    name: string,
    options: { readonly signal?: AbortSignal; readonly steal?: boolean },
    work: () => Promise<T>,
  ): Promise<T>;
  query(): Promise<{ readonly held: readonly { readonly name?: string }[] }>;
}

/**
 * Turns under a name, or of one's own for `null`. The work of each must end by itself.
 *
 * Web Locks hold over all tabs of an origin, and end with the tab that has one; from a tab that was
 * frozen with a turn in its hands it is taken away once others have seen it there for `patienceMs`.
 * Where there are none (a page that came by plain HTTP, an old browser) the clients of a page still
 * take turns, and those of several tabs do not.
 */
export function createTurns(name: string | null, patienceMs: number): TakeTurn {
  if (name === null) return queue();
  const { locks } = (globalThis as { navigator?: { locks?: Locks } }).navigator ?? {};
  if (locks !== undefined) return lockedTurns(locks, `countersign ${name}`, patienceMs);
  const known = queues.get(name) ?? queue();
  queues.set(name, known);
  return known;
}

function lockedTurns(locks: Locks, name: string, patienceMs: number): TakeTurn {
  /** In whose hands the turn is: each holds a lock of its own beside it. */
  const hands = async (): Promise<string> =>
    JSON.stringify((await locks.query()).held.filter((lock) => lock.name?.startsWith(name)));
  return async <T>(work: () => Promise<T>): Promise<T> => {
    let mine: Promise<T> | undefined;
    const waiting = new AbortController();
    let seen = await hands();
    // That others had turns meanwhile, which ended, is no reason to take one away.
    const timer = setInterval(() => {
      void hands().then((now) => {
        if (now === seen) waiting.abort();
        seen = now;
      });
    }, patienceMs);
    const begin = (): Promise<T> => {
      clearInterval(timer);
      return (mine = locks.request(`${name} ${Math.random()}`, {}, work));
    };
    // Whose turn was taken away while it ran ends it nevertheless, so what counts is the work and
    // not the lock.
    return locks
      .request(name, { signal: waiting.signal }, begin)
      .catch(() => mine ?? locks.request(name, { steal: true }, begin))
      .catch((error: unknown) => mine ?? Promise.reject(error));
  };
}

const queues = new Map<string, TakeTurn>();

function queue(): TakeTurn {
  let last: Promise<unknown> = Promise.resolve();
  return (work) => {
    const mine = last.then(work);
    last = mine.catch(() => undefined);
    return mine;
  };
}
