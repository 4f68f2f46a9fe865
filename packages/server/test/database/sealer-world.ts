// A small world around the outbox: transactions that leave a row, sealers that number what they see, and an instance of the
// release before, which numbers in its own transaction. Each step is one statement under READ COMMITTED; any process may be
// cut off between two.

/** A row that is committed, until the sealer that took it commits as well. */
export interface Waiting {
  readonly id: number;
  readonly name: string;
  readonly takenBy: number | null;
}

export interface Numbered {
  readonly seq: number;
  readonly name: string;
}

export interface Writer {
  readonly kind: "writer";
  readonly left: number;
  /** The row that it has written and not committed, or not yet heard the commit of. */
  readonly row: { readonly id: number; readonly name: string; readonly committed: boolean } | null;
}

export interface SealerProcess {
  readonly kind: "sealer";
  readonly left: number;
  /** Where the log ended when it looked. */
  readonly last: number | null;
  /** The rows that its statement saw, then those that it got. */
  readonly seen: readonly number[] | null;
  readonly taken: readonly Waiting[] | null;
  readonly isGuarded: boolean;
}

/** Locks the end of the log, writes behind it and commits: what it does under the lock is one step. */
export interface EarlierRelease {
  readonly kind: "earlier";
  readonly left: number;
  readonly last: number | null;
  readonly unheard: string | null;
}

export type Process = Writer | SealerProcess | EarlierRelease;

export interface World {
  readonly last: number;
  readonly lockedBy: number | null;
  readonly log: readonly Numbered[];
  readonly outbox: readonly Waiting[];
  readonly nextId: number;
  readonly processes: readonly Process[];
  /**
   * Those whose commit was heard of, and what each change could have heard of when it began. An
   * earlier release numbers its own at once, and overtakes what waits.
   */
  readonly acknowledged: readonly string[];
  readonly before: Readonly<Record<string, readonly string[]>>;
}

/** How a sealer makes sure that it is alone: the condition on where the log ends is what counts, the lock saves work. */
export interface Protocol {
  readonly locks: boolean;
  readonly guards: boolean;
  /** Takes the rows with the lowest ids first. */
  readonly inOrder: boolean;
  readonly batchRows: number;
}

const idleSealer = { last: null, seen: null, taken: null, isGuarded: false } as const;

export function newWorld(writers: number, sealers: number, earlier: number, operations: number): World {
  const of = <T>(count: number, made: T): T[] => Array.from({ length: count }, () => made);
  return {
    last: 0,
    lockedBy: null,
    log: [],
    outbox: [],
    nextId: 1,
    processes: [
      ...of(writers, { kind: "writer", left: operations, row: null } as const),
      ...of(sealers, { kind: "sealer", left: operations, ...idleSealer } as const),
      ...of(earlier, { kind: "earlier", left: operations, last: null, unheard: null } as const),
    ],
    acknowledged: [],
    before: {},
  };
}

/** Every world that can come next. */
export function* steps(world: World, protocol: Protocol): Generator<World> {
  for (const [at, process] of world.processes.entries()) {
    const become = (changed: Process): { readonly processes: readonly Process[] } => ({
      processes: world.processes.map((other, index) => (index === at ? changed : other)),
    });
    switch (process.kind) {
      case "writer":
        yield* stepsOfWriter(world, at, process, become);
        break;
      case "sealer":
        yield* stepsOfSealer(world, at, process, become, protocol);
        break;
      case "earlier":
        yield* stepsOfEarlier(world, at, process, become);
        break;
    }
  }
}

type Become = (changed: Process) => { readonly processes: readonly Process[] };

function* stepsOfWriter(world: World, at: number, process: Writer, become: Become): Generator<World> {
  const { row, left } = process;
  const idle = become({ ...process, row: null });
  if (row === null) {
    if (left === 0) return;
    const name = `${at}.${left}`;
    yield {
      ...world,
      ...become({ kind: "writer", left: left - 1, row: { id: world.nextId, name, committed: false } }),
      nextId: world.nextId + 1,
      before: { ...world.before, [name]: world.acknowledged },
    };
  } else if (row.committed) {
    yield { ...world, ...idle, acknowledged: [...world.acknowledged, row.name] };
    yield { ...world, ...idle };
  } else {
    const waiting = { id: row.id, name: row.name, takenBy: null };
    yield {
      ...world,
      ...become({ ...process, row: { ...row, committed: true } }),
      outbox: [...world.outbox, waiting].toSorted((one, other) => one.id - other.id),
    };
    yield { ...world, ...idle };
  }
}

function* stepsOfSealer(
  world: World,
  at: number,
  process: SealerProcess,
  become: Become,
  { locks, guards, inOrder, batchRows }: Protocol,
): Generator<World> {
  const { last, seen, taken, isGuarded, left } = process;
  const free = world.lockedBy === at ? null : world.lockedBy;
  const undone = {
    ...world,
    ...become({ kind: "sealer", left, ...idleSealer }),
    lockedBy: free,
    outbox: world.outbox.map((row) => (row.takenBy === at ? { ...row, takenBy: null } : row)),
  };
  if (last === null) {
    if (left === 0 || (locks && world.lockedBy !== null)) return;
    const started = { ...process, left: left - 1, last: world.last };
    yield { ...world, ...become(started), lockedBy: locks ? at : world.lockedBy };
    return;
  }
  // Cut off: the server undoes it.
  yield undone;
  if (seen === null) {
    // What another has taken and not committed is still to be seen.
    const visible = inOrder ? world.outbox : world.outbox.toReversed();
    yield { ...world, ...become({ ...process, seen: visible.slice(0, batchRows).map(({ id }) => id) }) };
  } else if (taken === null) {
    const rows = world.outbox.filter(({ id }) => seen.includes(id));
    // It waits for whoever has taken one of them.
    if (rows.some(({ takenBy }) => takenBy !== null)) return;
    yield {
      ...world,
      ...become({ ...process, taken: rows }),
      outbox: world.outbox.map((row) => (rows.includes(row) ? { ...row, takenBy: at } : row)),
    };
  } else if (!isGuarded) {
    if (world.lockedBy !== null && world.lockedBy !== at) return;
    if (guards && world.last !== last) return yield undone;
    yield { ...world, ...become({ ...process, isGuarded: true }), lockedBy: at };
  } else {
    const added = taken.map(({ name }, index) => ({ seq: last + index + 1, name }));
    yield {
      ...undone,
      last: last + taken.length,
      log: [...world.log, ...added],
      outbox: world.outbox.filter(({ takenBy }) => takenBy !== at),
    };
  }
}

function* stepsOfEarlier(
  world: World,
  at: number,
  process: EarlierRelease,
  become: Become,
): Generator<World> {
  const { last, left, unheard } = process;
  if (unheard !== null) {
    const idle = become({ ...process, unheard: null });
    yield { ...world, ...idle, acknowledged: [...world.acknowledged, unheard] };
    yield { ...world, ...idle };
  } else if (last === null) {
    if (left === 0 || world.lockedBy !== null) return;
    yield {
      ...world,
      ...become({ ...process, left: left - 1, last: world.last }),
      lockedBy: at,
    };
  } else {
    const name = `${at}.${left + 1}`;
    const idle = { ...process, last: null };
    yield { ...world, ...become(idle), lockedBy: null };
    yield {
      ...world,
      ...become({ ...idle, unheard: name }),
      lockedBy: null,
      last: last + 1,
      log: [...world.log, { seq: last + 1, name }],
    };
  }
}

/** What is wrong in this world, which came of the other. */
export function faultOf(world: World, cause: World | undefined): string | undefined {
  const { log, outbox, acknowledged, before, last } = world;
  const numbers = log.map(({ seq }) => seq);
  if (new Set(numbers).size < numbers.length) return "a number was given twice";
  if (numbers.toSorted((one, other) => one - other).some((seq, index) => seq !== index + 1))
    return "there is a gap";
  if (log.length !== last) return "the end is not where it is said to be";
  const names = log.map(({ name }) => name);
  if (new Set(names).size < names.length) return "a change was numbered twice";
  const seenBefore = Math.max(0, ...(cause?.log ?? []).map(({ seq }) => seq));
  const fresh = log.slice(cause?.log.length ?? 0);
  if (fresh.some(({ seq }) => seq <= seenBefore)) return "a reader finds a number below one that it has seen";
  const kept = new Set([...names, ...outbox.map(({ name }) => name)]);
  if (acknowledged.some((name) => !kept.has(name))) return "an acknowledged change is missing";
  for (const [index, name] of names.entries()) {
    const earlier = new Set(names.slice(0, index));
    if (before[name]?.some((known) => !earlier.has(known)) ?? false)
      return "a change stands before one that it could have heard of";
  }
  return undefined;
}
