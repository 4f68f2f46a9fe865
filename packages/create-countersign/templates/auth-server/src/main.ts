import { startApi } from "./api.ts";

const { ISSUER = "http://127.0.0.1:3001", AUDIENCE = "api", PORT = "3000" } = process.env;

const { url, close } = await startApi({ issuer: ISSUER, audience: AUDIENCE, port: Number(PORT) });
process.stdout.write(`The API is at ${url}; npm run auth starts the auth server\n`);

for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => void close());
