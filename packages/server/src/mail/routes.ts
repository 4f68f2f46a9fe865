// GET /dev/mail: the dev mailbox, for whoever sits at this machine and for nobody else.
import type { DevMailResponse } from "@countersign/client";
import type { FastifyPluginAsync, FastifyRequest } from "fastify";
import { ServiceError } from "../errors.ts";
import { noStore } from "../http/never-cached.ts";
import { isoTime } from "../iso-time.ts";
import { isLoopbackHost } from "../settings/loopback.ts";
import type { DevMailbox } from "./dev-mailbox.ts";
import { devMailReply } from "./schemas.ts";

export interface DevMailRoutesOptions {
  readonly mailbox: Pick<DevMailbox, "list">;
}

/** Never with CORS: no page of another origin may read it, whatever `allowedOrigins` says. */
export const devMailRoutes: FastifyPluginAsync<DevMailRoutesOptions> = async (app, { mailbox }) => {
  app.get(
    "/dev/mail",
    {
      onRequest: async (request) => refuseStrangers(request),
      onSend: noStore,
      config: {
        cors: false,
        operation: {
          id: "listDevMail",
          tag: "Mail",
          summary: "List what would have been mailed, newest first; on this machine alone",
          answers: { 200: { description: "The last hundred mails" } },
          refusals: ["forbidden", "cross_site"],
        },
      },
      schema: { response: { 200: devMailReply } },
    },
    async (): Promise<DevMailResponse> => ({
      messages: mailbox.list().map(({ id, to, subject, text, html, sentAtMs, codes, links }) => ({
        id,
        to,
        subject,
        text,
        html,
        sent_at: isoTime(sentAtMs),
        codes,
        links,
      })),
    }),
  );
};

/**
 * Everybody's reset links stand there. A proxy on this machine would be loopback itself, so whatever shows
 * one is refused, and a `Host` that is not of this machine (DNS rebinding), and pages of other origins.
 *
 * @throws ServiceError `forbidden`, `cross_site`
 */
function refuseStrangers({ headers, raw }: FastifyRequest): void {
  const { origin, "sec-fetch-site": site } = headers;
  const host = headers.host ?? "";
  const isForwarded = Object.keys(headers).some(
    (name) => name === "forwarded" || name === "via" || name.startsWith("x-forwarded-"),
  );
  if (isForwarded || !isLoopbackAuthority(host) || !isLoopbackAddress(raw.socket.remoteAddress))
    throw new ServiceError("forbidden", {
      detail: "The dev mailbox answers on this machine alone, and never behind a proxy.",
    });
  const isForeign =
    (origin !== undefined && origin !== `http://${host}`) ||
    (site !== undefined && site !== "same-origin" && site !== "none");
  if (isForeign) throw new ServiceError("cross_site", { detail: "The dev mailbox is for its own pages." });
}

/** A host with or without a port, and nothing else. */
function isLoopbackAuthority(host: string): boolean {
  const [, name = "", port] = /^([a-z0-9.]+|\[[0-9a-f:]+\])(?::(\d{1,5}))?$/i.exec(host) ?? [];
  return isLoopbackHost(name.toLowerCase()) && Number(port ?? 0) <= 65_535;
}

/** As Node writes it; an injected request, as tests make them, comes from 127.0.0.1. */
function isLoopbackAddress(address = ""): boolean {
  return address === "::1" || /^(?:::ffff:)?127(?:\.\d{1,3}){3}$/.test(address);
}
