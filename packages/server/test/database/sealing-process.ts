// An instance of its own that leaves an event and a revocation, begins to number what waits, and is then stopped by the
// signal that it is given: in the middle of the transaction, which by then has taken the rows out of the outbox.
import type { AuditSeal } from "../../src/database/audit-seal.ts";
import { openStore } from "./store.ts";

const [url = "", signal = ""] = process.argv.slice(2);
const store = await openStore({ url });

/** A seal of any key: the end is looked at once the rows are written, and before the transaction ends. */
const stopping: AuditSeal = {
  make: () => "",
  isOf() {
    process.send?.("sealing");
    process.kill(process.pid, signal);
    return false;
  },
};

await store.database.change(async ({ record }) =>
  record({ event: "login_failed", detail: { name: "its own" } }),
);
store.audit.sealWith(stopping);
process.on("message", () => void store.database.seal());
process.send?.("ready");
