/** A client of the least that there can be: one plain socket, one request at a time. */
import { connect, type Socket } from "node:net";

interface Asker {
  readonly resolve: (answer: string) => void;
  readonly reject: (error: TypeError) => void;
}

export class Connection {
  readonly #socket: Socket;
  #received = "";
  #asker: Asker | undefined;

  /** `source` is the address of this machine that the request seems to come from. */
  constructor(port: number, source?: string) {
    const from = source === undefined ? {} : { localAddress: source };
    this.#socket = connect({ host: "127.0.0.1", port, ...from });
    this.#socket.setNoDelay(true);
    this.#socket.on("data", (chunk) => this.#take(chunk));
    this.#socket.on("error", () => this.#break());
    this.#socket.on("close", () => this.#break());
  }

  get isOpen(): boolean {
    return !this.#socket.destroyed;
  }

  /**
   * Sends a request as the text that goes over the wire; answers the whole answer in the same form.
   *
   * @throws TypeError if the server closes the connection first
   */
  ask(request: string): Promise<string> {
    return new Promise((resolve, reject) => {
      this.#asker = { resolve, reject };
      if (!this.isOpen) this.#break();
      else this.#socket.write(request, "latin1");
    });
  }

  close(): void {
    this.#socket.destroy();
  }

  #take(chunk: Buffer): void {
    this.#received =
      this.#received === "" ? chunk.toString("latin1") : this.#received + chunk.toString("latin1");
    if (!isWhole(this.#received)) return;
    const answer = this.#received;
    const asker = this.#asker;
    this.#received = "";
    this.#asker = undefined;
    asker?.resolve(answer);
  }

  #break(): void {
    const asker = this.#asker;
    this.#asker = undefined;
    asker?.reject(new TypeError("the server closed the connection"));
  }
}

export function statusOf(answer: string): number {
  return Number(answer.slice("HTTP/1.1 ".length, "HTTP/1.1 200".length));
}

/** Of an answer that came in one piece. */
export function bodyOf(answer: string): string {
  return answer.slice(answer.indexOf("\r\n\r\n") + 4);
}

function isWhole(text: string): boolean {
  const headerEnd = text.indexOf("\r\n\r\n");
  if (headerEnd === -1) return false;
  const length = /\r\ncontent-length: (\d+)/i.exec(text)?.[1];
  return length === undefined
    ? text.endsWith("\r\n0\r\n\r\n")
    : text.length >= headerEnd + 4 + Number(length);
}
