// Where the accounts of a test are: in a folder that goes away with it, or in the PostgreSQL database that .env names.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

export interface TestEnvironment {
  readonly environment: NodeJS.ProcessEnv;
  readonly remove: () => Promise<void>;
}

export async function createTestEnvironment(): Promise<TestEnvironment> {
  // The master key belongs to the database, so one that stays keeps it.
  if (process.env["COUNTERSIGN_DATABASE_URL"])
    return { environment: process.env, remove: async () => undefined };
  const folder = await mkdtemp(join(tmpdir(), "api-test-"));
  return {
    environment: { ...process.env, COUNTERSIGN_DATA_DIR: folder },
    remove: () => rm(folder, { recursive: true }),
  };
}
