// A new password: every session of the account ends with it, and this client goes on in another.
import type { Client } from "./client.ts";
import type { PasswordRequest } from "./wire.ts";

/**
 * Changes the password of whoever is logged in. All other devices are logged out, and unknown from
 * then on; this one stays logged in, in all its tabs, and known.
 *
 * @throws ApiError `invalid_credentials` (403) for a wrong current password, `password_*`; what
 *   `fetch` throws
 */
export async function changePassword<Login>(
  client: Pick<Client<Login>, "fetch" | "adopt">,
  { currentPassword, newPassword }: { readonly currentPassword: string; readonly newPassword: string },
): Promise<void> {
  const body: PasswordRequest = { current_password: currentPassword, new_password: newPassword };
  const headers = { "content-type": "application/json" };
  await client.adopt(
    await client.fetch("me/password", { method: "PUT", headers, body: JSON.stringify(body) }),
  );
}
