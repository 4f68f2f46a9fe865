// One at a time among all who share a name: the clients of a page, and the tabs of a browser.

/** Runs a piece of work when all that came before it has ended, however it ended. */
export type TakeTurn = <T>(work: () => Promise<T>) => Promise<T>;

/** Of the Web Locks API what is used, which not every runtime has. */
interface Locks {
  request<T>(name: string, work: () => Promise<T>): Promise<T>;
}

/**
 * Turns under a name, or of one's own for `null`.
 *
 * Web Locks hold over all tabs of an origin, and end with the tab that has one. Where there are none (a page that came
 * by plain HTTP, an old browser) the clients of a page still take turns, and those of several tabs do not.
 */
export function createTurns(name: string | null): TakeTurn {
  if (name === null) return queue();
  const { locks } = (globalThis as { navigator?: { locks?: Locks } }).navigator ?? {};
  if (locks !== undefined) return (work) => locks.request(`countersign ${name}`, work);
  const known = queues.get(name) ?? queue();
  queues.set(name, known);
  return known;
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
