// Where a client keeps its login: three places, each with what it costs.

/**
 * A place for what a client keeps: its login, under the key `login`, and for each account a device
 * token, under a key that begins with `device.`. The login renews a session for weeks, so whoever
 * can read it is logged in.
 */
export interface ClientStorage {
  /**
   * Clients whose storages have one name share what is in them, as the tabs of a browser do, and
   * take turns to renew. `null`: nobody else has it.
   */
  readonly name: string | null;
  readonly read: (key: string) => string | null | Promise<string | null>;
  readonly write: (key: string, value: string) => void | Promise<void>;
  readonly remove: (key: string) => void | Promise<void>;
}

/** A storage that holds no secret, as the browser keeps a session cookie. */
export interface CookieSession extends ClientStorage {
  readonly cookie: true;
}

/**
 * In memory: for one client alone, and gone with it.
 *
 * The safest against scripts that get into the page: they can act while it is open, and carry
 * nothing away that lasts. A reload logs out, and each tab logs in by itself. It suits Node, and
 * pages where little time is spent.
 */
export function memoryStorage(): ClientStorage {
  const items = new Map<string, string>();
  return {
    name: null,
    read: (key) => items.get(key) ?? null,
    write: (key, value) => void items.set(key, value),
    remove: (key) => void items.delete(key),
  };
}

/** What is used of `localStorage` and `sessionStorage`. */
export interface WebStorageArea {
  getItem(key: string): string | null;
  setItem(key: string, value: string): void;
  removeItem(key: string): void;
}

/**
 * In `localStorage`, which all tabs share and which outlives the browser, or in `sessionStorage`,
 * which is one tab's.
 *
 * Works with an API on any origin. Every script of the page's origin can read the refresh token, an
 * injected one too, and use it elsewhere until somebody logs out; the server notices when both go
 * on using it. Give the page a strict Content-Security-Policy. Two clients for two servers need two
 * names.
 */
export function webStorage(area: WebStorageArea, name = "countersign"): ClientStorage {
  return {
    name,
    read: (key) => area.getItem(`${name}.${key}`),
    write: (key, value) => area.setItem(`${name}.${key}`, value),
    remove: (key) => area.removeItem(`${name}.${key}`),
  };
}

/**
 * In a session cookie that no script can read; `area` (`localStorage`) holds the account's id
 * alone, by which tabs notice that another account has logged in.
 *
 * An injected script can act while the page is open, and carries nothing away. The price: the API
 * must be of the same site as the page (`app.example.com` and `auth.example.com` are), its server
 * must allow the page's origin, each request asks the server's session store, there is no access
 * token for other APIs, and a log-out without a network leaves the cookie in the browser, unused.
 */
export function cookieSession(area: WebStorageArea, name = "countersign.cookie"): CookieSession {
  return { ...webStorage(area, name), cookie: true };
}
