// What happens is counted here: in a registry of this app's own, or nowhere while nobody asks for metrics.
import {
  type CounterName,
  counters,
  type GaugeName,
  gauges,
  type HistogramName,
  histograms,
  type MetricDescription,
} from "./table.ts";

export type Labels = Readonly<Record<string, string>>;

/** One reading of a gauge. */
export interface Reading {
  readonly value: number;
  readonly labels?: Labels;
}

/** Counting never throws and never waits: no request fails or is slow because it is measured. */
export interface Metrics {
  /** Whether it is worth the while to measure something for it. */
  readonly isRead: boolean;
  readonly count: (name: CounterName, labels?: Labels) => void;
  readonly observe: (name: HistogramName, seconds: number, labels?: Labels) => void;
  /** Asks `read` at each scrape; what it does not name any more is gone. */
  readonly gauge: (name: GaugeName, read: () => readonly Reading[]) => void;
  /** A counter that somebody else keeps; `read` gives its total. */
  readonly total: (name: CounterName, read: () => number) => void;
}

/** For apps whose metrics nobody reads. */
export const noMetrics: Metrics = { isRead: false, count() {}, observe() {}, gauge() {}, total() {} };

export interface Exposition {
  readonly contentType: string;
  readonly text: string;
}

export interface MetricsRegistry extends Metrics {
  /** Everything as Prometheus reads it. */
  readonly expose: () => Promise<Exposition>;
  /** Forgets everything. */
  readonly close: () => void;
}

/** `onError` hears of a reading that failed; the others are exposed all the same. */
export async function createMetrics(onError: (error: unknown) => void): Promise<MetricsRegistry> {
  // Loaded where metrics are wanted alone: it costs memory and time at the start.
  const { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } = await import("prom-client");
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });

  const reads = new Map<string, () => readonly Reading[]>();
  const totals = new Map<string, () => number>();

  const read = <Value>(ask: () => Value, otherwise: Value): Value => {
    try {
      return ask();
    } catch (error) {
      onError(error);
      return otherwise;
    }
  };

  const madeCounters = byName(counters, (name, description) => {
    const { help, labels = {} } = description;
    return new Counter({
      name,
      help,
      labelNames: Object.keys(labels),
      registers,
      collect() {
        const total = totals.get(name);
        if (total === undefined) return;
        this.reset();
        this.inc(read(total, 0));
      },
    });
  });
  const madeHistograms = byName(histograms, (name, { help, labels = {}, buckets }) => {
    return new Histogram({ name, help, labelNames: Object.keys(labels), buckets: [...buckets], registers });
  });
  byName(gauges, (name, { help, labels = {} }) => {
    return new Gauge({
      name,
      help,
      labelNames: Object.keys(labels),
      registers,
      collect() {
        this.reset();
        // Without labels a reset gauge says 0, which is a reading that nobody made.
        const readings = read(reads.get(name) ?? (() => []), []);
        if (readings.length === 0) this.remove();
        for (const { value, labels: named = {} } of readings) this.set(named, value);
      },
    });
  });

  return {
    isRead: true,
    count: (name, labels = {}) => madeCounters[name].inc(labels),
    observe: (name, seconds, labels = {}) => madeHistograms[name].observe(labels, seconds),
    gauge: (name, ask) => void reads.set(name, ask),
    total: (name, ask) => void totals.set(name, ask),
    expose: async () => ({ contentType: registry.contentType, text: await registry.metrics() }),
    close: () => registry.clear(),
  };
}

function byName<Name extends string, Description extends MetricDescription, Made>(
  table: Readonly<Record<Name, Description>>,
  make: (name: Name, description: Description) => Made,
): Readonly<Record<Name, Made>> {
  const entries = Object.entries(table) as [Name, Description][];
  return Object.fromEntries(entries.map(([name, description]) => [name, make(name, description)])) as Record<
    Name,
    Made
  >;
}
