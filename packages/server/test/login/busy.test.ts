// The hashing queue as clients meet it.
import { expect, onTestFinished, test } from "vitest";
import { newAccount, newApp, password } from "../app.ts";
import { listenOn, openSocket } from "../http/sockets.ts";

const json = { "content-type": "application/json" };

function loginText(email: string): string {
  const body = JSON.stringify({ email, password });
  const head = `POST /login HTTP/1.1\r\nhost: api.example.com\r\ncontent-type: application/json`;
  return `${head}\r\ncontent-length: ${body.length}\r\n\r\n${body}`;
}

test("logins whose clients hung up do not delay an honest one", async () => {
  const app = newApp();
  onTestFinished(() => app.close());
  const port = await listenOn(app);
  const email = await newAccount(app);
  let came = 0;
  app.server.on("request", () => (came += 1));
  const dead = await Promise.all(
    Array.from({ length: 110 }, (_, index) => openSocket(port, `127.0.0.${index + 2}`)),
  );
  for (const [index, { socket }] of dead.entries()) socket.write(loginText(`p${index}@example.com`));
  await expect.poll(() => came, { timeout: 30_000 }).toBe(110);
  for (const { socket } of dead) socket.destroy();

  // Behind 110 hashes it would be told after two seconds that the server is busy.
  const body = JSON.stringify({ email, password });
  const response = await fetch(`http://127.0.0.1:${port}/login`, { method: "POST", headers: json, body });
  expect(await response.json()).toMatchObject({ token_type: "Bearer" });
});

test("a connection that sends one login after the other without waiting is told to wait", async () => {
  const app = newApp();
  onTestFinished(() => app.close());
  const port = await listenOn(app);
  await newAccount(app);
  const { socket, received } = await openSocket(port);
  socket.write([1, 2, 3].map((index) => loginText(`p${index}@example.com`)).join(""));
  const statuses = (): string[] => received().match(/HTTP\/1\.1 \d+|retry-after: \d+/gi) ?? [];
  await expect
    .poll(statuses, { timeout: 30_000 })
    .toEqual(["HTTP/1.1 401", "HTTP/1.1 503", "retry-after: 2", "HTTP/1.1 503", "retry-after: 2"]);
});
