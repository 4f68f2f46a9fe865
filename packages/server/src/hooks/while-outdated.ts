// What an app's function makes of an account, and what then holds only for that account as it was.
import { ServiceError } from "../errors.ts";

const attempts = 4;

/**
 * Tries again where the account changed between what was made of it and the statement, which then changed nothing.
 *
 * @throws ServiceError `unavailable`
 */
export async function whileOutdated<Result>(attempt: () => Promise<Result | "outdated">): Promise<Result> {
  for (let count = 0; count < attempts; count += 1) {
    const result = await attempt();
    if (result !== "outdated") return result;
  }
  throw new ServiceError("unavailable", {
    detail: "The account is being changed by too many requests at once.",
  });
}
