// Logs in, calls both APIs, logs out, and shows how soon both refuse the token that they accepted a moment before.
import { createClient } from "@countersign/client";

const { AUTH_PORT = "3001", ORDERS_PORT = "3002", REPORTS_PORT = "3003" } = process.env;
const services = {
  "orders API (Express)": `http://127.0.0.1:${ORDERS_PORT}/orders`,
  "reports API (Hono)": `http://127.0.0.1:${REPORTS_PORT}/reports`,
};
const person = { email: `visitor-${Date.now()}@example.com`, password: "correct horse battery" };

try {
  await Promise.all([AUTH_PORT, ORDERS_PORT, REPORTS_PORT].map((port) => fetch(`http://127.0.0.1:${port}/`)));
} catch {
  process.stderr.write(
    `Nobody answers at one of the ports ${AUTH_PORT} (AUTH_PORT), ${ORDERS_PORT} (ORDERS_PORT) and ` +
      `${REPORTS_PORT} (REPORTS_PORT): run npm run two-services in another terminal first.\n`,
  );
  process.exit(1);
}

const client = createClient({ baseUrl: `http://127.0.0.1:${AUTH_PORT}` });
await client.signup(person);
const { access_token: token } = await client.login(person);
say(`logged in as ${person.email}`);

for (const [name, url] of Object.entries(services)) {
  const response = await call(url);
  say(`${name}: ${response.status} ${await response.text()}`);
  if (response.status !== 200) process.exitCode = 1;
}

await client.logout();
const loggedOutAt = performance.now();
say("logged out");

await Promise.all(
  Object.entries(services).map(async ([name, url]) => {
    let response = await call(url);
    while (response.ok && performance.now() - loggedOutAt < 5000) response = await call(url);
    const refusedAfterMs = Math.round(performance.now() - loggedOutAt);
    say(`${name}: ${response.status} ${response.headers.get("www-authenticate")} after ${refusedAfterMs} ms`);
    if (response.status !== 401 || refusedAfterMs > 1000) process.exitCode = 1;
  }),
);

function call(url: string): Promise<Response> {
  return fetch(url, { headers: { authorization: `Bearer ${token}` } });
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
