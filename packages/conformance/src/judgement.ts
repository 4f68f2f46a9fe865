// Presents one token to a verify function and reads the answer.
import type { Presentation } from "./attack-case.ts";
import type { Verify } from "./verifier-setup.ts";

/**
 * Throwing, rejecting, `false`, `null` and `undefined` are refusals; anything else is an acceptance.
 *
 * `token` may be anything: some cases are about values that are not strings.
 */
export async function judge(verify: Verify, token: unknown): Promise<Presentation> {
  try {
    const value: unknown = await verify(token as string);
    const accepted = value !== false && value !== null && value !== undefined;
    return accepted ? { accepted, value } : { accepted, refusal: String(value) };
  } catch (error) {
    return { accepted: false, ...describe(error, token) };
  }
}

function describe(error: unknown, token: unknown): Pick<Presentation, "refusal" | "words"> {
  if (!(error instanceof Error)) return { refusal: typeof error, words: String(error) };
  const code = "code" in error ? String(error.code) : "";
  const message = typeof token === "string" ? error.message.replaceAll(token, "") : error.message;
  return { refusal: [error.name, code, message].filter(Boolean).join(": "), words: error.message };
}

/** Names the built-in error that escaped where nobody expected such input; `undefined` for errors of one's own. */
export function rawError(refusal: string | undefined): string | undefined {
  const name = /^(?:TypeError|RangeError|SyntaxError|ReferenceError)\b/.exec(refusal ?? "")?.[0];
  return name === undefined ? undefined : `raw ${name}`;
}
