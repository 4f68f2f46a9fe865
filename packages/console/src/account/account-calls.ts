// What an owner asks of the server about their account, as promises that fail with the client's errors.
import {
  ApiError,
  NotLoggedInError,
  type ProblemResponse,
  type SessionResponse,
  type UserResponse,
} from "@countersign/client";
import { client, forget, logIn, me } from "../session/session.ts";
import { say } from "../shell/toast.tsx";
import { t } from "../texts/language.ts";

const json = { "content-type": "application/json" };

export async function rename(name: string | null): Promise<UserResponse> {
  const response = await send("me", { method: "PATCH", headers: json, body: JSON.stringify({ name }) });
  return (await response.json()) as UserResponse;
}

/** All tokens from before are dead with it, these pages' too: they log in again, as nobody else can. */
export async function changePassword(currentPassword: string, newPassword: string): Promise<void> {
  const body = JSON.stringify({ current_password: currentPassword, new_password: newPassword });
  const email = me.value?.email;
  await send("me/password", { method: "PUT", headers: json, body });
  if (email !== undefined) await logIn({ email, password: newPassword });
}

export async function deleteAccount(currentPassword: string): Promise<void> {
  await send("me", {
    method: "DELETE",
    headers: json,
    body: JSON.stringify({ current_password: currentPassword }),
  });
}

export async function listSessions(): Promise<readonly SessionResponse[]> {
  const { sessions } = (await (await send("me/sessions")).json()) as {
    readonly sessions: readonly SessionResponse[];
  };
  return sessions;
}

export async function endSession(id: string): Promise<void> {
  await send(`me/sessions/${id}`, { method: "DELETE" });
}

/** Where the session of these pages has ended meanwhile, whoever is there is told so, and is a stranger from then on. */
async function send(path: string, init?: RequestInit): Promise<Response> {
  try {
    const response = await client.fetch(path, init);
    if (response.ok) return response;
    throw new ApiError(
      response.status,
      (await response.json().catch(() => ({}))) as Partial<ProblemResponse>,
    );
  } catch (error) {
    if (isOver(error) && me.value !== null) {
      await forget();
      say(t.sessions.endedElsewhere);
    }
    throw error;
  }
}

/** A wrong password is a 401 as well, and ends nothing. */
function isOver(error: unknown): boolean {
  if (error instanceof ApiError) return error.status === 401 && error.code !== "invalid_credentials";
  return error instanceof NotLoggedInError;
}
