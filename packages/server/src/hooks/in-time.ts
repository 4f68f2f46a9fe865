// Calls of functions that an app has given us: each has an end.

/** A renewal that is decided later than 2.5 s after it came is refused; this leaves time for the rest. */
export const appTimeLimitMs = 1000;

/** @throws TypeError where `work` takes longer than `limitMs`; its signal then says so. And what `work` throws */
export async function inTime<Result>(
  what: string,
  limitMs: number,
  work: (signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  const controller = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const end = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new TypeError(`${what} took longer than ${limitMs} ms`)), limitMs);
  });
  try {
    return await Promise.race([work(controller.signal), end]);
  } finally {
    clearTimeout(timer);
    controller.abort();
  }
}
