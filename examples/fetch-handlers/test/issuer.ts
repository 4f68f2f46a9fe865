// The auth server as a process of its own, and people who log in there.
import { createClient } from "@countersign/client";
import type { Client } from "@countersign/client";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createProcesses } from "../../two-services/src/processes.ts";
import { freePorts } from "../../two-services/test/free-ports.ts";

export const audience = "fetch-handlers";

export interface Person {
  readonly client: Client;
  readonly token: string;
}

export interface Issuer {
  readonly url: string;
  readonly logIn: (name: string) => Promise<Person>;
  /** Ends it like a crash; the accounts stay. */
  readonly kill: () => Promise<void>;
  /** Starts it again, at the same address. */
  readonly start: () => Promise<void>;
  /** Ends it for good. */
  readonly close: () => Promise<void>;
}

/** For these services, or for others with a name of their own. */
export async function startIssuer(name: string = audience): Promise<Issuer> {
  const [authPort = 0] = await freePorts(1);
  const dataDir = mkdtempSync(join(tmpdir(), "countersign-"));
  const deployment = { authPort, audience: name, environment: { COUNTERSIGN_DATA_DIR: dataDir } };
  const processes = createProcesses();
  let running = await processes.startAuthServer(deployment);
  return {
    url: running.url,
    async logIn(name) {
      const client = createClient({ baseUrl: running.url });
      const account = { email: `${name}@example.com`, password: "tangerine violin ledger" };
      await client.signup(account);
      const { access_token: token } = await client.login(account);
      return { client, token };
    },
    kill: () => running.stop("SIGKILL"),
    async start() {
      running = await processes.startAuthServer(deployment);
    },
    async close() {
      await processes.stop();
      rmSync(dataDir, { recursive: true });
    },
  };
}
