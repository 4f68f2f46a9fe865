// What a running instance says of itself: to whoever asks it, and to whoever asks another one.
import Type from "typebox";
import { Compile, type Validator } from "typebox/compile";

export interface ReportedFollower {
  /** Null: a stranger, who has an address. */
  readonly name: string | null;
  readonly address: string | null;
  readonly since: string;
  /** Up to here it has been told everything. */
  readonly cursor: string;
  /** How many revocations come after that. */
  readonly behind: number;
  /** How long it has not been told everything. */
  readonly lag_seconds: number;
}

export interface RecentLogins {
  /** How long they were counted: an hour, or less after a start. */
  readonly seconds: number;
  readonly succeeded: number;
  /** By the code of the refusal. */
  readonly failed: Readonly<Record<string, number>>;
}

/** What of its settings countersign doctor judges. */
export interface Deployment {
  readonly issuer: string;
  readonly guesses_per_source: number;
  readonly guesses_per_account: number;
  readonly dev_mail: boolean;
  readonly sends_mail: boolean;
}

export interface InstanceReport {
  readonly id: string;
  readonly version: string;
  readonly started_at: string;
  readonly followers: readonly ReportedFollower[];
  readonly logins: RecentLogins;
  readonly deployment: Deployment;
}

const textOrNull = Type.Union([Type.String(), Type.Null()]);

const follower = Type.Object({
  name: textOrNull,
  address: textOrNull,
  since: Type.String(),
  cursor: Type.String(),
  behind: Type.Integer(),
  lag_seconds: Type.Number(),
});

const logins = Type.Object({
  seconds: Type.Integer(),
  succeeded: Type.Integer(),
  failed: Type.Record(Type.String(), Type.Integer()),
});

const deployment = Type.Object({
  issuer: Type.String(),
  guesses_per_source: Type.Number(),
  guesses_per_account: Type.Number(),
  dev_mail: Type.Boolean(),
  sends_mail: Type.Boolean(),
});

const report = Type.Object({
  id: Type.String(),
  version: Type.String(),
  started_at: Type.String(),
  followers: Type.Array(follower),
  logins,
  deployment,
});

/** Compiled for the first report of another instance: most installations have one. */
let validator: Validator<Record<never, never>, typeof report> | undefined;

/** Undefined for what another release wrote, where it has another form. */
export function readReport(text: string): InstanceReport | undefined {
  const told: unknown = JSON.parse(text);
  validator ??= Compile(report);
  return validator.Check(told) ? told : undefined;
}
