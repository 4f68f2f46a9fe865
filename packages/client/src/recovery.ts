// A forgotten password: a mail, and what was in it for a new password. And a login that was somebody else's.
// Nobody is logged in by any of it.
import { jsonPost, refuseFailure, succeed } from "./http.ts";
import { httpOf, type ServerOptions } from "./server-options.ts";
import type {
  MailedLink,
  MailedSecret,
  MailRequest,
  PasswordResetRequest,
  PasswordResetResponse,
} from "./wire.ts";

/**
 * Has a mail sent that leads to a new password. It resolves alike whether or not the address has an account.
 *
 * @throws ApiError `email_invalid`, `mail_off`, `too_many_attempts`; NetworkError
 */
export async function requestPasswordReset(server: ServerOptions, email: string): Promise<void> {
  const body: MailRequest = { email };
  await refuseFailure(await httpOf(server)("password/forgotten", jsonPost(body)));
}

/**
 * Sets a new password with the token of the mail's link, or with the address and the code. Every session of the
 * account ends; log in afterwards.
 *
 * @returns a device token, by which the next login is one of a known device
 * @throws ApiError `code_invalid`, `too_many_attempts`; `password_*`, which leaves link and code as they were
 */
export async function resetPassword(
  server: ServerOptions,
  { newPassword, ...secret }: MailedSecret & { readonly newPassword: string },
): Promise<string> {
  const body: PasswordResetRequest = { ...secret, new_password: newPassword };
  const reply = await succeed<PasswordResetResponse>(await httpOf(server)("password/reset", jsonPost(body)));
  return reply.device_token ?? "";
}

/**
 * Says with the token of the mail that told of a login that it was somebody else's: that session ends, no device is
 * known any more, and a mail leads to a new password.
 *
 * @throws ApiError `code_invalid`, `too_many_attempts`; NetworkError
 */
export async function disownLogin(server: ServerOptions, token: string): Promise<void> {
  const body: MailedLink = { token };
  await refuseFailure(await httpOf(server)("login/disown", jsonPost(body)));
}
