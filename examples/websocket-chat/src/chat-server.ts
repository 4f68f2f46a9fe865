// A chat whose sockets belong to people: opened with a token, renewed in band, and gone with the log-out.
import { AccessError, type AccessVerifier } from "@countersign/verifier";
import { createGuard } from "@countersign/verifier/websocket";
import { createServer, type Server } from "node:http";
import { type WebSocket, WebSocketServer } from "ws";

/** What a client may send. */
type Message = { readonly say: string } | { readonly renew: string };

export function createChat(verifier: AccessVerifier): Server {
  const guard = createGuard(verifier);
  const sockets = new WebSocketServer({ noServer: true, maxPayload: 16 * 1024 });
  const server = createServer((_request, response) => response.writeHead(426).end());
  server.on("upgrade", guard.upgrade(sockets));

  sockets.on("connection", (socket) => {
    socket.on("message", (data: Buffer) => {
      const message = read(data);
      if (message === undefined) return socket.close(1007, "a message is {say} or {renew}");
      if ("renew" in message) return void renew(socket, message.renew);
      const line = JSON.stringify({ from: guard.identityOf(socket).subject, text: message.say });
      for (const listener of sockets.clients) listener.send(line);
    });
  });

  async function renew(socket: WebSocket, token: string): Promise<void> {
    try {
      const { claims } = await guard.renew(socket, token);
      socket.send(JSON.stringify({ renewedUntil: claims.exp }));
    } catch (error) {
      const code = error instanceof AccessError ? error.code : "verification_failed";
      socket.send(JSON.stringify({ notRenewed: code }));
    }
  }

  return server;
}

function read(data: Buffer): Message | undefined {
  try {
    const message = JSON.parse(data.toString()) as Partial<Record<"say" | "renew", unknown>>;
    if (typeof message.say === "string") return { say: message.say };
    if (typeof message.renew === "string") return { renew: message.renew };
  } catch {
    // Not JSON, or nothing that has members.
  }
  return undefined;
}
