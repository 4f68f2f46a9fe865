// The auth server as a process of its own, and the API, each on a free port.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { startApi } from "../src/api.ts";
import { freePort } from "./free-port.ts";
import { createTestEnvironment } from "./test-environment.ts";

export interface Service {
  readonly apiUrl: string;
  readonly authUrl: string;
  readonly close: () => Promise<void>;
}

const audience = "api-test";
const countersign = fileURLToPath(
  new URL("../bin/countersign.js", import.meta.resolve("@countersign/server")),
);

export async function startService(): Promise<Service> {
  const { environment, remove } = await createTestEnvironment();
  const authPort = await freePort();
  const authUrl = `http://127.0.0.1:${authPort}`;
  const args = [countersign, "serve", "--port", String(authPort), "--audience", audience];
  const auth = spawn(process.execPath, args, { env: environment, stdio: ["ignore", "ignore", "inherit"] });
  const ended = once(auth, "exit");
  const stop = async (): Promise<void> => {
    auth.kill();
    await ended;
    await remove();
  };
  while (!(await isReady(authUrl))) {
    if (auth.exitCode !== null) throw new Error(`the auth server ended with ${auth.exitCode}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  const api = await startApi({ issuer: authUrl, audience, port: await freePort() });
  return {
    apiUrl: api.url,
    authUrl,
    async close() {
      await api.close();
      await stop();
    },
  };
}

async function isReady(url: string): Promise<boolean> {
  try {
    return (await fetch(`${url}/health/ready`)).ok;
  } catch {
    return false;
  }
}
