// A small world around one session: clients that hold copies of its refresh token, their requests under way, and time.
//
// Time is counted in slots of half a grace, which is how long a request may be under way. Generations count from the row.

/** The session's row, as far as a renewal looks at it. */
export interface Row {
  readonly current: number;
  readonly previous: number | null;
  /** Slots since `current` was made; 3 stands for any that are past the grace. */
  readonly age: number;
  readonly ended: boolean;
}

export interface Flight {
  readonly generation: number;
  readonly age: number;
  /** The successor, "refused", or null while it has not been decided. */
  readonly reply: number | "refused" | null;
}

export interface Client {
  /** Which storage it reads and writes; clients with the same one are tabs of one browser. */
  readonly storage: number;
  readonly operationsLeft: number;
  readonly flight: Flight | null;
}

export interface World {
  readonly row: Row;
  /** What each storage holds; null once it knows that it is logged out. */
  readonly tokens: readonly (number | null)[];
  readonly clients: readonly Client[];
}

export interface Verdict {
  readonly row: Row;
  readonly reply: number | "refused";
}

/**
 * How the tabs of one browser behave. `in turn`: one renewal at a time, as the client does with a lock; anything may be
 * lost. `at once`: without a lock, several may have the same token under way; requests may be lost, but no reply.
 * `careless`: whatever comes to their mind; anything may be lost.
 */
export type Manners = "in turn" | "at once" | "careless";

export interface Step {
  readonly world: World;
  /** Set where the server decided: what was presented, from which storage, and the reply. */
  readonly presented?: {
    readonly presented: number;
    readonly by: number;
    readonly reply: number | "refused";
  };
}

/** What the server does; asked for one request at a time. */
export interface Server {
  present(row: Row, generation: number): Verdict;
  end(row: Row): Row;
}

export const pastGrace = 3;
/** A request older than this is decided no more, and its client has stopped waiting. */
const flightSlots = 1;

export function newWorld(storages: readonly number[], operations: number): World {
  return {
    row: { current: 0, previous: null, age: pastGrace, ended: false },
    tokens: [...new Set(storages)].map(() => 0),
    clients: storages.map((storage) => ({ storage, operationsLeft: operations, flight: null })),
  };
}

/**
 * Every world that can come next. Left out is only what cannot lead anywhere new:
 * a request that is lost before it is decided (as if it had not been sent), whatever follows the end of the session
 * (nothing is accepted then), and the time that a request of a storage's only client is under way (nobody else reads
 * what it reads or writes what it writes, so its reading, deciding and writing may be one step).
 */
export function* steps(world: World, server: Server, manners: Manners): Generator<Step> {
  const { row, clients, tokens } = world;
  if (row.ended) return;
  const isReplyLate = clients.some(({ flight }) => flight?.age === flightSlots && flight.reply !== null);
  if (manners !== "at once" || !isReplyLate) yield { world: tick(world) };
  for (const [index, client] of clients.entries()) {
    const { flight, operationsLeft, storage } = client;
    const become = (changed: Partial<Client>): readonly Client[] =>
      clients.map((other, at) => (at === index ? { ...client, ...changed } : other));
    const spent = become({ operationsLeft: operationsLeft - 1 });
    const token = tokens[storage] ?? null;

    if (flight === null) {
      if (operationsLeft === 0 || token === null) continue;
      // Logs out; to change the password elsewhere does the same, and to change it here ends nothing.
      yield { world: { row: server.end(row), tokens, clients: spent } };
      const tabs = clients.filter((other) => other !== client && other.storage === storage);
      if (tabs.length > 0) {
        const others = tabs.flatMap(({ flight }) => flight ?? []);
        const isSame = others.every(({ generation }) => generation === token);
        const mayJoin = manners === "careless" || (manners === "at once" && isSame);
        if (others.length > 0 && !mayJoin) continue;
        const sent = { generation: token, age: 0, reply: null };
        yield { world: { ...world, clients: become({ operationsLeft: operationsLeft - 1, flight: sent }) } };
      } else {
        const { row: after, reply } = server.present(row, token);
        const presented = { presented: token, by: storage, reply };
        yield {
          world: { row: after, tokens: write(tokens, storage, token, reply), clients: spent },
          presented,
        };
        yield { world: { row: after, tokens, clients: spent }, presented };
      }
    } else if (flight.reply === null) {
      const { row: after, reply } = server.present(row, flight.generation);
      const presented = { presented: flight.generation, by: storage, reply };
      yield { world: { row: after, tokens, clients: become({ flight: { ...flight, reply } }) }, presented };
    } else {
      const written = write(tokens, storage, flight.generation, flight.reply);
      yield { world: { row, tokens: written, clients: become({ flight: null }) } };
      if (manners !== "at once") yield { world: { row, tokens, clients: become({ flight: null }) } };
    }
  }
}

/** A client writes a reply over nothing but the token that it presented: another tab may have been faster. */
function write(
  tokens: World["tokens"],
  storage: number,
  presented: number,
  reply: number | "refused",
): World["tokens"] {
  return tokens.map((token, at) => {
    if (at !== storage || token !== presented) return token;
    return reply === "refused" ? null : reply;
  });
}

/** One slot later; requests that are too old by then are over. */
function tick({ row, tokens, clients }: World): World {
  return {
    row: { ...row, age: Math.min(row.age + 1, pastGrace) },
    tokens,
    clients: clients.map((client) => {
      const { flight } = client;
      const isOver = flight === null || flight.age === flightSlots;
      return { ...client, flight: isOver ? null : { ...flight, age: flight.age + 1 } };
    }),
  };
}

/**
 * One text for worlds that behave alike: tabs of one storage in any order, and generations by what they are worth.
 * How far behind an older one is makes no difference to the store (the test asks it), and none ever becomes better.
 */
export function keyOf({ row, tokens, clients }: World): string {
  const worth = (generation: number | null): string => {
    if (generation === null) return "none";
    if (generation === row.current) return "current";
    return generation === row.previous ? "previous" : "older";
  };
  const flights = clients.map(({ storage, operationsLeft, flight }) => {
    if (flight === null) return `${storage} ${operationsLeft}`;
    const reply = typeof flight.reply === "number" ? worth(flight.reply) : flight.reply;
    return `${storage} ${operationsLeft} ${worth(flight.generation)} ${flight.age} ${reply}`;
  });
  const held = tokens.map(worth).join(" ");
  return `${row.previous === null} ${row.age} ${row.ended}|${held}|${flights.toSorted().join("|")}`;
}
