// The worker: takes mail out of the outbox, makes its words and codes, and sends it, again and again if need be.
import { setTimeout as pause } from "node:timers/promises";
import type { Compose } from "./compose.ts";
import type { MailPurpose } from "./letter.ts";
import type { Prepare } from "./notices.ts";
import type { ClaimedMail, Outbox } from "./outbox-store.ts";
import { MailRefused, type MailTransport } from "./transport.ts";

/** How a try ended: `deferred` is tried again, `failed` is not. */
export type MailOutcome = "sent" | "deferred" | "failed";

export interface MailWorker {
  start(): void;
  /** Resolves when nothing is being sent. What was under way is sent at the next start. */
  stop(): Promise<void>;
}

export interface MailWorkerOptions {
  readonly outbox: Pick<Outbox, "claim" | "extend" | "remove" | "defer" | "fail" | "onPut">;
  readonly prepare: Readonly<Record<MailPurpose, Prepare>>;
  readonly compose: Compose;
  readonly transport: MailTransport;
  /** Told of tries that failed; holds nothing of the mail. */
  readonly onError: (error: unknown) => void;
  /** Told once the outbox has it, too. */
  readonly onOutcome?: ((outcome: MailOutcome) => void) | undefined;
  /** How many are sent at once. @default 4 */
  readonly atOnce?: number | undefined;
  /** How often an empty outbox is asked for mail of other instances, and for what is due again. @default 500 */
  readonly pollMs?: number | undefined;
  /** How long one try may take in all. @default 120000 */
  readonly tryMs?: number | undefined;
  /** For how long a mail is this worker's, unless it says that it goes on. @default 20000 */
  readonly leaseMs?: number | undefined;
  /** How long mail under way may take once the worker stops. @default 2000 */
  readonly graceMs?: number | undefined;
}

/** About a day: half a minute after the first, doubled from there, four hours at most. */
export const maxTries = 16;
const firstDelayMs = 30_000;
const longestDelayMs = 4 * 3_600_000;
/**
 * Mail of this instance is looked for at the next tick of a clock that goes so fast, and not sooner
 * than the answer to whoever asked for it is out: were it sent a fixed time after its request, how long
 * the requests of that moment take would say whether there was something to send.
 */
const tickMs = 100;
const answerFirstMs = 20;

export function delayAfter(tries: number): number {
  return Math.min(firstDelayMs * 2 ** (tries - 1), longestDelayMs);
}

export function createMailWorker(options: MailWorkerOptions): MailWorker {
  const { outbox, prepare, compose, transport, onError, onOutcome = () => {} } = options;
  const { atOnce = 4, pollMs = 500, tryMs = 120_000, leaseMs = 20_000, graceMs = 2000 } = options;
  const stopping = new AbortController();
  const aborting = new AbortController();
  const underWay = new Set<Promise<void>>();
  /** Ends the wait of an empty outbox. */
  let awakening = new AbortController();
  /** Whether that is to come with the next tick. */
  let isWaking = false;
  let forgetOutbox = (): void => {};
  let running: Promise<void> = Promise.resolve();

  /** False: there was nothing to send. */
  async function send(mail: ClaimedMail): Promise<boolean> {
    const letter = await prepare[mail.purpose](mail);
    if (letter === undefined) return false;
    const signal = AbortSignal.any([aborting.signal, AbortSignal.timeout(tryMs)]);
    await transport.send({ ...compose(letter), id: mail.id }, signal);
    return true;
  }

  /** While it is being sent nobody else takes it; if this process dies, somebody does when the lease ends. */
  async function holding<T>(mail: ClaimedMail, work: () => Promise<T>): Promise<T> {
    const done = new AbortController();
    const extending = (async () => {
      while (!done.signal.aborted) {
        await pause(leaseMs / 4, undefined, { signal: done.signal }).catch(() => undefined);
        if (!done.signal.aborted && !(await outbox.extend(mail, leaseMs))) return;
      }
    })().catch(onError);
    try {
      return await work();
    } finally {
      done.abort();
      await extending;
    }
  }

  async function settle(mail: ClaimedMail, error: unknown): Promise<void> {
    // Whoever starts next goes on at once.
    if (aborting.signal.aborted) return outbox.defer(mail, 0);
    onError(error);
    if (error instanceof MailRefused || mail.tries >= maxTries) {
      await outbox.fail(mail, error instanceof MailRefused ? error.reason : reasonOf(error));
      return onOutcome("failed");
    }
    await outbox.defer(mail, delayAfter(mail.tries));
    onOutcome("deferred");
  }

  async function handle(mail: ClaimedMail): Promise<void> {
    let wasSent: boolean;
    try {
      wasSent = await holding(mail, () => send(mail));
    } catch (error) {
      return settle(mail, error);
    }
    await outbox.remove(mail.id);
    if (wasSent) onOutcome("sent");
  }

  async function next(): Promise<ClaimedMail | undefined> {
    try {
      return await outbox.claim(leaseMs);
    } catch (error) {
      onError(error);
      return undefined;
    }
  }

  function wakeSoon(): void {
    if (isWaking) return;
    isWaking = true;
    const untilTickMs = tickMs - (performance.now() % tickMs);
    const timer = setTimeout(
      () => {
        isWaking = false;
        awakening.abort();
      },
      untilTickMs < answerFirstMs ? untilTickMs + tickMs : untilTickMs,
    );
    timer.unref();
  }

  async function run(): Promise<void> {
    while (!stopping.signal.aborted) {
      if (underWay.size >= atOnce) await Promise.race(underWay);
      // Before it looks: what comes while it does so is looked for once more.
      awakening = new AbortController();
      const mail = await next();
      if (mail === undefined) {
        const signal = AbortSignal.any([stopping.signal, awakening.signal]);
        await pause(pollMs, undefined, { signal }).catch(() => undefined);
        continue;
      }
      const handled: Promise<void> = handle(mail)
        .catch(onError)
        .finally(() => underWay.delete(handled));
      underWay.add(handled);
    }
  }

  return {
    start() {
      forgetOutbox = outbox.onPut(wakeSoon);
      running = run();
    },

    async stop() {
      stopping.abort();
      forgetOutbox();
      await running;
      const timer = setTimeout(() => aborting.abort(), graceMs);
      await Promise.all(underWay);
      clearTimeout(timer);
    },
  };
}

/** The kind of trouble, by names of ours and of nodemailer's: a server's own words may quote the address. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return "unknown";
  const code = "code" in error && typeof error.code === "string" ? error.code : error.name;
  return "responseCode" in error && typeof error.responseCode === "number"
    ? `${code} ${error.responseCode}`
    : code;
}
