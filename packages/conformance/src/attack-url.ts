// Way two: the catalogue against a URL that one valid token opens.
import type { AttackCase, Presentation } from "./attack-case.ts";
import { resultOf } from "./case-result.ts";
import type { CaseVerdict } from "./case-result.ts";
import { catalogue } from "./catalogue.ts";
import type { Forge } from "./forge.ts";
import { bearer, createGuardedUrl, isSuccess } from "./http/guarded-url.ts";
import type { GuardedUrl } from "./http/guarded-url.ts";
import type { Answer } from "./http/send.ts";
import { forgeFromToken } from "./http/url-forge.ts";
import type { UrlMaterial } from "./http/url-forge.ts";
import { report } from "./report/attack-report.ts";
import type { AttackReport, AttackResult } from "./report/attack-report.ts";

export interface AttackUrlOptions extends UrlMaterial {
  /** An address that needs a token: 2xx with it, refused without. GET must change nothing there. */
  readonly url: string | URL;
  /** Default 20. */
  readonly requestsPerSecond?: number;
  /** Told after each case: for progress while the kit runs. */
  readonly onResult?: (result: AttackResult) => void;
}

/** The cases that can be posed over HTTP with this material. */
export function casesForUrl(material: UrlMaterial): readonly AttackCase[] {
  const forge = forgeFromToken(material);
  return catalogue.filter((one) => posable(one, forge));
}

/**
 * Poses every case that a URL can be asked, one request after the other.
 *
 * 2xx counts as getting in. Redirects are not followed, and nothing but the URL is contacted.
 *
 * @throws UrlTargetError when the target cannot be judged.
 */
export async function attackUrl(options: AttackUrlOptions): Promise<AttackReport> {
  const { token, requestsPerSecond = 20 } = options;
  const forge = forgeFromToken(options);
  const target = createGuardedUrl(new URL(options.url), token, requestsPerSecond);
  await target.checkControls("token_refused");
  const results: AttackResult[] = [];
  for (const one of catalogue.filter((each) => posable(each, forge))) {
    const verdict = await challenge(one, forge, target);
    if (verdict === undefined) continue;
    const result = resultOf(one, forge.algorithm, verdict);
    results.push(result);
    options.onResult?.(result);
  }
  await target.checkControls("token_died");
  return report(results);
}

function posable(one: AttackCase, forge: Forge): boolean {
  if (one.kind === "setup") return false;
  if (one.kind === "request") return true;
  if (one.kind === "scenario" && one.functionOnly === true) return false;
  if (one.power === "signing-key" && forge.signingKey === undefined) return false;
  if (one.suits?.(forge) === false) return false;
  return one.kind !== "token" || fitsField(one.token(forge));
}

async function challenge(
  one: AttackCase,
  forge: Forge,
  target: GuardedUrl,
): Promise<CaseVerdict | undefined> {
  switch (one.kind) {
    case "setup":
      return undefined;
    case "request":
      return verdictOf(await target.ask(one.request(forge)));
    case "scenario":
      return { got: await one.play(forge, (token) => present(token, target)) };
    case "token": {
      const token = one.token(forge);
      if (!fitsField(token)) return undefined;
      return verdictOf(await target.ask(bearer(onWire(token))));
    }
  }
}

function verdictOf(answer: Answer | undefined): CaseVerdict {
  const remark = answer !== undefined && answer.status >= 500 ? `HTTP ${answer.status}` : undefined;
  return { got: isSuccess(answer) ? "accept" : "reject", remark };
}

async function present(token: unknown, target: GuardedUrl): Promise<Presentation> {
  if (!fitsField(token)) return { accepted: false };
  const answer = await target.ask(bearer(onWire(token)));
  return {
    accepted: isSuccess(answer),
    ...(answer === undefined
      ? {}
      : { refusal: `${answer.status} ${answer.challenge}`, words: `${answer.challenge}\n${answer.body}` }),
  };
}

/**
 * Whether a token can stand in a header field at all (RFC 9110 §5.5): no control characters, no space around it
 * that the recipient would take for the field's own, and not nothing.
 */
function fitsField(token: unknown): token is string {
  return typeof token === "string" && /^[^\p{Cc} ](?:[^\p{Cc}]*[^\p{Cc} ])?$/v.test(token);
}

/** UTF-8 bytes, one character each, as Node writes a field. */
function onWire(token: string): string {
  return Buffer.from(token, "utf8").toString("latin1");
}
