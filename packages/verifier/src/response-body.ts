// Reads the body of a response by its reader: not every runtime's streams can be iterated.
import type { Deadline } from "./deadline.ts";

/** The chunks of a body as they come; leaving the loop cancels the rest. */
export async function* chunksOf(
  response: Response,
  deadline: Deadline,
): AsyncGenerator<Uint8Array, void, undefined> {
  const reader = response.body?.getReader();
  if (reader === undefined) return;
  try {
    for (;;) {
      const { done, value } = await deadline.race(reader.read());
      if (done) return;
      yield value;
    }
  } finally {
    // Not awaited: of a body that hangs, cancelling may hang too.
    void reader.cancel().catch(() => undefined);
  }
}

export function discardBody(response: Response): void {
  void response.body?.cancel().catch(() => undefined);
}
