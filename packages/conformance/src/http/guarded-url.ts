// The target of way two: one URL, asked politely, and judged only while its controls hold.
import { setTimeout as delay } from "node:timers/promises";
import type { ProbeRequest } from "../attack-case.ts";
import { createRequestRate } from "./request-rate.ts";
import { send } from "./send.ts";
import type { Answer } from "./send.ts";
import { UrlTargetError } from "./url-target-error.ts";

const RATE_LIMIT_TRIES = 5;
const LONGEST_WAIT_SECONDS = 60;

export interface GuardedUrl {
  /** The answer; `undefined` when the target hung up on this request but is still there. */
  ask(request: ProbeRequest): Promise<Answer | undefined>;
  /** @throws UrlTargetError unless nobody gets in without a token, and the valid token does. */
  checkControls(code: "token_refused" | "token_died"): Promise<void>;
}

/** The field that carries a token honestly (RFC 6750 §2.1). */
export function bearer(token: string): ProbeRequest {
  return { headers: [["Authorization", `Bearer ${token}`]] };
}

export function isSuccess(answer: Answer | undefined): boolean {
  return answer !== undefined && answer.status >= 200 && answer.status < 300;
}

export function createGuardedUrl(url: URL, token: string, requestsPerSecond: number): GuardedUrl {
  const nextTurn = createRequestRate(requestsPerSecond);

  async function patiently(request: ProbeRequest): Promise<Answer> {
    for (let tries = 0; tries < RATE_LIMIT_TRIES; tries++) {
      await nextTurn();
      const answer = await send(url, request);
      if (answer.status !== 429) return answer;
      const seconds = answer.retryAfterSeconds ?? 2 ** tries;
      if (seconds > LONGEST_WAIT_SECONDS) break;
      await delay(seconds * 1000);
    }
    throw new UrlTargetError(
      "rate_limited",
      "It keeps answering 429, and a refusal by its rate limit says nothing about the token. Lower --rate, or lift the limit for this run.",
    );
  }

  async function control(request: ProbeRequest): Promise<Answer> {
    try {
      return await patiently(request);
    } catch (error) {
      if (error instanceof UrlTargetError) throw error;
      throw new UrlTargetError("unreachable", `There is no answer from ${url.origin}.`, { cause: error });
    }
  }

  return {
    async ask(request) {
      try {
        return await patiently(request);
      } catch (error) {
        if (error instanceof UrlTargetError) throw error;
        // Hanging up on nonsense is a refusal, unless nobody is there any more.
        await control(bearer(token));
        return undefined;
      }
    },
    async checkControls(code) {
      const without = await control({ headers: [] });
      if (isSuccess(without)) {
        throw new UrlTargetError(
          "unguarded",
          `Without a token it answers ${without.status}: it guards nothing, so there is nothing to get into. Choose a URL that needs a token.`,
        );
      }
      const { status } = await control(bearer(token));
      if (status >= 200 && status < 300) return;
      throw new UrlTargetError(
        code,
        code === "token_refused"
          ? `With the token given it answers ${status}, not 2xx, and whoever refuses everybody proves nothing. Is the token fresh, and may it read this URL?`
          : `The token given stopped working during the run (${status}), and refusals after that prove nothing. Use one that lives longer.`,
      );
    },
  };
}
