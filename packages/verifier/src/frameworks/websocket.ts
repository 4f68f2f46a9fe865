// Guards for WebSockets, with `ws` and with Socket.IO: what a handshake let in goes when its token or its session ends.
import type { EventEmitter } from "node:events";
import { STATUS_CODES } from "node:http";
import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { authorizationOf, type Credentials, type RawRequest } from "../bearer.ts";
import { AccessError, problemText, toAccessError } from "../errors.ts";
import { type Authenticator, requireIdentity } from "../guard.ts";
import type { Identity } from "../identity.ts";
import type { Requirements } from "../requirements.ts";
import { type OpenConnection, OpenConnections } from "./open-connections.ts";

/** How long a peer may take to answer our close before it is cut off. */
const closingMs = 1000;

/** What we close with, by the status that a request would get. Private codes (RFC 6455 §7.4.2), and 1013 "try again later". */
const closeCodes = { 401: 4401, 403: 4403, 503: 1013 } as const;

/** What begins the subprotocol that carries a token: browsers let a page set no other header of a handshake. */
const protocolPrefix = "bearer.";

/** A socket of `ws`. */
export type PlainSocket = Pick<EventEmitter, "on" | "once" | "removeAllListeners"> & {
  close(code: number, reason: string): void;
  terminate(): void;
};

/** A `WebSocketServer` of `ws`, made with `noServer: true`. */
export interface PlainSocketServer {
  handleUpgrade(
    request: IncomingMessage,
    socket: Duplex,
    head: Buffer,
    callback: (socket: PlainSocket, request: IncomingMessage) => void,
  ): void;
  emit(event: "connection", socket: PlainSocket, request: IncomingMessage): boolean;
}

/** A socket of Socket.IO 4, as the server has it. */
export interface SocketIoSocket {
  readonly connected: boolean;
  readonly handshake: { readonly auth: Readonly<Record<string, unknown>> };
  readonly request: RawRequest;
  readonly conn: { once(event: "close", listener: () => void): unknown };
  emit(event: string, ...values: readonly unknown[]): unknown;
  disconnect(close: boolean): unknown;
  once(event: "disconnect", listener: () => void): unknown;
}

/** The `Server` of Socket.IO 4, or a namespace of it. */
export interface SocketIoNamespace {
  use(middleware: (socket: SocketIoSocket, next: (error?: Error) => void) => void): unknown;
  on(event: "connection", listener: (socket: SocketIoSocket) => void): unknown;
}

export interface WebSocketGuard {
  /** For `ws`: the listener of `server.on("upgrade", …)`. What is refused gets the answer that a request would. */
  readonly upgrade: (
    sockets: PlainSocketServer,
    requirements?: Requirements,
  ) => (request: IncomingMessage, socket: Duplex, head: Buffer) => void;
  /**
   * For Socket.IO: guards all sockets of a namespace, before other middleware.
   *
   * @throws TypeError if connection state recovery would let sockets past the guard
   */
  readonly protect: (namespace: SocketIoNamespace, requirements?: Requirements) => void;
  /** Whose socket it is now. @throws AccessError `credentials_missing` if it did not come through this guard */
  readonly identityOf: (socket: object) => Identity;
  /**
   * Goes on with a newer token of the same person, which the client sent in a message of its own.
   *
   * @throws AccessError if it is refused; the socket then stays open for as long as its token did before
   */
  readonly renew: (socket: object, token: string) => Promise<Identity>;
}

/**
 * Makes guards of sockets. One is enough for a service: a socket is closed with 4401 as soon as its session's end is
 * heard of, and when its token expires.
 */
export function createGuard(authenticator: Authenticator): WebSocketGuard {
  const connections = new OpenConnections(authenticator);
  const known = new WeakMap<object, OpenConnection>();
  /** Socket.IO has no way to end a socket while its middleware runs, so these end once they are connected. */
  const endedEarly = new WeakMap<object, AccessError>();

  const connectionOf = (socket: object): OpenConnection => {
    const connection = known.get(socket);
    if (connection === undefined) throw new AccessError("credentials_missing");
    return connection;
  };

  return {
    upgrade(sockets, requirements) {
      const guard = requireIdentity(authenticator, requirements);
      return (request, stream, head) => {
        // A peer that goes away meanwhile is nobody's error.
        stream.on("error", ignore);
        void judge(() => plainCredentials(request), guard).then(({ identity, credentials, refusal }) => {
          stream.removeListener("error", ignore);
          if (identity === undefined) return refuseUpgrade(stream, refusal);
          sockets.handleUpgrade(request, stream, head, (socket) => {
            const end = (error: AccessError): void => closePlainSocket(socket, error);
            const connection = connections.open({ guard, credentials, identity, end });
            known.set(socket, connection);
            socket.once("close", () => connection.close());
            sockets.emit("connection", socket, request);
          });
        });
      };
    },
    protect(namespace, requirements) {
      assertMiddlewareRuns(namespace);
      const guard = requireIdentity(authenticator, requirements);
      namespace.use((socket, goOn) => {
        void judge(() => socketIoCredentials(socket), guard).then(({ identity, credentials, refusal }) => {
          if (identity === undefined) return goOn(toConnectError(refusal));
          const end = (error: AccessError): void => {
            if (socket.connected) disconnectSocket(socket, error);
            else endedEarly.set(socket, error);
          };
          const connection = connections.open({ guard, credentials, identity, end });
          known.set(socket, connection);
          socket.once("disconnect", () => connection.close());
          // Whoever is turned away by later middleware was never connected, and so is not disconnected.
          socket.conn.once("close", () => connection.close());
          goOn();
        });
      });
      namespace.on("connection", (socket) => {
        const error = endedEarly.get(socket);
        if (error !== undefined) disconnectSocket(socket, error);
        else if (!known.has(socket)) disconnectSocket(socket, new AccessError("credentials_missing"));
      });
    },
    identityOf: (socket) => connectionOf(socket).identity,
    renew: async (socket, token) => connectionOf(socket).renew(`Bearer ${token}`),
  };
}

type Verdict =
  | { readonly identity: Identity; readonly credentials: Credentials; readonly refusal?: undefined }
  | { readonly identity?: undefined; readonly credentials?: undefined; readonly refusal: AccessError };

async function judge(
  find: () => Credentials,
  guard: (credentials: Credentials) => Identity | Promise<Identity>,
): Promise<Verdict> {
  try {
    const credentials = find();
    return { identity: await guard(credentials), credentials };
  } catch (error) {
    return { refusal: toAccessError(error) };
  }
}

/**
 * The `Authorization` of a handshake, or the token that a browser sends as a subprotocol. That one is taken out of the
 * request, so that no server can choose it and send it back.
 *
 * @throws AccessError `credentials_malformed` if there are several
 */
function plainCredentials(request: IncomingMessage): Credentials {
  const offered = (request.headers["sec-websocket-protocol"] ?? "").split(",").map((name) => name.trim());
  const tokens = offered.filter((name) => name.startsWith(protocolPrefix));
  if (tokens.length === 0) return authorizationOf(request);
  const others = offered.filter((name) => !name.startsWith(protocolPrefix));
  if (others.length > 0) request.headers["sec-websocket-protocol"] = others.join(", ");
  else delete request.headers["sec-websocket-protocol"];
  return onlyToken(
    authorizationOf(request),
    tokens.map((name) => name.slice(protocolPrefix.length)),
  );
}

/** `io(url, { auth: { token } })`, or the `Authorization` header of the handshake. */
function socketIoCredentials({ handshake, request }: SocketIoSocket): Credentials {
  const { token } = handshake.auth;
  return token === undefined ? authorizationOf(request) : onlyToken(authorizationOf(request), [token]);
}

/** Two answers to who is asking are none. */
function onlyToken(authorization: string | undefined, tokens: readonly unknown[]): string {
  const [token] = tokens;
  if (authorization !== undefined || tokens.length > 1 || typeof token !== "string") {
    throw new AccessError("credentials_malformed");
  }
  return `Bearer ${token}`;
}

function refuseUpgrade(stream: Duplex, refusal: AccessError): void {
  const { status, headers } = refusal;
  const body = problemText(refusal);
  const lines = Object.entries({
    ...headers,
    "content-type": "application/problem+json",
    "content-length": String(Buffer.byteLength(body)),
    connection: "close",
  }).map(([name, value]) => `${name}: ${value}\r\n`);
  stream.on("error", ignore);
  stream.end(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${lines.join("")}\r\n${body}`);
}

/** Until the peer has answered our close, `ws` would go on to hand out what it sends. */
function closePlainSocket(socket: PlainSocket, error: AccessError): void {
  const deafen = (): unknown => socket.removeAllListeners("message");
  deafen();
  socket.on("newListener", (event) => {
    if (event === "message") queueMicrotask(deafen);
  });
  socket.close(closeCodes[error.status], error.code);
  const cutOff = setTimeout(() => socket.terminate(), closingMs).unref();
  socket.once("close", () => clearTimeout(cutOff));
}

/** The client finds the problem document in the `data` of its `connect_error`. */
function toConnectError({ message, problem }: AccessError): Error {
  return Object.assign(new Error(message), { data: problem });
}

/** Socket.IO has no close codes of an application, so the reason goes before in an event. */
function disconnectSocket(socket: SocketIoSocket, error: AccessError): void {
  socket.emit("access_ended", { ...error.problem, close_code: closeCodes[error.status] });
  socket.disconnect(true);
}

/** A recovered socket skips all middleware by default, and with it whatever was revoked while it was away. */
function assertMiddlewareRuns(namespace: SocketIoNamespace): void {
  const { server = namespace } = namespace as { server?: object };
  const { opts } = server as { opts?: { connectionStateRecovery?: { skipMiddlewares?: boolean } | false } };
  const recovery = opts?.connectionStateRecovery;
  if (recovery && recovery.skipMiddlewares !== false) {
    throw new TypeError(
      "connectionStateRecovery lets sockets past the guard: give it skipMiddlewares: false",
    );
  }
}

function ignore(): void {}
