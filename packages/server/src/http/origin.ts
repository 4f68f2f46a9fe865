// Where a request comes from, as the audit trail keeps it.
import type { FastifyRequest } from "fastify";
import { isIP } from "node:net";

/** An app that trusts proxies gets whatever they, or their clients, have written: only a real address is kept. */
export function originOf({ ip }: FastifyRequest): { readonly address: string | null } {
  return { address: isIP(ip) === 0 ? null : ip };
}
