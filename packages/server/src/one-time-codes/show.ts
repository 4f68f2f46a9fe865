// Showing what was mailed: looked up before anything is hashed, and wrong ones are counted at their source.
import type { Origin } from "../database/audit-event.ts";
import type { Throttling } from "../throttling/throttling.ts";
import type { OneTimeCodes, Presented, RightCode } from "./one-time-codes.ts";
import type { CodePurpose } from "./store.ts";

/** @throws ServiceError `code_invalid`, `too_many_attempts` */
export type ShowCode = (
  presented: Presented,
  purposes: readonly CodePurpose[],
  origin: Origin,
) => Promise<RightCode>;

/** Where `work` fails, the code was not used after all. */
export async function orSpare<Result>(
  { spare }: Pick<RightCode, "spare">,
  work: () => Promise<Result>,
): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    await spare();
    throw error;
  }
}

export function createShowCode(
  codes: Pick<OneTimeCodes, "find">,
  throttling: Pick<Throttling, "code">,
): ShowCode {
  return (presented, purposes, origin) => throttling.code(origin, () => codes.find(presented, purposes));
}
