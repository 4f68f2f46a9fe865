// Confirming the address of an account with what was mailed to it.
import type { Client } from "./client.ts";
import { jsonPost, refuseFailure, succeed } from "./http.ts";
import { httpOf, type ServerOptions } from "./server-options.ts";
import type { MailedSecret, MailRequest, VerifyRequest, VerifyResponse } from "./wire.ts";

/**
 * Has the mail sent again. It resolves alike whether or not the address has an account to confirm.
 *
 * @throws ApiError `email_invalid`, `mail_off`, `too_many_attempts`; NetworkError
 */
export async function requestEmailVerification(server: ServerOptions, email: string): Promise<void> {
  const body: MailRequest = { email };
  await refuseFailure(await httpOf(server)("email/verification", jsonPost(body)));
}

/**
 * Confirms the address with the token of the mail's link, or with the address and the code.
 *
 * Give a client that is logged in to the account, or the account's password: with neither nothing shows that whoever
 * signed up was the owner of the address, so the account loses its password, and a mail leads to a new one.
 *
 * @returns whether that happened
 * @throws ApiError `code_invalid`, `invalid_credentials`, `too_many_attempts`; what `fetch` throws
 */
export async function verifyEmail(
  server: ServerOptions | Pick<Client<unknown>, "fetch">,
  { password, ...secret }: MailedSecret & { readonly password?: string },
): Promise<boolean> {
  const body: VerifyRequest = { ...secret, ...(password === undefined ? {} : { password }) };
  const ask = "baseUrl" in server ? httpOf(server) : server.fetch;
  const reply = await succeed<VerifyResponse>(await ask("email/verify", jsonPost(body)));
  return reply.password_voided === true;
}
