// The script of the pages that the browser's tests open: one client, made as the URL says, and what
// it hears.
import { cookieSession, createClient, memoryStorage, type WebStorageArea, webStorage } from "../src/index.ts";

interface Page {
  readonly location: { readonly href: string };
  readonly localStorage: WebStorageArea;
}

const { location, localStorage } = globalThis as unknown as Page;
const { searchParams, origin } = new URL(location.href);
const storages = {
  memory: memoryStorage,
  local: () => webStorage(localStorage),
  cookie: () => cookieSession(localStorage),
};
const storage = storages[(searchParams.get("storage") ?? "local") as keyof typeof storages]();
/** How far the clock of this page is ahead, so that a test need not wait for a token's end. */
const ahead = { seconds: 0 };
const nowMs = (): number => Date.now() + ahead.seconds * 1000;
const client = createClient({ baseUrl: searchParams.get("api") ?? origin, storage, nowMs });
const heard: unknown[] = [];
client.onChange((change) => heard.push(change));
Object.assign(globalThis, { client, heard, ahead });
