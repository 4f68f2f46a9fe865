// Installations and the program that is let loose on them.
import { spawnSync } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { runCommand } from "../../src/cli/run.ts";
import { createAuditSealing } from "../../src/keys/audit-sealing.ts";
import { openMasterKey } from "../../src/keys/master-key.ts";
import type { SigningAlgorithm } from "../../src/settings/signing-algorithms.ts";
import { createSigningKeys, type SigningKeys } from "../../src/keys/signing-keys.ts";
import { openStore, type Store } from "../database/store.ts";

/** As much of a server as has to do with keys. */
export interface Server {
  readonly store: Store;
  readonly keys: SigningKeys;
  stop(): Promise<void>;
}

export async function newFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "countersign-cli-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

export async function startServer(
  dataDir: string,
  url: string = `sqlite:${dataDir}/countersign.db`,
  algorithm: SigningAlgorithm = "ES256",
): Promise<Server> {
  const store = await openStore({ url });
  try {
    const masterKey = await openMasterKey({ dataDir, store: store.installation });
    await createAuditSealing({ masterKey, installation: store.installation, audit: store.audit }).begin();
    const options = { store: store.signingKeys, masterKey, algorithm, accessTokenTtlSeconds: 600 };
    const keys = await createSigningKeys(options);
    return { store, keys, stop: () => keys.close().then(() => store.close()) };
  } catch (error) {
    await store.close();
    throw error;
  }
}

/** An installation on SQLite whose server ran once; `kid` is its active key. */
export async function newInstallation(
  algorithm: SigningAlgorithm = "ES256",
): Promise<{ dataDir: string; kid: string }> {
  const dataDir = await newFolder();
  const server = await startServer(dataDir, undefined, algorithm);
  const { kid = "" } = server.keys.signingKey();
  await server.stop();
  return { dataDir, kid };
}

/** What a command prints that runs in this process; rejects with what it refuses. */
export async function printedBy(...args: string[]): Promise<string> {
  return printedUnder({}, ...args);
}

/** The same under these environment variables. */
export async function printedUnder(
  environment: Readonly<Record<string, string>>,
  ...args: string[]
): Promise<string> {
  let printed = "";
  await runCommand(args, { environment, print: (text) => void (printed += text) });
  return printed;
}

/** The program as a shell starts it. */
export function countersign(...args: string[]): { status: number | null; stdout: string; stderr: string } {
  const program = join(import.meta.dirname, "../../src/cli/main.ts");
  return spawnSync(process.execPath, ["--conditions=@countersign/source", program, ...args], {
    encoding: "utf8",
    env: {},
    // A program that never ends is a finding, not the end of the test run.
    timeout: 60_000,
    killSignal: "SIGKILL",
  });
}
