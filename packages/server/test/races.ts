// Many at once, of whom one may have it.
import type { LightMyRequestResponse } from "fastify";

/** How many answers had which status. Whoever is told that the server is busy asks again, as a client does. */
export async function raceOf(
  count: number,
  ask: (index: number) => Promise<LightMyRequestResponse>,
  hear: (answer: LightMyRequestResponse) => void = () => undefined,
): Promise<Record<number, number>> {
  const counts: Record<number, number> = {};
  await Promise.all(
    Array.from({ length: count }, async (_, index) => {
      let answer = await ask(index);
      while (answer.statusCode === 503) answer = await ask(index);
      counts[answer.statusCode] = (counts[answer.statusCode] ?? 0) + 1;
      hear(answer);
    }),
  );
  return counts;
}
