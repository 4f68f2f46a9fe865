// What a before hook said, judged as strictly as what a client sends: it goes to clients.
import { ServiceError } from "../errors.ts";
import { type HookName, type HookRefusal, refusalStatuses } from "../settings/hooks.ts";
import { isPlainObject, jsonFault } from "../settings/plain-json.ts";

const maxDetailLength = 500;
const maxTitleLength = 200;
const maxTypeLength = 500;
const maxRetryAfterSeconds = 86_400;
const memberLimits = { maxBytes: 2048, maxDepth: 5 } as const;

/** RFC 9457 §3.1 and ours, and what tells our clients how a log-in goes on. */
const takenMembers: ReadonlySet<string> = new Set([
  ..."type title status detail instance code reason request_id".split(" "),
  ..."login_challenge factors error error_description".split(" "),
]);
/** RFC 9457 §3.2. */
const memberForm = /^[A-Za-z][A-Za-z0-9_]{2,63}$/;

type Judge = (value: unknown) => string | undefined;

/** What is wrong with a part, as the end of a sentence; a part that is not there must not be needed. */
const parts: Readonly<Record<keyof HookRefusal, Judge>> = {
  reason: (value) =>
    typeof value === "string" && /^[a-z][a-z0-9_]{0,63}$/.test(value)
      ? undefined
      : "must be 1 to 64 small letters, digits and _",
  detail: (value) =>
    isText(value, maxDetailLength) ? undefined : `must be a text of ${maxDetailLength} characters at most`,
  status: (value) =>
    value === undefined || refusalStatuses.some((status) => status === value)
      ? undefined
      : `must be one of ${refusalStatuses.join(", ")}`,
  type: (value) =>
    value === undefined || (isText(value, maxTypeLength) && isAbsoluteUri(value))
      ? undefined
      : "must be an absolute URI that begins with https:, urn: or tag:",
  title: (value) =>
    value === undefined || (isText(value, maxTitleLength) && value !== "")
      ? undefined
      : `must be a text of 1 to ${maxTitleLength} characters`,
  retryAfterSeconds: (value) =>
    value === undefined ||
    (typeof value === "number" && Number.isInteger(value) && value >= 1 && value <= maxRetryAfterSeconds)
      ? undefined
      : `must be a whole number from 1 to ${maxRetryAfterSeconds}`,
  members: (value) => (value === undefined ? undefined : membersFault(value)),
};

/**
 * The refusal that a hook gave; undefined where it lets pass.
 *
 * @throws TypeError for what is neither: `false` and `null` may have been meant as one
 */
export function readRefusal(name: HookName, said: unknown): ServiceError | undefined {
  if (said === undefined) return undefined;
  if (!isPlainObject(said)) throw new TypeError(`before.${name} must give nothing, or { reason, detail }`);
  // A copy: what was judged is what is sent, whatever the app does with its own.
  const given: Readonly<Record<string, unknown>> = { ...said };
  const unknown = Object.keys(given).find((part) => !Object.hasOwn(parts, part));
  if (unknown !== undefined) throw new TypeError(`a refusal of before.${name} has an unknown part`);
  for (const [part, judge] of Object.entries(parts)) {
    const fault = judge(given[part]);
    if (fault !== undefined) throw new TypeError(`the ${part} of before.${name} ${fault}`);
  }
  const { reason, detail, status, type, title, retryAfterSeconds, members } = given as unknown as HookRefusal;
  return new ServiceError("refused_by_app", {
    detail,
    members: { ...(JSON.parse(JSON.stringify(members ?? {})) as object), reason },
    ...(status !== undefined && { statusCode: status }),
    ...(retryAfterSeconds !== undefined && { retryAfterSeconds }),
    problem: { type, title },
  });
}

function membersFault(value: unknown): string | undefined {
  const fault = jsonFault(value, memberLimits);
  if (fault !== undefined) return fault;
  return Object.keys(value as object).every((name) => memberForm.test(name) && !takenMembers.has(name))
    ? undefined
    : "must have names of 3 to 64 letters, digits and _, none of which means something already";
}

function isText(value: unknown, maxLength: number): value is string {
  return (
    typeof value === "string" && value.length <= maxLength && value.isWellFormed() && !value.includes("\0")
  );
}

function isAbsoluteUri(text: string): boolean {
  return /^(?:https|urn|tag):[!-~]+$/.test(text) && URL.canParse(text);
}
