/** The part that all servers share: they are told whom to trust, say where they listen, and report their CPU time. */
import { answerQuestions } from "../../answering-process.ts";
import type { Trust } from "../trust.ts";

export interface ServerOrder {
  readonly trust: Trust;
  readonly variant: string;
}

export interface Started {
  readonly port: number;
  /** The token to send, where the server gives out its own. */
  readonly token?: string;
}

/** Runs a server in a process that `startForked()` started; ends with its parent. */
export function serve(start: (trust: Trust, variant: string) => Promise<Started>): void {
  answerQuestions<Started>(async ({ trust, variant }: ServerOrder) => ({
    started: await start(trust, variant),
  }));
}
