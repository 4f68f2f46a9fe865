// The instances that run on one database, each of which says every few seconds what it is doing.
import type { InstanceReport } from "./report.ts";
import type { InstanceReportStore } from "./store.ts";

export interface Instances {
  /** This one as it is now, then the others as they last said. */
  all(): Promise<readonly InstanceReport[]>;
  start(): void;
  /** Resolves when no report is under way; the others are not told of this instance any more. */
  stop(): Promise<void>;
}

export interface InstancesOptions {
  /** Undefined where there is no other instance. */
  readonly store: InstanceReportStore | undefined;
  readonly own: () => InstanceReport;
  readonly onError: (error: unknown) => void;
  readonly everyMs?: number | undefined;
}

export function createInstances({ store, own, onError, everyMs = 5000 }: InstancesOptions): Instances {
  let timer: NodeJS.Timeout | undefined;
  let reporting: Promise<void> | undefined;
  /** A database that is away is said once, not every few seconds. */
  let hasFailed = false;

  async function reportTo(place: InstanceReportStore): Promise<void> {
    try {
      await place.write(own());
      hasFailed = false;
    } catch (error) {
      if (!hasFailed) onError(error);
      hasFailed = true;
    }
  }

  function report(): void {
    if (store === undefined || reporting !== undefined) return;
    reporting = reportTo(store).finally(() => {
      reporting = undefined;
    });
  }

  return {
    async all() {
      const mine = own();
      const others = (await store?.recent()) ?? [];
      return [mine, ...others.filter(({ id }) => id !== mine.id)];
    },

    start() {
      if (store === undefined) return;
      report();
      timer = setInterval(report, everyMs).unref();
    },

    async stop() {
      clearInterval(timer);
      await reporting;
      // Where the database is gone, the row is forgotten by its age.
      if (timer !== undefined) await store?.forget(own().id).catch(() => undefined);
      timer = undefined;
    },
  };
}
