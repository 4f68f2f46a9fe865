// Where a client keeps its refresh token.

/**
 * A place for one refresh token. What it holds renews a session for weeks, so whoever can read it is logged in: the
 * README says who that is for each place.
 */
export interface TokenStorage {
  /**
   * Clients whose storages have one name share what is in them, as the tabs of a browser do, and take turns to renew.
   * `null`: nobody else has it.
   */
  readonly name: string | null;
  readonly read: () => string | null | Promise<string | null>;
  readonly write: (token: string) => void | Promise<void>;
  readonly remove: () => void | Promise<void>;
}

/** For one client alone, and gone with it. */
export function memoryStorage(): TokenStorage {
  let held: string | null = null;
  return {
    name: null,
    read: () => held,
    write(token) {
      held = token;
    },
    remove() {
      held = null;
    },
  };
}

/** What is used of `localStorage` and `sessionStorage`. */
export interface WebStorageArea {
  getItem(key: string): string | null;
  setItem(key: string, value: string): void;
  removeItem(key: string): void;
}

/** `localStorage` or `sessionStorage`. Two clients for two servers need two names. */
export function webStorage(area: WebStorageArea, name = "countersign.refresh_token"): TokenStorage {
  return {
    name,
    read: () => area.getItem(name),
    write: (token) => area.setItem(name, token),
    remove: () => area.removeItem(name),
  };
}
