// The sealer (PostgreSQL): numbers and chains what lies in the outbox, in batches. Any instance may at any time; the
// row of the sequencer is its turn, and a condition on where it ends is what makes that safe.

import { sql, type Kysely } from "kysely";
import type { AuditSeal } from "./audit-seal.ts";
import { StoreError } from "./errors.ts";
import type { Outbox } from "./outbox.ts";
import { headColumns, type Sequencer } from "./sequencer.ts";
import type { Tables } from "./tables.ts";

export interface SealerOptions {
  readonly db: Kysely<Tables>;
  readonly outbox: Pick<Outbox, "take">;
  readonly sequencer: Pick<Sequencer, "append">;
  /** Seals the end of the trail; undefined before the master key is open. */
  readonly seal: () => AuditSeal | undefined;
}

export interface Sealer {
  /**
   * Numbers what is committed, and resolves when it has seen nothing left, or when it cannot go on
   * at the moment: whoever reads afterwards sees what still waits.
   */
  seal(): Promise<void>;
  readonly isSealing: () => boolean;
}

/** Rows of one transaction: some milliseconds of work. */
const batchRows = 500;
/**
 * A sealer that stands still within its transaction is cut off by the server after this, and the
 * others wait for their turn as long as that at most.
 */
const heldAtMostMs = 1000;

export function createSealer({ db, outbox, sequencer, seal }: SealerOptions): Sealer {
  let running: Promise<void> | undefined;
  let next: Promise<void> | undefined;

  async function isWaiting(): Promise<boolean> {
    const row = await db.selectFrom("unnumbered").select("id").orderBy("id").limit(1).executeTakeFirst();
    return row !== undefined;
  }

  /** How many rows it numbered. `inLine`: waits behind whoever has the turn; otherwise it is then `busy`. */
  function sealBatch(inLine: boolean): Promise<number | "busy" | "withheld"> {
    return db.transaction().execute(async (trx) => {
      await sql`
        select set_config('idle_in_transaction_session_timeout', ${String(heldAtMostMs)}, true),
          set_config('lock_timeout', ${String(heldAtMostMs)}, true)
      `.execute(trx);
      // Where the trail ends is read before the rows that go behind it.
      const query = trx.selectFrom("journal").select(headColumns).forUpdate();
      const heads = await (inLine ? query : query.skipLocked()).executeTakeFirst();
      if (heads === undefined) return "busy";
      // Whoever has no key would leave the end without a seal; the servers have it.
      if (heads.audit_seal !== null && seal() === undefined) return "withheld";
      const taken = await outbox.take(trx, batchRows);
      const rows = taken.events.length + taken.entries.length;
      if (rows > 0) await sequencer.append(trx, heads, taken);
      return rows;
    });
  }

  async function run(): Promise<void> {
    let inLine = false;
    while (await isWaiting()) {
      const sealed = await sealBatch(inLine);
      // A batch that is not full was all that there was; what came since is for the next time.
      if (sealed === "withheld" || (sealed !== "busy" && sealed < batchRows)) return;
      inLine = sealed === "busy";
    }
  }

  function start(): Promise<void> {
    running = run()
      .catch((error: unknown) => {
        if (!isOvertaken(error)) throw error;
      })
      .finally(() => {
        running = undefined;
      });
    return running;
  }

  return {
    isSealing: () => running !== undefined,

    seal() {
      if (running === undefined) return start();
      // What is under way may have looked before the caller's commit.
      next ??= running
        .catch(() => undefined)
        .then(() => {
          next = undefined;
          return start();
        });
      return next;
    },
  };
}

/**
 * Somebody else numbers, or the server cannot take it at the moment. A number twice is refused by
 * the key of its table (unique_violation).
 */
function isOvertaken(error: unknown): boolean {
  if (error instanceof StoreError) return error.isTemporary;
  return error instanceof Error && "code" in error && error.code === "23505";
}
