// The address of an account: confirmed with what was mailed to it, changed, and had back.
import type { Client } from "./client.ts";
import { jsonPost, refuseFailure, succeed } from "./http.ts";
import { httpOf, type ServerOptions } from "./server-options.ts";
import type {
  EmailChangeRequest,
  MailedLink,
  MailedSecret,
  MailRequest,
  VerifyRequest,
  VerifyResponse,
} from "./wire.ts";

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

/**
 * Has the new address asked to confirm. The account has it once `verifyEmail` was given what is mailed there.
 *
 * @throws ApiError `email_invalid`, `invalid_credentials` (403), `authentication_too_old` without a password; what
 *   `fetch` throws
 */
export async function changeEmail(
  client: Pick<Client<unknown>, "fetch">,
  { newEmail, currentPassword }: { readonly newEmail: string; readonly currentPassword?: string },
): Promise<void> {
  const body: EmailChangeRequest = {
    new_email: newEmail,
    ...(currentPassword === undefined ? {} : { current_password: currentPassword }),
  };
  await refuseFailure(await client.fetch("me/email", jsonPost(body)));
}

/**
 * Gives the account its earlier address back, with the token of the mail that told it of the change. All sessions end,
 * and a mail leads to a new password.
 *
 * @throws ApiError `code_invalid`, `too_many_attempts`; NetworkError
 */
export async function undoEmailChange(server: ServerOptions, token: string): Promise<void> {
  const body: MailedLink = { token };
  await refuseFailure(await httpOf(server)("email/undo", jsonPost(body)));
}
