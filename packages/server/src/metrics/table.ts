// What can be measured: one entry for each metric. What is exported and docs/reference/metrics.md come from here.

export type CounterName =
  | "countersign_logins_total"
  | "countersign_password_proofs_total"
  | "countersign_throttled_total"
  | "countersign_renewals_total"
  | "countersign_mails_total"
  | "countersign_log_lines_dropped_total";

export type HistogramName =
  | "countersign_http_request_seconds"
  | "countersign_password_hash_wait_seconds"
  | "countersign_database_statement_seconds";

export type GaugeName =
  | "countersign_connections"
  | "countersign_password_hashes"
  | "countersign_revocation_lag_seconds"
  | "countersign_feed_followers"
  | "countersign_signing_key_age_seconds";

export interface MetricDescription {
  /** One sentence: what it says. */
  readonly help: string;
  /** Each label with the values that it can have, in words. Never of what a client sends, and no id. */
  readonly labels?: Readonly<Record<string, string>>;
}

export interface HistogramDescription extends MetricDescription {
  /** The upper bounds, in seconds. */
  readonly buckets: readonly number[];
}

const refusalCode = "`succeeded`, or the code of the refusal ([errors](errors.md))";

export const counters: Readonly<Record<CounterName, MetricDescription>> = {
  countersign_logins_total: {
    help: "Logins that ended, with a password or otherwise, for tokens or a cookie.",
    labels: { outcome: refusalCode },
  },
  countersign_password_proofs_total: {
    help: "Passwords that somebody who is logged in gave once more, to change or delete something.",
    labels: { outcome: refusalCode },
  },
  countersign_throttled_total: {
    help: "Attempts that were refused as one too many, before any password was compared.",
    labels: { by: "`source`, `account`, `device`, `signup`, `caller`, `mail`, `code`" },
  },
  countersign_renewals_total: {
    help: "Refresh tokens that were presented.",
    labels: {
      outcome:
        "`renewed`; `repeated`: the same answer once more; `late`: renewed, its last answer was lost; `reused`: a copy, " +
        "the session ended; `from_future`: of a database that was restored since; `ended`, `expired`, `inactive`, " +
        "`unknown`; `not_ours`: written by nobody here; or the code of the refusal",
    },
  },
  countersign_mails_total: {
    help: "Mails that a mail server was given or refused, by how each try ended.",
    labels: { outcome: "`sent`; `deferred`: it is tried again; `failed`: it is not" },
  },
  countersign_log_lines_dropped_total: {
    help: "Lines of the log that could not be written.",
  },
};

export const histograms: Readonly<Record<HistogramName, HistogramDescription>> = {
  countersign_http_request_seconds: {
    help: "Requests, from their headers to the end of the answer; a stream of the revocation feed counts when it ends.",
    labels: {
      method: "the method, or `other`",
      route: "the route's pattern, such as `/me/sessions/:id`; `none` where no route took it",
      status: "`2xx`, `3xx`, `4xx`, `5xx`",
    },
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
  },
  countersign_password_hash_wait_seconds: {
    help: "How long somebody waited for their turn to have a password hashed, until they got it or were refused.",
    labels: { outcome: "`served`, `busy`" },
    buckets: [0.001, 0.01, 0.05, 0.1, 0.25, 0.5, 1, 1.5, 2],
  },
  countersign_database_statement_seconds: {
    help: "Statements of the database, with the wait for a connection where one was needed; an app's own tables included.",
    labels: { outcome: "`done`, `failed`" },
    buckets: [0.0001, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2],
  },
};

export const gauges: Readonly<Record<GaugeName, MetricDescription>> = {
  countersign_connections: {
    help: "Open connections of clients; of an app that `createApp` made.",
  },
  countersign_password_hashes: {
    help: "Passwords that are being hashed, or wait for their turn.",
    labels: { state: "`running`, `waiting`" },
  },
  countersign_revocation_lag_seconds: {
    help: "For how long this instance may not have heard of a revocation that another one committed.",
  },
  countersign_feed_followers: {
    help: "Streams of the revocation feed that are open here.",
    labels: { kind: "`named`, `stranger`" },
  },
  countersign_signing_key_age_seconds: {
    help: "The time since the oldest signing key of this state was made.",
    labels: { state: "`pending`, `active`, `retiring`" },
  },
};

/** What prom-client tells of the process itself, by the beginning of its names. */
export const processMetrics: Readonly<Record<string, string>> = {
  nodejs_eventloop_lag_:
    "How late the event loop is: least, most, mean and percentiles since the last scrape.",
  nodejs_gc_duration_seconds: "Garbage collections, by kind.",
  nodejs_heap_: "The JavaScript heap.",
  nodejs_active_: "What keeps the process busy: handles, requests and resources.",
  nodejs_version_info: "The version of Node.",
  nodejs_external_memory_bytes: "Memory outside of the heap.",
  process_cpu_: "Seconds of CPU since the start.",
  process_resident_memory_bytes: "Memory of the process.",
  process_virtual_memory_bytes: "Its address space.",
  process_heap_bytes: "Its data segment.",
  process_open_fds: "Open files and sockets.",
  process_max_fds: "How many there may be.",
  process_start_time_seconds: "When it started, in seconds since 1970.",
};
