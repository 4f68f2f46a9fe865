// Starts all three: the auth server, the orders API on Express and the reports API on Hono. Ctrl-C stops them.
import { startAuthServer, startService } from "./processes.ts";

const { AUTH_PORT = "3001", ORDERS_PORT = "3002", REPORTS_PORT = "3003" } = process.env;

const deployment = {
  authPort: Number(AUTH_PORT),
  audience: "two-services",
  // COUNTERSIGN_DATABASE_URL=postgres://… puts the accounts into PostgreSQL.
  environment: { COUNTERSIGN_DATA_DIR: "data/two-services", ...process.env },
};
const auth = await startAuthServer(deployment);
const orders = await startService("orders", Number(ORDERS_PORT), deployment);
const reports = await startService("reports", Number(REPORTS_PORT), deployment);
const running = [auth, orders, reports];
process.stdout.write(`
The auth server is at ${auth.url}, the orders API (Express) at ${orders.url}, the reports API (Hono) at ${reports.url}.
In another terminal:

  npm run two-services:tour

Ctrl-C stops all three; accounts stay.
`);

const stopAll = (): Promise<unknown> => Promise.all(running.map(({ stop }) => stop("SIGTERM")));
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => void stopAll());
// Whichever ends first takes the others with it.
await Promise.race(running.map(({ ended }) => ended));
await stopAll();
