/** The load, in a process of its own: `GET /posts` with tokens of one kind, to one server after another. */
import { createSigner, importPem, secretKey, type Signer } from "@countersign/token";
import { randomBytes } from "node:crypto";
import { answerQuestions } from "../answering-process.ts";
import { SteadyLoad } from "../steady-load.ts";
import type { TokenKind } from "./cases.ts";
import type { Trust } from "./trust.ts";

export interface LoadOrder {
  readonly tokens: TokenKind;
  readonly token: string | undefined;
  readonly trust: Trust;
  readonly connections: number;
  /** The longest that one server is asked between two questions `prepare`. */
  readonly longestMs: number;
}

const recurringTokens = 500;
/** More than any server here answers requests, so that no fresh token is sent to it twice. */
const freshTokensPerSecond = { "fresh HS256": 80_000, "fresh ES256": 20_000 };

answerQuestions<null>(async (order: LoadOrder) => {
  const makeRequests = requestsOf(order);
  const { connections } = order;
  let requests: readonly string[] = [];
  let load: SteadyLoad | undefined;
  return {
    started: null,
    answers: {
      /** What all servers are sent from now on. */
      prepare() {
        requests = makeRequests();
      },
      /** Connects, and works until the server is warm again. */
      async open({ port, warmUpMs }: { readonly port: number; readonly warmUpMs: number }) {
        load = new SteadyLoad({ ports: [port], requests, connections, staysAwake: true });
        await load.run(warmUpMs);
      },
      run: (forMs: number) => load?.run(forMs),
      close: () => load?.close(),
    },
  };
});

/** Makes requests as the text that goes over the wire; the same again, unless the tokens are to be fresh. */
function requestsOf({ tokens, token, trust, longestMs }: LoadOrder): () => string[] {
  const head = "GET /posts HTTP/1.1\r\nHost: 127.0.0.1\r\n";
  const withToken = (text: string): string => `${head}Authorization: Bearer ${text}\r\n\r\n`;
  if (tokens === "of the server") return () => [withToken(token ?? "")];
  const { issuer, audience } = trust;
  const key =
    tokens === "fresh ES256"
      ? importPem("ES256", trust.privatePem)
      : secretKey("HS256", Buffer.from(trust.secret, "base64url"));
  const sign = createSigner({ key, type: "at+jwt", issuer, audience, lifetimeSeconds: 3600 });
  const make = (count: number): string[] => Array.from({ length: count }, () => withToken(makeToken(sign)));
  if (tokens === "recurring HS256") {
    const recurring = make(recurringTokens);
    return () => recurring;
  }
  return () => make(Math.ceil((freshTokensPerSecond[tokens] * longestMs) / 1000));
}

/** The claims of a real access token: about 370 bytes on the wire. */
function makeToken(sign: Signer): string {
  const id = (): string => randomBytes(16).toString("base64url");
  const authTime = Math.floor(Date.now() / 1000);
  return sign({
    sub: id(),
    jti: id(),
    sid: id(),
    client_id: "first-party",
    auth_time: authTime,
    amr: ["pwd"],
    roles: ["user"],
  });
}
