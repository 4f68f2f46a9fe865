import { startApi } from "./api.ts";

const { url, close } = await startApi(Number(process.env["PORT"] ?? "3000"), process.env);
process.stdout.write(`The API is at ${url}\n`);

for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => void close());
