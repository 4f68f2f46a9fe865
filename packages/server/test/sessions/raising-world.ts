// A small world around a session that rises: an owner with tabs, who can show a factor, and a thief with a copy of what
// they held, who cannot. Time is counted in slots of half a grace, which is how long a renewal may be under way.

/** One level below, and the one that step-ups give. */
export type Level = 1 | 2;

/** The session's row, as far as renewals and step-ups look at it. */
export interface Row {
  readonly current: number;
  readonly previous: number | null;
  readonly pending: number | null;
  /** Slots since `current` was made; 3 stands for any that are past the grace. */
  readonly age: number;
  readonly level: Level;
  readonly ended: boolean;
}

export type Reply = { readonly generation: number; readonly level: Level } | "refused";

export const pastGrace = 3;
const flightSlots = 1;
export const stride = 1024;

const isAbove = (row: Row, generation: number): boolean =>
  row.pending !== null && generation > row.current && generation <= row.pending;

/** The table of the design for one presentation, word by word. */
export function present(row: Row, generation: number): { readonly row: Row; readonly reply: Reply } {
  const refused = (ended: boolean) => ({
    row: { ...row, ended: row.ended || ended },
    reply: "refused" as const,
  });
  if (row.ended) return refused(false);
  const movedOn = (changed: Partial<Row>) => {
    const after = { ...row, previous: generation, age: 0, ...changed };
    return { row: after, reply: { generation: after.current, level: after.level } };
  };
  if (generation === row.current) return movedOn({ current: row.current + 1 });
  if (generation === row.previous) {
    if (row.age >= pastGrace) return movedOn({ current: row.current + 1 });
    return { row, reply: { generation: row.current, level: row.level } };
  }
  if (isAbove(row, generation) && generation === row.pending)
    return movedOn({ current: generation + 1, pending: null, level: 2 });
  if (isAbove(row, generation)) return movedOn({ current: generation + 1 });
  return refused(generation < row.current);
}

/** A step-up of who holds the session, or, with `holdsPending`, what an earlier one gave and nobody has presented. */
export function stepUp(row: Row, holdsPending: boolean): Row {
  const settled: Row =
    holdsPending && row.pending !== null && row.pending > row.current
      ? { ...row, current: row.pending, previous: null, pending: null, level: 2, age: 0 }
      : row;
  return { ...settled, pending: Math.max(settled.current, settled.pending ?? 0) + stride };
}

/** What a storage keeps: null once it knows that it is logged out. */
type Token = { readonly generation: number; readonly level: Level } | null;

type Flight =
  | {
      readonly kind: "renewal";
      readonly generation: number;
      readonly age: number;
      readonly reply: Reply | null;
    }
  | { readonly kind: "step-up"; readonly given: number; readonly age: number };

interface Client {
  /** Clients with the same one are tabs of one browser. */
  readonly storage: number;
  readonly operationsLeft: number;
  readonly flight: Flight | null;
}

export interface World {
  readonly row: Row;
  readonly tokens: readonly Token[];
  readonly clients: readonly Client[];
  readonly stepUpsLeft: number;
}

export interface Step {
  readonly world: World;
  /** Set where the server decided on a presentation. */
  readonly presented?: { readonly by: number; readonly token: NonNullable<Token>; readonly reply: Reply };
}

/** Whose storage is the owner's: only they can step up. */
export const owner = 0;

export function newWorld(storages: readonly number[], operations: number, stepUps: number): World {
  const row = { current: 0, previous: null, pending: null, age: pastGrace, level: 1, ended: false } as const;
  return {
    row,
    tokens: [...new Set(storages)].map(() => ({ generation: 0, level: 1 })),
    clients: storages.map((storage) => ({ storage, operationsLeft: operations, flight: null })),
    stepUpsLeft: stepUps,
  };
}

/**
 * Every world that can come next. Tabs of one browser renew in turn, and step up in turn, as the client does with two
 * locks; what a step-up gave is written while nobody renews. A step-up that its client has given up may be decided
 * whenever the server comes to it. Anything may be lost.
 */
export function* steps(world: World): Generator<Step> {
  const { row, tokens, clients } = world;
  if (row.ended) return;
  yield { world: tick(world) };
  for (const [index, client] of clients.entries()) {
    const { flight, operationsLeft, storage } = client;
    const become = (changed: Partial<Client>): readonly Client[] =>
      clients.map((other, at) => (at === index ? { ...client, ...changed } : other));
    const held = (token: Token): World["tokens"] =>
      tokens.map((other, at) => (at === storage ? token : other));
    const isUnderWay = (kind: Flight["kind"]): boolean =>
      clients.some((one) => one.storage === storage && one.flight?.kind === kind);
    const token = tokens[storage] ?? null;

    if (flight === null) {
      if (operationsLeft === 0 || token === null) continue;
      const spent = { operationsLeft: operationsLeft - 1 };
      if (!isUnderWay("renewal")) {
        const sent = { kind: "renewal", generation: token.generation, age: 0, reply: null } as const;
        yield { world: { ...world, clients: become({ ...spent, flight: sent }) } };
      }
      if (storage !== owner || world.stepUpsLeft === 0) continue;
      // A tab may have what was held before in its memory still, or what an earlier step-up gave.
      for (const holdsPending of token.generation === row.pending ? [true, false] : [false]) {
        const after = stepUp(row, holdsPending);
        const next = { ...world, row: after, stepUpsLeft: world.stepUpsLeft - 1 };
        yield { world: { ...next, clients: become(spent) } };
        if (isUnderWay("step-up")) continue;
        const flight = { kind: "step-up", given: after.pending ?? 0, age: 0 } as const;
        yield { world: { ...next, clients: become({ ...spent, flight }) } };
      }
    } else if (flight.kind === "step-up") {
      yield { world: { ...world, clients: become({ flight: null }) } };
      if (isUnderWay("renewal")) continue;
      const given = { generation: flight.given, level: 2 } as const;
      yield { world: { ...world, tokens: held(given), clients: become({ flight: null }) } };
    } else if (flight.reply === null) {
      const { row: after, reply } = present(row, flight.generation);
      // Nobody else of the storage writes while this is under way.
      const presented = token === null ? undefined : { by: storage, token, reply };
      const next = { ...world, row: after, clients: become({ flight: { ...flight, reply } }) };
      yield presented === undefined ? { world: next } : { world: next, presented };
    } else {
      const written = flight.reply === "refused" ? null : flight.reply;
      yield { world: { ...world, tokens: held(written), clients: become({ flight: null }) } };
      yield { world: { ...world, clients: become({ flight: null }) } };
    }
  }
}

/** One slot later; requests that are too old by then are over. */
function tick({ row, clients, ...rest }: World): World {
  return {
    ...rest,
    row: { ...row, age: Math.min(row.age + 1, pastGrace) },
    clients: clients.map((client) => {
      const { flight } = client;
      if (flight === null) return client;
      return { ...client, flight: flight.age === flightSlots ? null : { ...flight, age: flight.age + 1 } };
    }),
  };
}

/** One text for worlds that behave alike: generations by what they are worth, in their order. */
export function keyOf({ row, tokens, clients, stepUpsLeft }: World): string {
  const given = clients.flatMap(({ flight }) => {
    if (flight === null) return [];
    if (flight.kind === "step-up") return [flight.given];
    const { reply } = flight;
    return [flight.generation, ...(reply === null || reply === "refused" ? [] : [reply.generation])];
  });
  const above = [...new Set([...tokens.flatMap((token) => token?.generation ?? []), ...given])]
    .filter((generation) => generation > row.current && generation !== row.pending)
    .toSorted((a, b) => a - b);
  const worth = (generation: number): string => {
    if (generation === row.current) return "current";
    if (generation === row.previous) return "previous";
    if (generation === row.pending) return "pending";
    return generation < row.current ? "older" : `above ${above.indexOf(generation)}`;
  };
  const flights = clients.map(({ storage, operationsLeft, flight }) => {
    if (flight === null) return `${storage} ${operationsLeft}`;
    if (flight.kind === "step-up")
      return `${storage} ${operationsLeft} given ${worth(flight.given)} ${flight.age}`;
    const { reply } = flight;
    const answer =
      reply === null || reply === "refused" ? reply : `${worth(reply.generation)} ${reply.level}`;
    return `${storage} ${operationsLeft} ${worth(flight.generation)} ${flight.age} ${answer}`;
  });
  const held = tokens.map((token) => (token === null ? "none" : `${worth(token.generation)} ${token.level}`));
  const { previous, pending, age, level, ended } = row;
  const state = `${previous === null} ${pending === null} ${age} ${level} ${ended} ${stepUpsLeft}`;
  return `${state}|${held.join(" ")}|${flights.toSorted().join("|")}`;
}
