// A process that opens a store, makes one account, says so, and holds the store until it is killed.
import { openStore } from "./store.ts";

const store = await openStore({ url: process.argv[2] ?? "" });
await store.accounts.create({
  email: "holder@example.test",
  emailKey: "holder@example.test",
  name: null,
  passwordHash: "hash",
  roles: [],
});
process.stdout.write("holding\n");
setInterval(() => {}, 60_000);
