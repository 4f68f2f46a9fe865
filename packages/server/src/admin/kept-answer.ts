// An answer that is dear to make: of many who ask at once one answer is for all, and it holds for a while.

/** @param nowMs milliseconds of any clock */
export function keptFor<Answer>(
  keptMs: number,
  make: () => Promise<Answer>,
  nowMs: () => number = () => performance.now(),
): () => Promise<Answer> {
  let making: Promise<Answer> | undefined;
  let kept: { readonly answer: Answer; readonly untilMs: number } | undefined;

  async function makeAndKeep(): Promise<Answer> {
    const answer = await make();
    kept = { answer, untilMs: nowMs() + keptMs };
    return answer;
  }

  return async () => {
    if (kept !== undefined && nowMs() < kept.untilMs) return kept.answer;
    making ??= makeAndKeep().finally(() => {
      making = undefined;
    });
    return making;
  };
}
