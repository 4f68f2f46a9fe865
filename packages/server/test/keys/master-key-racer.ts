// One of many processes that start at once: says that it is ready, waits for a line, opens the master key, prints a derived key.
import { once } from "node:events";
import { openMasterKey } from "../../src/keys/master-key.ts";

const dataDir = process.argv[2] ?? "";
process.stdout.write("ready\n");
await once(process.stdin, "data");
const masterKey = await openMasterKey({
  dataDir,
  store: { readCanary: () => Promise.resolve(undefined), placeCanary: (sealed) => Promise.resolve(sealed) },
});
process.stdout.write(masterKey.derive("refresh-token").export().toString("hex") + "\n");
process.exit(0);
