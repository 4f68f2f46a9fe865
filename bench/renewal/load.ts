/** Renews sessions over HTTP as fast as they come back, each session one renewal after the other. */
import { Agent, request } from "node:http";

export interface LoadResult {
  readonly renewals: number;
  readonly renewalsPerSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

const password = "tangerine violin ledger";

export class Load {
  readonly #origin: string;
  readonly #agent: Agent;
  /** The refresh token that each session holds now. */
  readonly #held: string[] = [];

  constructor(origin: string, sessions: number) {
    this.#origin = origin;
    this.#agent = new Agent({ keepAlive: true, maxSockets: sessions });
  }

  /** One account with that many sessions. */
  async logIn(sessions: number): Promise<void> {
    const account = JSON.stringify({ email: "bench@example.com", password });
    await this.#post("/signup", "application/json", account, 201);
    while (this.#held.length < sessions)
      this.#held.push(await this.#tokens("/login", "application/json", account));
  }

  /** @throws TypeError if any renewal fails */
  async run(forMs: number): Promise<LoadResult> {
    const started = performance.now();
    const latencies: number[] = [];
    await Promise.all(
      Array.from(this.#held.keys(), async (session) => {
        while (performance.now() - started < forMs) {
          const sent = performance.now();
          const form = `grant_type=refresh_token&refresh_token=${this.#held[session]}`;
          this.#held[session] = await this.#tokens("/token", "application/x-www-form-urlencoded", form);
          latencies.push(performance.now() - sent);
        }
      }),
    );
    const seconds = (performance.now() - started) / 1000;
    latencies.sort((a, b) => a - b);
    const at = (share: number): number => latencies[Math.floor(latencies.length * share)] ?? Number.NaN;
    return {
      renewals: latencies.length,
      renewalsPerSecond: Math.round(latencies.length / seconds),
      p50Ms: Math.round(at(0.5) * 10) / 10,
      p99Ms: Math.round(at(0.99) * 10) / 10,
    };
  }

  close(): void {
    this.#agent.destroy();
  }

  async #tokens(path: string, type: string, body: string): Promise<string> {
    return (JSON.parse(await this.#post(path, type, body, 200)) as { refresh_token: string }).refresh_token;
  }

  #post(path: string, type: string, body: string, expected: number): Promise<string> {
    return new Promise((resolve, reject) => {
      const headers = { "content-type": type, "content-length": Buffer.byteLength(body) };
      const sent = request(
        `${this.#origin}${path}`,
        { method: "POST", agent: this.#agent, headers },
        (answer) => {
          let text = "";
          answer.setEncoding("utf8").on("data", (chunk: string) => (text += chunk));
          answer.on("end", () => {
            if (answer.statusCode === expected) resolve(text);
            else reject(new TypeError(`${path} answered ${answer.statusCode}`));
          });
        },
      );
      sent.on("error", reject).end(body);
    });
  }
}
