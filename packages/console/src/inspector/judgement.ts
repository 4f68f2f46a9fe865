// The verdict, with what is known of a token that came from the server but is signed with a secret that stays there.
import type { Expectation } from "../token/claims.ts";
import type { KeyProblem, KeyReading } from "../token/keys.ts";
import { objectIn, partsOf } from "../token/parts.ts";
import { judge, type Reason, type Rung, type Verdict } from "../token/verdict.ts";
import type { ServerKeys } from "./server-keys.ts";

export type Judgement =
  | Verdict
  | {
      readonly outcome: "unchecked";
      readonly why: "server_secret" | "server_unreachable" | KeyProblem;
    };

export interface Question {
  readonly token: string;
  readonly original: string;
  readonly isFromServer: boolean;
  readonly checkWith: string;
  readonly serverKeys: ServerKeys | "unreachable" | undefined;
  readonly reading: KeyReading;
  readonly expectation: Expectation;
  readonly nowSeconds: number;
}

export async function decide(question: Question): Promise<Judgement> {
  const { token, checkWith, serverKeys, reading, expectation, nowSeconds } = question;
  const verdict = (keys: Parameters<typeof judge>[1]): Promise<Verdict> =>
    judge(token, keys, expectation, nowSeconds);
  if (checkWith !== "server") {
    if ("keys" in reading) return verdict(reading.keys);
    const withoutKey = await verdict([]);
    return withoutKey.outcome === "refused" ? withoutKey : { outcome: "unchecked", why: reading.problem };
  }
  if (serverKeys !== undefined && serverKeys !== "unreachable" && serverKeys.keys.length > 0)
    return verdict(serverKeys.keys);
  const withoutKey = await verdict([]);
  if (withoutKey.outcome === "refused") return withoutKey;
  if (serverKeys === "unreachable") return { outcome: "unchecked", why: "server_unreachable" };
  return deduced(question) ?? { outcome: "unchecked", why: "server_secret" };
}

/**
 * The server's secret is not known here, but this token came from it: its signature fits what it signed and nothing else.
 * So whatever has changed since is refused, for the reason that the engine would give.
 */
function deduced({ token, original, isFromServer }: Question): Verdict | undefined {
  if (!isFromServer || token === original) return undefined;
  const now = headerOf(token);
  const before = headerOf(original);
  if (now?.["alg"] !== before?.["alg"]) return refusal("algorithm", "algorithm_not_allowed");
  if (now?.["kid"] !== before?.["kid"]) return refusal("key", "unknown_key");
  return refusal("signature", "bad_signature");
}

function headerOf(token: string): ReturnType<typeof objectIn> {
  return objectIn(partsOf(token)?.header ?? "");
}

function refusal(rung: Rung, reason: Reason): Verdict {
  return { outcome: "refused", rung, reason };
}
