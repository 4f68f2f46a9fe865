// Two Host lines name two servers, and a proxy may have read the other one (RFC 9112 §3.2).
import type { onRequestHookHandler } from "fastify";
import { ServiceError } from "../errors.ts";

/** @throws ServiceError `invalid_request` */
export const insistOnOneHost: onRequestHookHandler = (request, _reply, done) => {
  const { rawHeaders } = request.raw;
  let count = 0;
  for (let at = 0; at < rawHeaders.length; at += 2)
    if (rawHeaders[at]?.length === 4 && rawHeaders[at]?.toLowerCase() === "host") count += 1;
  if (count > 1)
    return done(new ServiceError("invalid_request", { detail: "Send one Host header, not two." }));
  done();
};
