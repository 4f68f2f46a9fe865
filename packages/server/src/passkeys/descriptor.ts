// A passkey as the browser must know it again.
import type { PasskeyDescriptor } from "@countersign/client";
import type { StoredPasskey } from "./store.ts";

export function descriptorOf({ id, transports }: StoredPasskey): PasskeyDescriptor {
  return { type: "public-key", id, transports };
}
