// What all tabs of an origin share, as `localStorage` is, for tests without a browser.
import type { WebStorageArea } from "../src/index.ts";

export function sharedArea(items: Map<string, string> = new Map()): WebStorageArea {
  return {
    getItem: (key) => items.get(key) ?? null,
    setItem: (key, value) => void items.set(key, value),
    removeItem: (key) => void items.delete(key),
  };
}
