// Whether a request comes from a page that may act for its user: Fetch Metadata, with Origin as the mandatory fallback.
import type { FastifyRequest } from "fastify";
import { ServiceError } from "../errors.ts";

/** @throws ServiceError `cross_site` */
export type SameSiteCheck = (request: FastifyRequest) => void;

/** Methods that change nothing (RFC 9110 §9.2.1), so that a foreign page gains nothing by causing them. */
const safeMethods: ReadonlySet<string> = new Set(["GET", "HEAD", "OPTIONS"]);

/** What is repeated to the client: an origin is the page's own name, but a header may hold anything. */
const originForm = /^https?:\/\/[a-z0-9.[\]:-]{1,255}$/;

/** What the browser itself says of a request that no foreign page has caused. */
const ownSites: ReadonlySet<unknown> = new Set(["same-origin", "none"]);

/**
 * Guards what a cookie allows against pages of other sites.
 *
 * 1. `Sec-Fetch-Site` is `same-origin`, or `none` (the person, not a page): fine.
 * 2. Otherwise `Origin` must be one of `origins`, letter by letter; nothing is parsed, so nothing can be read two ways.
 * 3. Without `Origin`, `Referer` must begin with one of `origins` and a slash.
 * 4. With none of the three, it is refused: every browser sends at least one.
 */
export function createSameSiteCheck(origins: ReadonlySet<string>): SameSiteCheck {
  return ({ headers }) => {
    if (ownSites.has(headers["sec-fetch-site"])) return;
    const { origin, referer } = headers;
    if (origin !== undefined ? origins.has(origin) : isBelow(origins, referer)) return;
    const page = origin !== undefined && originForm.test(origin) ? origin : "The page that sent it";
    throw new ServiceError("cross_site", {
      detail: `${page} is neither the issuer's origin nor one of allowedOrigins.`,
    });
  };
}

/** Whether the check lets it through, for what can be left out where it does not. */
export function passes(check: SameSiteCheck, request: FastifyRequest): boolean {
  try {
    check(request);
    return true;
  } catch {
    return false;
  }
}

export function isSafe({ method }: FastifyRequest): boolean {
  return safeMethods.has(method);
}

function isBelow(origins: ReadonlySet<string>, referer: string | undefined): boolean {
  return referer !== undefined && [...origins].some((origin) => referer.startsWith(`${origin}/`));
}
