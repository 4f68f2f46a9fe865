// What an owner asks of the server about their account, as promises that fail with the client's errors.
import {
  ApiError,
  NotLoggedInError,
  type ProblemResponse,
  type SessionResponse,
  type UserResponse,
} from "@countersign/client";
import { changePassword as setPassword } from "@countersign/client/password";
import { client, forget, me } from "../session/session.ts";
import { say } from "../shell/toast.tsx";
import { t } from "../texts/language.ts";

const json = { "content-type": "application/json" };

export async function rename(name: string | null): Promise<UserResponse> {
  const response = await send("me", { method: "PATCH", headers: json, body: JSON.stringify({ name }) });
  return (await response.json()) as UserResponse;
}

/** Every other device is logged out with it; these pages go on. */
export async function changePassword(currentPassword: string, newPassword: string): Promise<void> {
  await whileLoggedIn(() => setPassword(client, { currentPassword, newPassword }));
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

async function send(path: string, init?: RequestInit): Promise<Response> {
  return whileLoggedIn(async () => {
    const response = await client.fetch(path, init);
    if (response.ok) return response;
    throw new ApiError(
      response.status,
      (await response.json().catch(() => ({}))) as Partial<ProblemResponse>,
    );
  });
}

/** Where the session of these pages has ended meanwhile, whoever is there is told so, and is a stranger from then on. */
async function whileLoggedIn<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
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
