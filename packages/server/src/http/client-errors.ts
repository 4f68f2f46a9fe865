// What Node refuses before there is a request: answered as a problem document all the same.
import { STATUS_CODES } from "node:http";
import type { Socket } from "node:net";
import { ServiceError, type ServiceErrorCode } from "../errors.ts";
import { newRequestId } from "../randomness.ts";
import { problemOf } from "./problems.ts";

/** What Node and its parser say; `rawPacket` is what arrived. */
type ConnectionError = Error & { readonly code?: string; readonly rawPacket?: unknown };

const codes: Readonly<Record<string, ServiceErrorCode>> = {
  HPE_HEADER_OVERFLOW: "headers_too_large",
  ERR_HTTP_REQUEST_TIMEOUT: "request_timeout",
};

/** For Fastify's `clientErrorHandler`. The connection ends: what follows on it cannot be told apart any more. */
export function createClientErrorHandler(
  problemTypes: string,
): (error: ConnectionError, socket: Socket) => void {
  return (error, socket) => {
    // Nobody is there to hear it, or an answer is under way already.
    if (error.code === "ECONNRESET" || !socket.writable || socket.bytesWritten > 0) {
      socket.destroy();
      return;
    }
    const refusal = new ServiceError(codeOf(error));
    const { statusCode } = refusal;
    const body = JSON.stringify(problemOf(refusal, problemTypes, newRequestId()));
    const head = [
      `HTTP/1.1 ${statusCode} ${STATUS_CODES[statusCode]}`,
      "content-type: application/problem+json",
      `content-length: ${Buffer.byteLength(body)}`,
      "cache-control: no-store",
      "x-content-type-options: nosniff",
      "connection: close",
    ];
    socket.end(`${head.join("\r\n")}\r\n\r\n${body}`, () => socket.destroy());
  };
}

function codeOf({ code = "", rawPacket }: ConnectionError): ServiceErrorCode {
  const isRequest =
    code === "HPE_INVALID_METHOD" &&
    rawPacket instanceof Uint8Array &&
    /^[A-Za-z-]{1,32} \S+ HTTP\/1\.[01]\r?\n/.test(Buffer.from(rawPacket).toString("latin1"));
  if (isRequest) return "method_unknown";
  return codes[code] ?? "invalid_request";
}
