// An instance of its own: renews what its parent sends it, and tells what came of it.
import { StoreError } from "../../src/database/errors.ts";
import { openStore } from "../database/store.ts";

const [url = "", graceSeconds = ""] = process.argv.slice(2);
const store = await openStore({ url, sessions: { graceSeconds: Number(graceSeconds) } });

process.on("message", (presented: { sid: string; generation: number }) => {
  void store.sessions.renew(presented).then(
    ({ outcome }) => process.send?.({ sid: presented.sid, answer: outcome }),
    (error: unknown) =>
      process.send?.({
        sid: presented.sid,
        answer: error instanceof StoreError ? error.code : String(error),
      }),
  );
});
process.send?.("ready");
