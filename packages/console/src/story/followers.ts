// Who else hears of a log-out: a second verifier, where the server offers one, and this page, which can follow the feed.
import { apiBase } from "../shell/base.ts";
import { type Answer, exchange, type Sent } from "./exchange.ts";

/** A verifier of its own with the server's keys, that follows the feed as any other service does. Offered for the story alone. */
const secondVerifierPath = "second-verifier";

const deadlineMs = 5000;
const pauseMs = 4;

export function secondVerifierRequest(token: string): Sent {
  return { method: "GET", path: secondVerifierPath, token };
}

/** Whether there is one, and it lets this token in. */
export async function hasSecondVerifier(token: string): Promise<boolean> {
  return (await exchange(secondVerifierRequest(token))).status === 200;
}

export interface Refusal {
  readonly afterMs: number;
  readonly answer: Answer;
}

/** Asks again and again until the token is refused. `undefined` if it never is. */
export async function untilRefused(sent: Sent, sinceMs: number): Promise<Refusal | undefined> {
  while (performance.now() - sinceMs < deadlineMs) {
    const answer = await exchange(sent);
    if (answer.status === 401) return { afterMs: performance.now() - sinceMs, answer };
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
  }
  return undefined;
}

export interface Heard {
  readonly atMs: number;
  /** As it came over the wire. */
  readonly line: string;
}

export interface Follower {
  /** When the session's end came, on `performance.now()`'s clock. `undefined` if it never did. */
  readonly heard: Promise<Heard | undefined>;
  readonly stop: () => void;
}

/** Follows the revocation feed, as verifiers do, until it speaks of a session. */
export async function follow(sessionId: string | undefined): Promise<Follower> {
  const source = new EventSource(new URL("revocations", apiBase));
  const stop = (): void => source.close();
  const heard = new Promise<Heard | undefined>((resolve) => {
    source.addEventListener("revocation", ({ data }: MessageEvent<string>) => {
      const { sid } = JSON.parse(data) as { readonly sid?: string };
      if (sid === sessionId) resolve({ atMs: performance.now(), line: data });
    });
    setTimeout(() => resolve(undefined), 2 * deadlineMs);
  });
  // Without a feed the story goes on; it then has one counter less.
  await new Promise<void>((resolve) => {
    source.addEventListener("open", () => resolve());
    source.addEventListener("error", () => resolve());
  });
  return { heard, stop };
}
