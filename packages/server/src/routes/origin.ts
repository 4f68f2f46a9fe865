// Where a request comes from, as the audit trail keeps it.
import type { FastifyRequest } from "fastify";

export function originOf(request: FastifyRequest): { readonly address: string } {
  return { address: request.ip };
}
