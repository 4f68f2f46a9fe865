// Starts the chat; the auth server is a process of its own.
import { createAccessVerifier } from "@countersign/verifier";
import { createChat } from "./chat-server.ts";

const { ISSUER = "http://127.0.0.1:3001", AUDIENCE = "websocket-chat", PORT = "3000" } = process.env;

const verifier = createAccessVerifier({ issuer: ISSUER, audience: AUDIENCE });
createChat(verifier).listen(Number(PORT), "127.0.0.1");
