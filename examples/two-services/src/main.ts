// Starts all three: the auth server, the orders API on Express and the reports API on Hono. Ctrl-C stops them.
import { stopOnSignals } from "@countersign/server";
import { createProcesses, type Running, stopTimeoutMs } from "./processes.ts";

const { AUTH_PORT = "3001", ORDERS_PORT = "3002", REPORTS_PORT = "3003" } = process.env;
const { COUNTERSIGN_DATA_DIR: dataDir = "data/two-services" } = process.env;

const deployment = {
  authPort: Number(AUTH_PORT),
  audience: "two-services",
  // COUNTERSIGN_DATABASE_URL=postgres://… puts the accounts into PostgreSQL.
  environment: { ...process.env, COUNTERSIGN_DATA_DIR: dataDir },
};
const processes = createProcesses();
let stopping = false;

async function stopAll(): Promise<void> {
  stopping = true;
  await processes.stop();
}
// The connections are theirs: what is still open when the time is up ends with its process.
stopOnSignals(
  {
    server: { closeIdleConnections: () => undefined, closeAllConnections: processes.kill },
    close: stopAll,
    draining: { begin: () => undefined, delayMs: 0, timeoutMs: stopTimeoutMs },
  },
  process,
);

try {
  const auth = await processes.startAuthServer(deployment);
  const orders = await processes.startService("orders", Number(ORDERS_PORT), deployment);
  const reports = await processes.startService("reports", Number(REPORTS_PORT), deployment);
  if (!stopping) process.stdout.write(greeting(auth, orders, reports));
  void auth.ended.then(() => {
    if (!stopping) process.stdout.write(withoutAuthServer());
  });
  // An API that ends takes the others with it.
  await Promise.race([orders.ended, reports.ended]);
  if (!stopping) process.exitCode = 1;
} catch (error) {
  // A start that the signal broke off is no failure.
  if (!stopping) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  }
}
await stopAll();

function greeting(auth: Running, orders: Running, reports: Running): string {
  return `
The auth server is at ${auth.url}, the orders API (Express) at ${orders.url}, the reports API (Hono) at ${reports.url}.
In another terminal:

  npm run two-services:tour

To see what becomes of the APIs without it, kill the auth server: kill -9 ${auth.pid}
Ctrl-C stops all three; accounts stay.
`;
}

function withoutAuthServer(): string {
  return `
The auth server has ended. The APIs go on with the keys and revocations that they have. In another terminal:

  curl -s 127.0.0.1:${ORDERS_PORT}/status
  npm run countersign -- serve --port ${AUTH_PORT} --audience two-services --data-dir ${dataDir}    # brings it back

`;
}
