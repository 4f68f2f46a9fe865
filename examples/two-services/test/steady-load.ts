// People who stay logged in and ask every service all the time: whatever is refused to them is refused wrongly.
import { createClient } from "@countersign/client";
import type { TokenResponse } from "@countersign/client";
import { setTimeout as sleep } from "node:timers/promises";

export interface SteadyLoad {
  /** Tokens of sessions that nobody ends, issued within the last minutes, the newest last. */
  readonly tokens: () => readonly string[];
  /** Waits for a token under a key that signed none before. */
  readonly tokenOfNewKey: () => Promise<string>;
  /** Asks every service with these tokens at the same time, and counts the answers. */
  readonly askWith: (tokens: readonly string[]) => Promise<void>;
  /** How many answers there were. */
  readonly answers: () => number;
  /** The ids of the keys that tokens were signed with. */
  readonly kids: ReadonlySet<string>;
  /** What was not a 200. */
  readonly refusals: readonly string[];
  /** Throws what went wrong at the auth server, if anything did. */
  readonly stop: () => Promise<void>;
}

const password = "tangerine violin ledger";
const people = 4;

/** Between two requests of one loop: a steady load, and not as much as the machine can bear. */
const pauseMs = 5;

/** Tokens live for ten minutes; the last one leaves room for a machine that stands still. */
const usableMs = 9 * 60_000;

/** Logs people in at the auth server; `paths` are URLs that want a token. */
export async function startSteadyLoad(authUrl: string, paths: readonly string[]): Promise<SteadyLoad> {
  const issued: { token: string; at: number }[] = [];
  const kids = new Set<string>();
  const refusals: string[] = [];
  let answers = 0;
  const stopping = new AbortController();
  const { signal } = stopping;

  function tokens(): readonly string[] {
    const oldest = performance.now() - usableMs;
    while ((issued[0]?.at ?? oldest) < oldest) issued.shift();
    return issued.map(({ token }) => token);
  }

  function add(token: string): void {
    issued.push({ token, at: performance.now() });
    kids.add(kidOf(token));
  }

  async function ask(path: string, token: string): Promise<void> {
    const status = await statusAt(path, token);
    answers += 1;
    if (status !== 200) refusals.push(`${status} at ${path} under ${kidOf(token)}`);
  }

  async function askAllTheTime(path: string): Promise<void> {
    while (!signal.aborted) {
      const usable = tokens();
      // Old and new ones, so that every key which still counts is used.
      await ask(path, usable[Math.floor(Math.random() * usable.length)] ?? "");
      await sleep(pauseMs);
    }
  }

  async function stayLoggedIn(name: string): Promise<() => Promise<void>> {
    const client = createClient({ baseUrl: authUrl });
    const email = `${name}@example.com`;
    await client.signup({ email, password });
    let { access_token: token, refresh_token: refreshToken } = await client.login({ email, password });
    add(token);
    return async () => {
      while (!signal.aborted) {
        ({ access_token: token, refresh_token: refreshToken } = await renew(authUrl, refreshToken));
        add(token);
        await sleep(200);
      }
    };
  }

  const loops = await Promise.all(
    Array.from({ length: people }, (_, index) => stayLoggedIn(`stays-${index}`)),
  );
  const working = Promise.all([...loops.map((loop) => loop()), ...paths.map(askAllTheTime)]);
  working.catch(() => undefined);
  return {
    tokens,
    async tokenOfNewKey() {
      const before = kids.size;
      while (kids.size === before && !signal.aborted) await Promise.race([sleep(10), working]);
      return issued.at(-1)?.token ?? "";
    },
    async askWith(chosen) {
      await Promise.all(paths.flatMap((path) => chosen.map((token) => ask(path, token))));
    },
    answers: () => answers,
    kids,
    refusals,
    async stop() {
      stopping.abort();
      await working;
    },
  };
}

export async function statusAt(path: string, token: string): Promise<number> {
  const response = await fetch(path, { headers: { authorization: `Bearer ${token}` } });
  await response.arrayBuffer();
  return response.status;
}

/** RFC 6749 §6. */
async function renew(authUrl: string, refreshToken: string): Promise<TokenResponse> {
  const body = new URLSearchParams({ grant_type: "refresh_token", refresh_token: refreshToken });
  const response = await fetch(`${authUrl}/token`, { method: "POST", body });
  if (!response.ok) throw new TypeError(`the renewal was answered with ${response.status}`);
  return (await response.json()) as TokenResponse;
}

/** The id of the key that signed it. */
export function kidOf(token: string): string {
  const [header = ""] = token.split(".");
  return (JSON.parse(Buffer.from(header, "base64url").toString()) as { kid: string }).kid;
}
