// A crowd that follows the revocation feed, as little of it as there can be: the machine that is measured carries it, too.
import { connect } from "node:net";
import { onTestFinished } from "vitest";

export interface CrowdMember {
  /** Milliseconds since the epoch at which each session's end arrived, by its id. */
  readonly heardAtMs: ReadonlyMap<string, number>;
  readonly isFollowing: () => boolean;
}

/** Joins from an address of its own, as a service on a machine of its own would. */
export function follow(
  { hostname, port }: URL,
  { authorization, localAddress }: { readonly authorization: string; readonly localAddress: string },
): CrowdMember {
  const socket = connect({ host: hostname, port: Number(port), localAddress });
  onTestFinished(() => void socket.destroy());
  const heardAtMs = new Map<string, number>();
  let [hasHeard, hasLeft] = [false, false];
  let rest = "";
  socket.write(
    `GET /revocations HTTP/1.1\r\nhost: ${hostname}\r\naccept: text/event-stream\r\nauthorization: ${authorization}\r\n\r\n`,
  );
  socket.on("data", (chunk: Buffer) => {
    const text = rest + chunk.toString("latin1");
    const end = text.lastIndexOf("\n\n") + 2;
    rest = text.slice(end);
    for (const [, sid = ""] of text.slice(0, end).matchAll(/event: revocation\ndata: \{"sid":"([^"]+)"/g))
      if (!heardAtMs.has(sid)) heardAtMs.set(sid, Date.now());
    hasHeard ||= text.includes("event: heartbeat");
  });
  socket.on("error", () => undefined);
  socket.on("close", () => {
    hasLeft = true;
  });
  return { heardAtMs, isFollowing: () => hasHeard && !hasLeft };
}
