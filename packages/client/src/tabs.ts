// How clients that share a storage hear of each other: they say that something changed, and
// everybody looks.

interface Page {
  addEventListener?(type: string, listener: () => void): void;
  removeEventListener?(type: string, listener: () => void): void;
}

/**
 * `storage` comes once the change of another tab can be read, which may be a moment after the message;
 * the others when a page wakes that may have missed both.
 */
const reasonsToLook = ["storage", "pageshow", "visibilitychange"];

interface Channel {
  addEventListener(type: string, listener: () => void): void;
  postMessage(message: null): void;
  close(): void;
  unref?(): void;
}

function openChannel(name: string | null): Channel | undefined {
  if (name === null || typeof BroadcastChannel === "undefined") return undefined;
  return new BroadcastChannel(`countersign ${name}`);
}

/**
 * Calls `look` whenever another client of that name may have changed something. Returns what ends
 * that.
 */
export function listenToTabs(name: string | null, look: () => void): () => void {
  const page = globalThis as Page;
  const channel = openChannel(name);
  channel?.addEventListener("message", look);
  // In Node it would keep the process alive.
  channel?.unref?.();
  for (const type of reasonsToLook) page.addEventListener?.(type, look);
  return () => {
    channel?.close();
    for (const type of reasonsToLook) page.removeEventListener?.(type, look);
  };
}

/** The message says nothing: what counts is what the storage holds. */
export function tellTabs(name: string | null): void {
  const channel = openChannel(name);
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- channels have none
  channel?.postMessage(null);
  channel?.close();
}
