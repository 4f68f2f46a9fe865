// Ada and Bob chat; Ada logs out, and her socket closes without her doing.
import { type Client, createClient } from "@countersign/client";
import { WebSocket } from "ws";

const { ISSUER = "http://127.0.0.1:3001", CHAT = "ws://127.0.0.1:3000" } = process.env;

const print = (line: string): void => void process.stdout.write(`${line}\n`);

async function logIn(name: string): Promise<Client> {
  const client = createClient({ baseUrl: ISSUER });
  const account = { email: `${name}-${Date.now()}@example.com`, password: "tangerine violin ledger" };
  await client.signup(account);
  await client.login(account);
  return client;
}

/** As a browser does it: the token is one of the subprotocols, as a page can set no header. */
async function join(name: string, client: Client): Promise<WebSocket> {
  const socket = new WebSocket(CHAT, ["chat", `bearer.${await client.getAccessToken()}`]);
  socket.on("message", (data: Buffer) => print(`${name} reads ${data.toString()}`));
  socket.on("close", (code, reason) => print(`${name}'s socket was closed: ${code} ${reason.toString()}`));
  await new Promise((resolve, reject) => {
    socket.once("open", resolve).once("error", reject);
  });
  return socket;
}

const ada = await logIn("ada");
const bob = await logIn("bob");
const adasSocket = await join("Ada", ada);
const bobsSocket = await join("Bob", bob);

const heard = new Promise((resolve) => void bobsSocket.once("message", resolve));
adasSocket.send(JSON.stringify({ say: "hello" }));
await heard;

const closed = new Promise((resolve) => void adasSocket.once("close", resolve));
const loggedOutAt = performance.now();
await ada.logout();
await closed;
print(`${Math.round(performance.now() - loggedOutAt)} ms after she asked to log out`);
bobsSocket.close();
