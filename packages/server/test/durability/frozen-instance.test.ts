// One of three instances is frozen in the middle of its work and woken when the others have gone on without test.
import { expect, onTestFinished, test } from "vitest";
import { newFolder } from "../cli/installations.ts";
import { type Served, startServedIn } from "../cli/served.ts";
import { newPostgresUrl } from "../postgres.ts";
import { post, renew, statusOfMe } from "../requests.ts";

const frozenMs = process.env["TEST_FULL"] === "1" ? 60_000 : 3000;
const sessionsInUse = 8;
const account = { email: "ada@example.com", password: "tangerine violin ledger" };

interface Tokens {
  readonly access_token: string;
  readonly refresh_token: string;
}

test(`one of three instances frozen for ${frozenMs / 1000} s and woken commits nothing stale`, async () => {
  const databaseUrl = await newPostgresUrl();
  const folder = await newFolder();
  const instances: Served[] = [];
  for (let count = 0; count < 3; count += 1) {
    // Renewed without a pause until the freeze, which a limit would end.
    const environment = { COUNTERSIGN_RENEWALS_PER_MINUTE: "unlimited" };
    const served = await startServedIn(environment, "--data-dir", folder, "--database", databaseUrl);
    onTestFinished(() => void served.process.kill("SIGKILL"));
    instances.push(served);
  }
  const [frozen, awake] = instances as [Served, Served, Served];
  await post(awake.url, "/signup", account);
  const sessions: Tokens[] = [];
  for (let count = 0; count < sessionsInUse; count += 1) {
    sessions.push((await (await post(awake.url, "/login", account)).json()) as Tokens);
  }

  // Every session is being renewed at the instance when it freezes: some before, some within their transaction.
  const handedOut = sessions.map((tokens) => [tokens]);
  const renewals = handedOut.map(async (chain) => {
    for (;;) {
      const response = await renew(frozen.url, chain.at(-1)?.refresh_token ?? "");
      const body = (await response.json()) as Tokens;
      if (response.status !== 200) return response.status;
      chain.push(body);
    }
  });
  await expect.poll(() => handedOut.every((chain) => chain.length > 2), { timeout: 20_000 }).toBe(true);
  frozen.process.kill("SIGSTOP");

  // A row that the frozen instance holds is freed within the statement timeout; until then the answer is 503, never a wait.
  const frozenAtMs = performance.now();
  for (const chain of handedOut) {
    const logOut = async (): Promise<number> =>
      (await post(awake.url, "/logout", {}, chain.at(0)?.access_token)).status;
    await expect.poll(logOut, { timeout: 20_000 }).toBe(204);
  }
  const leftMs = frozenMs - (performance.now() - frozenAtMs);
  await new Promise((resolve) => setTimeout(resolve, Math.max(0, leftMs)));
  frozen.process.kill("SIGCONT");

  // What was under way is refused, or is an answer from before that leads nowhere any more.
  for (const status of await Promise.all(renewals)) expect([400, 503]).toContain(status);
  for (const { url } of instances) {
    for (const chain of handedOut) {
      for (const { access_token: token } of chain.slice(-3)) {
        await expect.poll(() => statusOfMe(url, token), { timeout: 5000 }).toBe(401);
      }
      const answers: number[] = [];
      const lastAnswer = async (): Promise<number | undefined> => {
        answers.push((await renew(url, chain.at(-1)?.refresh_token ?? "")).status);
        return answers.at(-1);
      };
      // Connections that the database closed meanwhile are found out by their first use: 503, and then the refusal.
      await expect.poll(lastAnswer, { timeout: 5000 }).toBe(400);
      expect(answers).not.toContain(200);
    }
  }
}, 7_200_000);
