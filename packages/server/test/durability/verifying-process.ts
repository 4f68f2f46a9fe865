// A service that verifies tokens by `@countersign/verifier` of one release or the other, and says how it judged each.
// Its arguments: the file of that package, and the options as JSON.
import type { AccessVerifier, AccessVerifierOptions } from "@countersign/verifier";

/** What it is asked: a token. What it answers: `accepted`, or why not. */
export type Judgement = string;

const [, , file = "", options = "{}"] = process.argv;
const { createAccessVerifier } = (await import(file)) as {
  readonly createAccessVerifier: (options: AccessVerifierOptions) => AccessVerifier;
};
const verifier = createAccessVerifier(JSON.parse(options) as AccessVerifierOptions);
await verifier.ready();
while (!verifier.status().revocations.connected) await new Promise((resolve) => setTimeout(resolve, 10));

process.on("message", (token: string) => void judge(token).then((judgement) => process.send?.(judgement)));
process.on("disconnect", () => process.exit());
process.send?.("ready" satisfies Judgement);

async function judge(token: string): Promise<Judgement> {
  try {
    await verifier.authenticate(`Bearer ${token}`);
    return "accepted";
  } catch (error) {
    const { reason, code } = error as { readonly reason?: string; readonly code?: string };
    return reason ?? code ?? String(error);
  }
}
