// What the server goes by: the options checked whole, every mistake reported at once with what to
// do.
import { ConfigError } from "../errors.ts";
import { baseUrlOf } from "./base-url.ts";
import type { CountersignOptions, OptionValues } from "./countersign-options.ts";
import { judge } from "./judging.ts";
import { isLoopback } from "./loopback.ts";
import { optionTable, pickOptions } from "./options.ts";
import { type PasskeySettings, passkeySettingsOf } from "./passkeys.ts";
import { administratorRolesOf, permissions } from "./permissions.ts";
import { unknownNames } from "./unknown-options.ts";

export interface Settings extends Omit<OptionValues, "signupPrivacy"> {
  readonly sessionLimits: {
    readonly idleSeconds: number;
    readonly absoluteSeconds: number;
    readonly perUser: number;
  };
  /** Where clients reach the routes, without a slash at its end. */
  readonly baseUrl: string;
  /** The issuer's and `allowedOrigins`. */
  readonly origins: ReadonlySet<string>;
  readonly signupPrivacy: boolean;
  /** Undefined: there are none here. */
  readonly passkeys: PasskeySettings | undefined;
}

const codeOptions = pickOptions(optionTable, (_name, { only }) => only !== "serve");
const codeNames: ReadonlySet<string> = new Set(Object.keys(codeOptions));
/** Fastify's own options of every plugin arrive among ours. */
const fastifyNames: ReadonlySet<string> = new Set(["logLevel", "logSerializers"]);

const limitNames = [
  "headersTimeoutSeconds",
  "requestTimeoutSeconds",
  "idleTimeoutSeconds",
  "writeTimeoutSeconds",
  "maxConnections",
  "maxConnectionsPerAddress",
] as const;

export type ListeningLimits = Pick<OptionValues, (typeof limitNames)[number]>;

/** What the app must know before the plugin reads all of them, and says what is wrong. */
export function readListeningLimits(options: CountersignOptions): ListeningLimits {
  const table = pickOptions(optionTable, (name) => limitNames.some((known) => known === name));
  const set = new Map(
    limitNames
      .filter((name) => options[name] !== undefined)
      .map((name) => [name, { value: options[name], label: name }]),
  );
  const { values, problems } = judge(table, set);
  return (problems.length > 0 ? judge(table, new Map()).values : values) as unknown as ListeningLimits;
}

/** @throws ConfigError naming every option that nobody knows or that cannot work */
export function readOptions(options: CountersignOptions): Settings {
  const entries = Object.entries(options).filter(([name]) => !fastifyNames.has(name));
  const given = new Map(
    entries.filter(([, value]) => value !== undefined).map(([name, value]) => [name, { value, label: name }]),
  );
  const { values, problems } = judge(codeOptions, given);
  const names = entries.map(([name]) => name);
  const misfits =
    values["allowLoopbackOrigins"] === true && !isLoopback(values["issuer"])
      ? ["allowLoopbackOrigins is for an issuer on this machine, such as http://localhost:3000"]
      : [];
  misfits.push(...mailMisfits(values));
  const passkeys = passkeySettingsOf(values);
  misfits.push(...passkeys.problems);
  const { feed, feedFollowers } = values;
  if (feed === "followers" && feedFollowers instanceof Map && feedFollowers.size === 0)
    misfits.push("feed is for followers alone, and there is none: name them in feedFollowers");
  const { claims, claimNames } = values;
  const hasNames = Array.isArray(claimNames) && claimNames.length > 0;
  if (claims !== undefined && Array.isArray(claimNames) && !hasNames)
    misfits.push("claims needs claimNames: the names that it may use");
  if (claims === undefined && hasNames) misfits.push("claimNames are names for claims, which is not set");
  const { rolePermissions } = values;
  if (rolePermissions instanceof Map && administratorRolesOf(rolePermissions).length === 0)
    misfits.push(
      `rolePermissions needs one role with every permission, for the first administrator: ${permissions.join(", ")}`,
    );
  const unknown = unknownNames("option", names, codeNames);
  const mistakes = [...unknown, ...problems, ...misfits];
  if (mistakes.length > 0) throw new ConfigError(mistakes);
  // The types are generated from the table by which the values were judged.
  const settled = values as unknown as OptionValues;
  return {
    ...settled,
    baseUrl: baseUrlOf(settled.issuer, settled.prefix),
    sessionLimits: {
      idleSeconds: settled.sessionIdleSeconds,
      absoluteSeconds: settled.sessionAbsoluteSeconds,
      perUser: settled.maxSessionsPerUser,
    },
    origins: new Set([new URL(settled.issuer).origin, ...settled.allowedOrigins]),
    signupPrivacy: settled.signupPrivacy ?? (hasProvedLogins(values) && settled.smtpUrl !== undefined),
    passkeys: passkeys.settings,
  };
}

/** What cannot be together of the options about mail. */
function mailMisfits(values: Readonly<Record<string, unknown>>): readonly string[] {
  const { issuer, smtpUrl, mailFrom, devMail, emailVerification, signup, signupPrivacy } = values;
  const problems: string[] = [];
  if (smtpUrl !== undefined && mailFrom === undefined)
    problems.push("smtpUrl needs mailFrom: the address that mail comes from");
  if (devMail === true && smtpUrl !== undefined)
    problems.push("devMail and smtpUrl are both set: take one of them away");
  if (devMail === true && !isLoopback(issuer))
    problems.push(
      "devMail shows everybody's mail and is for an issuer on this machine, such as http://localhost:3000",
    );
  if (signup === "invite" && smtpUrl === undefined && devMail !== true)
    problems.push(
      'signup is "invite", and invitations need a mail server: set smtpUrl and mailFrom, or devMail for development',
    );
  if (emailVerification !== "off" && smtpUrl === undefined && devMail !== true)
    problems.push(
      "emailVerification needs a mail server: set smtpUrl and mailFrom, or devMail for development",
    );
  // The dev mailbox is read by whoever develops, who is none of those that have accounts.
  if (signupPrivacy === true && !(hasProvedLogins(values) && smtpUrl !== undefined))
    problems.push(
      'signupPrivacy needs emailVerification "before-login" and a mail server (smtpUrl and mailFrom): without the mail ' +
        "nobody would learn whether they have an account",
    );
  return problems;
}

function hasProvedLogins(values: Readonly<Record<string, unknown>>): boolean {
  return values["emailVerification"] === "before-login";
}
