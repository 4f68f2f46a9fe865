// Answers that no cache may keep.
import type { onSendHookHandler } from "fastify";

/** The hook of routes whose every answer is for one person alone. */
export const noStore: onSendHookHandler = (_request, reply, payload, done) => {
  reply.header("cache-control", "no-store");
  done(null, payload);
};
