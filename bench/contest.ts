/** Timing contenders side by side: interleaved rounds, fresh inputs, medians. */

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

/**
 * Microseconds per operation for each contender: in each round the median of its batches, over all rounds the median
 * of these. A machine that does other work too stretches some batches, and so hardly changes the result.
 *
 * In every round each contender works for one block; the order turns by one each round, so that nobody always
 * follows the same neighbour.
 */
export async function contest(
  contenders: readonly Contender[],
  { rounds, blockMs, warmUpMs }: Rounds,
): Promise<Map<Contender, number>> {
  const times = new Map<Contender, number[]>(contenders.map((contender) => [contender, []]));
  const sizes = new Map<Contender, number>();
  for (const contender of contenders) {
    // oxlint-disable-next-line no-await-in-loop -- one after the other is what is measured
    const guess = await block(contender, 64, warmUpMs);
    sizes.set(contender, Math.min(512, Math.max(32, Math.round((batchMs * 1000) / guess))));
  }
  for (let round = 0; round < rounds; round += 1) {
    for (let turn = 0; turn < contenders.length; turn += 1) {
      const contender = contenders[(round + turn) % contenders.length];
      if (contender === undefined) continue;
      // oxlint-disable-next-line no-await-in-loop -- one after the other is what is measured
      times.get(contender)?.push(await block(contender, sizes.get(contender) ?? 64, blockMs));
    }
  }
  return new Map(Array.from(times, ([contender, samples]) => [contender, median(samples)]));
}

/** Microseconds per operation: the median of the batches that fit into one block. */
async function block({ batch }: Contender, batchSize: number, blockMs: number): Promise<number> {
  const samples: number[] = [];
  const startOfBlock = performance.now();
  const cpuOfBlock = process.cpuUsage();
  while (!isSpent(blockMs, startOfBlock, cpuOfBlock)) {
    const work = batch(batchSize);
    const start = process.hrtime.bigint();
    const pending = work();
    // oxlint-disable-next-line no-await-in-loop -- one after the other is what is measured
    if (pending !== undefined) await pending;
    const spentNs = Number(process.hrtime.bigint() - start);
    samples.push(spentNs / 1000 / batchSize);
  }
  return median(samples);
}

/** Counted in processor time, as a busy machine may give little of it; but not for ever. */
function isSpent(blockMs: number, start: number, cpuAtStart: NodeJS.CpuUsage): boolean {
  const { user, system } = process.cpuUsage(cpuAtStart);
  return user + system >= blockMs * 1000 || performance.now() - start >= blockMs * 2;
}

/** The middle value, or the mean of the two in the middle. */
export function median(samples: readonly number[]): number {
  const sorted = samples.toSorted((a, b) => a - b);
  const upper = sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
  const lower = sorted[Math.ceil(sorted.length / 2) - 1] ?? Number.NaN;
  return (lower + upper) / 2;
}
