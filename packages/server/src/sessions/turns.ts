// Work on one user's sessions, one after the other, in the order in which it came.

export type InTurn = <T>(userId: string, work: () => Promise<T>) => Promise<T>;

/** Others do not wait for it, and a failure is told to its own caller alone. */
export function createTurns(): InTurn {
  const last = new Map<string, Promise<unknown>>();
  return async (userId, work) => {
    const before = last.get(userId);
    const turn = before === undefined ? work() : before.then(work, work);
    last.set(userId, turn);
    try {
      return await turn;
    } finally {
      if (last.get(userId) === turn) last.delete(userId);
    }
  };
}
