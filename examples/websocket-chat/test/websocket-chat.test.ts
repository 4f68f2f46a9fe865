// The chat with a real auth server, as browsers would use it.
import { decode } from "@countersign/token";
import { createAccessVerifier } from "@countersign/verifier";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, expect, test } from "vitest";
import { WebSocket } from "ws";
import { startIssuer } from "../../fetch-handlers/test/issuer.ts";
import type { Issuer } from "../../fetch-handlers/test/issuer.ts";
import { createChat } from "../src/chat-server.ts";

const audience = "websocket-chat";
let issuer: Issuer;
let chat: Server;
let stopVerifying: () => void;

beforeAll(async () => {
  issuer = await startIssuer(audience);
  const verifier = createAccessVerifier({ issuer: issuer.url, audience });
  stopVerifying = verifier.close;
  chat = createChat(verifier);
  await new Promise<void>((resolve) => void chat.listen(0, "127.0.0.1", resolve));
});
afterAll(async () => {
  stopVerifying();
  await new Promise((resolve) => void chat.close(resolve));
  await issuer.close();
});

async function join(token: string): Promise<WebSocket> {
  const { port } = chat.address() as AddressInfo;
  const socket = new WebSocket(`ws://127.0.0.1:${port}`, ["chat", `bearer.${token}`]);
  await new Promise((resolve, reject) => {
    socket.once("open", resolve).once("error", reject);
  });
  return socket;
}

function nextMessage(socket: WebSocket): Promise<unknown> {
  return new Promise((resolve) => {
    socket.once("message", (data: Buffer) => resolve(JSON.parse(data.toString())));
  });
}

function closeOf(socket: WebSocket): Promise<number> {
  return new Promise((resolve) => void socket.once("close", resolve));
}

/** Whom the auth server says that it is. */
function subjectOf(token: string): unknown {
  return decode(token).payload["sub"];
}

test("what one says everybody reads, and under whose name is not theirs to choose", async () => {
  const [ada, bob] = [await issuer.logIn("ada"), await issuer.logIn("bob")];
  const [adas, bobs] = [await join(ada.token), await join(bob.token)];
  const read = nextMessage(bobs);
  adas.send(JSON.stringify({ say: "hello", from: "bob" }));
  expect(await read).toEqual({ from: subjectOf(ada.token), text: "hello" });
  adas.close();
  bobs.close();
});

test("whoever logs out is out of the chat, whoever has another session is not", async () => {
  const [kim, lee] = [await issuer.logIn("kim"), await issuer.logIn("lee")];
  const [kims, lees] = [await join(kim.token), await join(lee.token)];
  const closed = closeOf(kims);
  await kim.client.logout();
  expect(await closed).toBe(4401);
  const read = nextMessage(lees);
  lees.send(JSON.stringify({ say: "still here" }));
  expect(await read).toMatchObject({ text: "still here" });
  lees.close();
});

test("a newer token is taken over the socket, somebody else's is not", async () => {
  const [max, ned] = [await issuer.logIn("max"), await issuer.logIn("ned")];
  const socket = await join(max.token);
  const first = nextMessage(socket);
  socket.send(JSON.stringify({ renew: ned.token }));
  expect(await first).toEqual({ notRenewed: "token_invalid" });
  const second = nextMessage(socket);
  socket.send(JSON.stringify({ renew: await max.client.getAccessToken() }));
  expect(await second).toEqual({ renewedUntil: expect.any(Number) });
  socket.close();
});

test("nobody joins without a token", async () => {
  await expect(join("x")).rejects.toThrow("401");
});
