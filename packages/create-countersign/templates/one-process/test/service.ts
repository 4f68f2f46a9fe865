// The API on a free port.
import { startApi } from "../src/api.ts";
import { freePort } from "./free-port.ts";
import { createTestEnvironment } from "./test-environment.ts";

export interface Service {
  readonly apiUrl: string;
  readonly authUrl: string;
  readonly close: () => Promise<void>;
}

export async function startService(): Promise<Service> {
  const { environment, remove } = await createTestEnvironment();
  const api = await startApi(await freePort(), { ...environment, NODE_ENV: "test" });
  return {
    apiUrl: api.url,
    authUrl: api.url,
    async close() {
      await api.close();
      await remove();
    },
  };
}
