/** Timing contenders side by side: interleaved rounds, fresh inputs, medians. */
import { median } from "./spread.ts";

/** One library (or the bare crypto call) doing the work of a case. */
export interface Contender {
  /** Its name in the results, for example `fast-jwt`. */
  readonly peer: string;
  /** Its version as installed. */
  readonly version: string;
  /** Makes a batch of inputs, outside of the timed part, and returns the timed part: the work for each of them. */
  readonly batch: (size: number) => () => void | Promise<void>;
}

/** A contender that answers at once. */
export function synchronous<Input>(
  name: { peer: string; version: string },
  inputs: (size: number) => readonly Input[],
  work: (input: Input) => unknown,
): Contender {
  return {
    ...name,
    batch: (size) => {
      const batch = inputs(size);
      return () => {
        for (const input of batch) last = work(input);
      };
    },
  };
}

/** As many as a busy server has under way: a promise-based library is not charged for waiting alone. */
const inFlight = 16;

/** A contender that answers with a promise. */
export function asynchronous<Input>(
  name: { peer: string; version: string },
  inputs: (size: number) => readonly Input[],
  work: (input: Input) => Promise<unknown>,
): Contender {
  return {
    ...name,
    batch: (size) => {
      const batch = inputs(size);
      return async () => {
        let next = 0;
        const worker = async (): Promise<void> => {
          for (let input = batch[next++]; input !== undefined; input = batch[next++]) {
            // oxlint-disable-next-line no-await-in-loop -- the next one starts when this one is done
            last = await work(input);
          }
        };
        await Promise.all(Array.from({ length: inFlight }, worker));
      };
    },
  };
}

/** Results are kept somewhere visible, so that no compiler can prove the work to be useless. */
let last: unknown;

/** The result of the newest operation, whoever did it. */
export function lastResult(): unknown {
  return last;
}

export interface Rounds {
  readonly rounds: number;
  /** How long each contender works in each round. */
  readonly blockMs: number;
  /** How long each contender works before the first round. */
  readonly warmUpMs: number;
}

/** Long enough for the clock, short enough that most batches are not interrupted. */
const batchMs = 1;

/** What one operation took in one round. */
export interface Timing {
  /** On the wall clock: the median of the round's batches. */
  readonly us: number;
  /** Of all processors, the threads included that a library hands its work to: the mean of the round. */
  readonly cpuUs: number;
}

/**
 * What each contender took in each round. A machine that does other work too stretches some batches, and so hardly
 * changes the median of a round.
 *
 * In every round each contender works for one block; the order turns by one each round, so that nobody always
 * follows the same neighbour.
 */
export async function contest(
  contenders: readonly Contender[],
  { rounds, blockMs, warmUpMs }: Rounds,
): Promise<Map<Contender, Timing[]>> {
  const timings = new Map<Contender, Timing[]>(contenders.map((contender) => [contender, []]));
  const sizes = new Map<Contender, number>();
  for (const contender of contenders) {
    const guess = await block(contender, 64, warmUpMs);
    sizes.set(contender, Math.min(512, Math.max(32, Math.round((batchMs * 1000) / guess.us))));
  }
  for (let round = 0; round < rounds; round += 1) {
    for (let turn = 0; turn < contenders.length; turn += 1) {
      const contender = contenders[(round + turn) % contenders.length];
      if (contender === undefined) continue;
      timings.get(contender)?.push(await block(contender, sizes.get(contender) ?? 64, blockMs));
    }
  }
  return timings;
}

async function block({ batch }: Contender, batchSize: number, blockMs: number): Promise<Timing> {
  const samples: number[] = [];
  let cpuMicroseconds = 0;
  const startOfBlock = performance.now();
  const cpuOfBlock = process.cpuUsage();
  while (!isSpent(blockMs, startOfBlock, cpuOfBlock)) {
    const work = batch(batchSize);
    const cpuBefore = process.cpuUsage();
    const start = process.hrtime.bigint();
    const pending = work();
    if (pending !== undefined) await pending;
    const spentNs = Number(process.hrtime.bigint() - start);
    const { user, system } = process.cpuUsage(cpuBefore);
    samples.push(spentNs / 1000 / batchSize);
    cpuMicroseconds += user + system;
  }
  return { us: median(samples), cpuUs: cpuMicroseconds / batchSize / samples.length };
}

/** Counted in processor time, as a busy machine may give little of it; but not for ever. */
function isSpent(blockMs: number, start: number, cpuAtStart: NodeJS.CpuUsage): boolean {
  const { user, system } = process.cpuUsage(cpuAtStart);
  return user + system >= blockMs * 1000 || performance.now() - start >= blockMs * 2;
}
