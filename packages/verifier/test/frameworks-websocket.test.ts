// One suite for sockets, over `ws` and Socket.IO: who may open one, and what ends it. The issuer is real, and so is its feed.
import { AccessError, createAccessVerifier, RevocationList } from "@countersign/verifier";
import type { AccessVerifier, Authenticator, Identity } from "@countersign/verifier";
import { createGuard } from "@countersign/verifier/websocket";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { Server as SocketIoServer } from "socket.io";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { WebSocket, WebSocketServer } from "ws";
import { audience, issuer, issuerWithKey, issuerWithSecret } from "./fixtures/issuer.ts";
import type { LocalIssuer } from "./fixtures/issuer.ts";
import { ask } from "./fixtures/raw-client.ts";
import { refusal } from "./fixtures/answers.ts";
import { setUp, start } from "./fixtures/rig.ts";
import { socketLibraries, type SocketClient, type SocketServer } from "./fixtures/socket-servers.ts";

interface World {
  readonly local: LocalIssuer;
  readonly list: RevocationList;
  readonly verifier: AccessVerifier;
}

/** By the system's clock, as sockets end by it. */
function createWorld(): World {
  const local = issuerWithSecret();
  const list = new RevocationList();
  return {
    local,
    list,
    verifier: createAccessVerifier({ issuer, audience, keys: local.keys, revocations: list }),
  };
}

function secondsFromNow(seconds: number): number {
  return Math.floor(Date.now() / 1000) + seconds;
}

function logOut(sid: string): { sid: string; tokens_before: number; expires_at: number } {
  return { sid, tokens_before: secondsFromNow(1), expires_at: secondsFromNow(600) };
}

const refused = { closeCode: 4401, code: "token_invalid" };

describe.each(Object.entries(socketLibraries))("%s", (_name, startServer) => {
  const started: typeof startServer = async (...settings) => {
    const server = await startServer(...settings);
    onTestFinished(() => server.close());
    return server;
  };

  async function open(world: World, claims: Record<string, unknown> = {}): Promise<SocketClient> {
    const server = await started(world.verifier);
    return server.connect(world.local.issue(claims));
  }

  /** With a token that lives for two seconds. */
  async function openBriefly(world: World, claims: Record<string, unknown>): Promise<SocketClient> {
    const brief = issuerWithKey(world.local.key, { lifetimeSeconds: 2 });
    return (await started(world.verifier)).connect(brief.issue(claims));
  }

  test("a good token opens a socket, and the server knows whose it is", async () => {
    const client = await open(createWorld(), { sub: "ada", sid: "s1" });
    expect(await client.whoAmI()).toBe("ada s1");
  });

  test("TV-12: no token, a bad one and one without the role open nothing", async () => {
    const { local, verifier } = createWorld();
    const server = await started(verifier, { roles: ["admin"] });
    await expect(server.connect()).rejects.toThrow("credentials_missing");
    await expect(server.connect("a.b.c")).rejects.toThrow("token_invalid");
    await expect(server.connect(local.issue())).rejects.toThrow("role_missing");
    expect(await (await server.connect(local.issue({ roles: ["admin"] }))).whoAmI()).toBe("user-1 session-1");
  });

  test("TV-14: a log-out that the issuer's feed tells of closes the session's sockets, and no other", async () => {
    const { server: issuerServer, local, verifier } = await setUp({ now: () => start });
    await verifier.ready();
    const server = await started(verifier);
    const issue = (sid: string): string => local.issue({ sid, iat: start });
    const [first, second, other] = await Promise.all(
      ["s1", "s1", "s2"].map((sid) => server.connect(issue(sid))),
    );
    issuerServer.revoke({ sid: "s1", tokens_before: start + 1, expires_at: start + 600 });
    expect(await first?.ended).toEqual(refused);
    expect(await second?.ended).toEqual(refused);
    expect(await other?.whoAmI()).toBe("user-1 s2");
  });

  test.each([
    ["a revoked key", (list: RevocationList, kid: string) => list.apply({ kid })],
    [
      "an end to everything before now",
      (list: RevocationList) => list.apply({ tokens_before: secondsFromNow(1) }),
    ],
    [
      "a newer list",
      (list: RevocationList) =>
        list.update({ cursor: "7", tokens_before: null, sessions: [logOut("s1")], keys: [] }),
    ],
  ])("TV-14: %s closes every socket that it concerns", async (_what, revoke) => {
    const world = createWorld();
    const client = await open(world, { sid: "s1" });
    revoke(world.list, world.local.key.kid ?? "");
    expect(await client.ended).toEqual(refused);
  });

  test("more sockets than are judged in a row all hear of a revoked key", async () => {
    const world = createWorld();
    const server = await started(world.verifier);
    const clients = await Promise.all(
      Array.from({ length: 150 }, (_, index) => server.connect(world.local.issue({ sid: `s${index}` }))),
    );
    world.list.apply({ kid: world.local.key.kid ?? "" });
    for (const { ended } of clients) expect(await ended).toEqual(refused);
  });

  test("TV-14: a session that ends while the socket opens leaves none open", async () => {
    const { local, list, verifier } = createWorld();
    const late: Authenticator = {
      now: verifier.now,
      observeRevocations: verifier.observeRevocations,
      async authenticate(credentials) {
        const identity = await verifier.authenticate(credentials);
        queueMicrotask(() => list.apply(logOut("s1")));
        return identity;
      },
    };
    const server = await started(late);
    const outcome = await server.connect(local.issue({ sid: "s1" })).then(
      ({ ended }) => ended,
      () => refused,
    );
    expect(outcome).toEqual(refused);
  });

  test("RFC 7519 §4.1.4: a socket ends with its token", async () => {
    const client = await openBriefly(createWorld(), {});
    expect(await client.ended).toEqual(refused);
  });

  test("a newer token sent in band lets the socket outlive the first, and the feed is heard for its session", async () => {
    const world = createWorld();
    const client = await openBriefly(world, { sid: "s1" });
    expect(await client.renew(world.local.issue({ sid: "s2" }))).toBe("renewed");
    world.list.apply(logOut("s1"));
    const firstExpiry = new Promise((resolve) => setTimeout(resolve, 3100));
    await firstExpiry;
    expect(await client.whoAmI()).toBe("user-1 s2");
    world.list.apply(logOut("s2"));
    expect(await client.ended).toEqual(refused);
  });

  test("a token of somebody else, a bad and a revoked one renew nothing, and the socket goes on as it was", async () => {
    const world = createWorld();
    const client = await open(world, { sub: "ada", sid: "s1" });
    world.list.apply(logOut("s9"));
    for (const token of [
      world.local.issue({ sub: "eve", sid: "s1" }),
      "a.b.c",
      world.local.issue({ sub: "ada", sid: "s9" }),
    ]) {
      expect(await client.renew(token)).toBe("token_invalid");
    }
    expect(await client.whoAmI()).toBe("ada s1");
  });

  test("an authenticator without a feed is asked again, and its refusal closes the socket", async () => {
    const { verifier, local } = createWorld();
    let live = true;
    const sessions: Authenticator = {
      now: verifier.now,
      authenticate(credentials): Identity | Promise<Identity> {
        if (!live) throw new AccessError("token_invalid");
        return verifier.authenticate(credentials);
      },
    };
    const server: SocketServer = await started(sessions);
    const client = await server.connect(local.issue());
    live = false;
    expect(await client.ended).toEqual(refused);
  });

  test("what cannot be judged any more is closed with 1013, try again later", async () => {
    const { verifier, local } = createWorld();
    let broken = false;
    const server = await started({
      now: verifier.now,
      authenticate: (credentials) =>
        broken ? Promise.reject(new RangeError("broken")) : verifier.authenticate(credentials),
    });
    const client = await server.connect(local.issue());
    broken = true;
    expect(await client.ended).toEqual({ closeCode: 1013, code: "verification_failed" });
  });
});

const upgrade = [
  "Connection: Upgrade",
  "Upgrade: websocket",
  "Sec-WebSocket-Version: 13",
  "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==",
];

describe("ws", () => {
  interface Rig extends World {
    readonly port: number;
    readonly sockets: WebSocketServer;
    /** What was sent to the server. */
    readonly heard: string[];
  }

  async function listen(): Promise<Rig> {
    const world = createWorld();
    const server = createServer();
    const sockets = new WebSocketServer({ noServer: true });
    server.on("upgrade", createGuard(world.verifier).upgrade(sockets));
    const heard: string[] = [];
    sockets.on("connection", (socket) => {
      socket.on("message", (data: Buffer) => heard.push(String(data)));
    });
    await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
    onTestFinished(async () => {
      for (const socket of sockets.clients) socket.terminate();
      server.closeAllConnections();
      await new Promise((resolve) => void server.close(resolve));
    });
    return { ...world, port: (server.address() as AddressInfo).port, sockets, heard };
  }

  function opened(socket: WebSocket): Promise<void> {
    return new Promise((resolve, reject) => {
      socket.once("open", resolve).once("error", reject);
    });
  }

  test("TV-12: a refused handshake gets the answer that a request would", async () => {
    const { port, local } = await listen();
    expect(refusal(await ask(port, { path: "/", lines: upgrade }))).toEqual({
      status: 401,
      challenge: 'Bearer realm="api"',
      code: "credentials_missing",
    });
    const expired = issuerWithKey(local.key, { now: () => secondsFromNow(-700) });
    const line = `Authorization: Bearer ${expired.issue()}`;
    expect(refusal(await ask(port, { path: "/", lines: [...upgrade, line] })).code).toBe("token_invalid");
  });

  test("the Authorization header of a handshake is taken too", async () => {
    const { port, local } = await listen();
    const headers = { authorization: `Bearer ${local.issue()}` };
    const socket = new WebSocket(`ws://127.0.0.1:${port}`, { headers });
    await opened(socket);
    expect(socket.readyState).toBe(WebSocket.OPEN);
  });

  test("the token that came as a subprotocol is never chosen and sent back", async () => {
    const { port, local } = await listen();
    const socket = new WebSocket(`ws://127.0.0.1:${port}`, [`bearer.${local.issue()}`, "talk"]);
    await opened(socket);
    expect(socket.protocol).toBe("talk");
  });

  test("TV-11: two tokens in one handshake are refused, whichever of them is good", async () => {
    const { port, local } = await listen();
    const token = local.issue();
    for (const lines of [
      [`Authorization: Bearer ${token}`, `Sec-WebSocket-Protocol: talk, bearer.${token}`],
      [`Sec-WebSocket-Protocol: bearer.${token}, bearer.x`],
      [`Sec-WebSocket-Protocol: bearer.${token}`, `Sec-WebSocket-Protocol: bearer.${token}`],
    ]) {
      const answer = refusal(await ask(port, { path: "/", lines: [...upgrade, ...lines] }));
      expect(answer.code).toBe("credentials_malformed");
    }
  });

  test("TV-12: a token in the query or a cookie opens nothing", async () => {
    const { port, local } = await listen();
    const token = local.issue();
    for (const [path, line] of [
      [`/?access_token=${token}`, "X-Nothing: here"],
      ["/", `Cookie: access_token=${token}`],
    ] as const) {
      const answer = refusal(await ask(port, { path, lines: [...upgrade, line] }));
      expect(answer.code).toBe("credentials_missing");
    }
  });

  test("TV-14: after a log-out nothing that the peer still sends is heard, and one that does not answer is cut off", async () => {
    const { port, local, list, sockets, heard } = await listen();
    const client = new WebSocket(`ws://127.0.0.1:${port}`, ["talk", `bearer.${local.issue({ sid: "s1" })}`]);
    await opened(client);
    client.send("before");
    await vi.waitFor(() => expect(heard).toEqual(["before"]));
    // A client that reads nothing sees no close and goes on.
    client.pause();
    const [socket] = sockets.clients;
    const closed = new Promise<void>((resolve) => void socket?.once("close", () => resolve()));
    list.apply(logOut("s1"));
    socket?.on("message", (data: Buffer) => heard.push(`late: ${String(data)}`));
    client.send("after");
    await closed;
    expect(heard).toEqual(["before"]);
    client.resume();
  });

  test("a peer that goes away before it is judged ends nothing but itself", async () => {
    const { port, sockets, local } = await listen();
    const clients = Array.from({ length: 20 }, () => {
      const socket = new WebSocket(`ws://127.0.0.1:${port}`, ["talk", `bearer.${local.issue()}`]);
      socket.on("error", () => undefined);
      setImmediate(() => socket.terminate());
      return new Promise((resolve) => void socket.once("close", resolve));
    });
    await Promise.all(clients);
    await vi.waitFor(() => expect(sockets.clients.size).toBe(0));
    const socket = new WebSocket(`ws://127.0.0.1:${port}`, ["talk", `bearer.${local.issue()}`]);
    await opened(socket);
  });

  test("a socket that came through no guard has no identity", () => {
    const guard = createGuard(createWorld().verifier);
    expect(() => guard.identityOf({})).toThrow(AccessError);
  });
});

describe("Socket.IO", () => {
  test("connection state recovery, which skips middleware, is refused when the guard is put up", () => {
    const guard = createGuard(createWorld().verifier);
    const careless = new SocketIoServer({ connectionStateRecovery: {} });
    expect(() => guard.protect(careless)).toThrow(/skipMiddlewares: false/);
    expect(() => guard.protect(careless.of("/admin"))).toThrow(TypeError);
    const careful = new SocketIoServer({ connectionStateRecovery: { skipMiddlewares: false } });
    expect(() => guard.protect(careful)).not.toThrow();
  });
});
