// What an owner asks of the server about their account.
import type {
  FactorsResponse,
  RecoveryCodesResponse,
  SessionResponse,
  TotpResponse,
  UserResponse,
} from "@countersign/client";
import { changePassword as setPassword } from "@countersign/client/password";
import { change, command, read, whileLoggedIn } from "../session/requests.ts";
import { client } from "../session/session.ts";

export function rename(name: string | null): Promise<UserResponse> {
  return change("PATCH", "me", { name });
}

/** Every other device is logged out with it; these pages go on. */
export async function changePassword(currentPassword: string, newPassword: string): Promise<void> {
  await whileLoggedIn(() => setPassword(client, { currentPassword, newPassword }));
}

export async function deleteAccount(currentPassword: string): Promise<void> {
  await command("DELETE", "me", { current_password: currentPassword });
}

export async function listSessions(): Promise<readonly SessionResponse[]> {
  const { sessions } = await read<{ readonly sessions: readonly SessionResponse[] }>("me/sessions");
  return sessions;
}

export async function endSession(id: string): Promise<void> {
  await command("DELETE", `me/sessions/${id}`);
}

export function listFactors(): Promise<FactorsResponse> {
  return read("me/factors");
}

/** A secret that counts once `confirmTotp` had a code of it. */
export function beginTotp(): Promise<TotpResponse> {
  return change("POST", "me/totp", {});
}

/** The recovery codes that come with the first factor; none where the account has some already. */
export async function confirmTotp(code: string): Promise<readonly string[] | undefined> {
  return (await change<RecoveryCodesResponse>("POST", "me/totp/confirm", { code })).recovery_codes;
}

export async function removeTotp(): Promise<void> {
  await command("DELETE", "me/totp", {});
}

export async function renewRecoveryCodes(): Promise<readonly string[]> {
  return (await change<RecoveryCodesResponse>("POST", "me/recovery-codes", {})).recovery_codes ?? [];
}
