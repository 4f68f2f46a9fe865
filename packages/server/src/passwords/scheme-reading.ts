// Other instances, and commands, take in hashes of other schemes: a refusal has to take as long as the dearest of these, too.
import type { PasswordHashing } from "./hashing.ts";
import type { SchemeStore } from "./scheme-store.ts";

export interface SchemeReadingOptions {
  readonly store: SchemeStore;
  readonly hashing: Pick<PasswordHashing, "expect">;
  readonly onError: (error: unknown) => void;
  /** @default 30000 */
  readonly intervalMs?: number | undefined;
}

/** Reads them now and then. Returns the way to stop, which waits for what is under way. */
export async function readSchemes(options: SchemeReadingOptions): Promise<() => Promise<void>> {
  const { store, hashing, onError, intervalMs = 30_000 } = options;
  let reading: Promise<void> | undefined;
  const read = async (): Promise<void> => hashing.expect(await store.all());

  await read();
  const timer = setInterval(() => {
    reading ??= read()
      .catch(onError)
      .finally(() => {
        reading = undefined;
      });
  }, intervalMs).unref();
  return async () => {
    clearInterval(timer);
    await reading;
  };
}
