// Somebody who is logged in shows a factor, or the password again: for what needs a stronger or a newer login.
import type { Client } from "./client.ts";
import { jsonPost } from "./http.ts";
import { createTurns } from "./turns.ts";
import type { StepUpRequest } from "./wire.ts";

/** One at a time in all tabs, so that none writes an earlier answer over what a later one gave. */
const takeTurn = createTurns("step-up", 45_000);

/**
 * Raises the session of whoever is logged in to what is shown. It stays the same session; from the next renewal on (the
 * next request, with a cookie) whatever was held before is dead. Should the answer be lost, nothing has changed.
 *
 * For a passkey ask `login/passkey/options` for its options, and give what the browser makes of them.
 *
 * @throws ApiError `invalid_credentials` (403), `second_factor_invalid` (403), `second_factor_locked`; what `fetch`
 *   throws
 */
export async function stepUp<Login>(
  client: Pick<Client<Login>, "fetch" | "adopt">,
  shown: StepUpRequest,
): Promise<Login> {
  return takeTurn(async () => client.adopt(await client.fetch("login/step-up", jsonPost(shown))));
}
