// What administrators ask of the server.
import type {
  AdminAccount,
  AdminAccountRequest,
  AdminAccountsResponse,
  AdminFollowersResponse,
  AdminStatisticsResponse,
  AdminKeysResponse,
  AuditEntry,
  AuditResponse,
  SessionResponse,
  SessionsResponse,
  UnlockResponse,
} from "@countersign/client";
import { change, command, read } from "../session/requests.ts";

export interface PeoplePage {
  readonly people: readonly AdminAccount[];
  readonly next: string | null;
}

const pageSize = 30;
/** A page may be empty and yet not be the last one. */
const mostRounds = 5;

/** Whose address holds the text, or everybody, newest first; by their id, too. */
export async function findPeople(
  text: string,
  from: string | null,
  signal: AbortSignal,
): Promise<PeoplePage> {
  if (/^[A-Za-z0-9_-]{22}$/.test(text)) {
    const person = await showPerson(text).catch(() => undefined);
    if (person !== undefined) return { people: [person], next: null };
  }
  const people: AdminAccount[] = [];
  let next = from;
  for (let round = 0; round < mostRounds; round += 1) {
    const query = new URLSearchParams({ limit: String(pageSize - people.length) });
    if (text !== "") query.set("email_part", text);
    if (next !== null) query.set("cursor", next);
    const page = await read<AdminAccountsResponse>(`admin/accounts?${query.toString()}`, signal);
    people.push(...page.accounts);
    next = page.next_cursor;
    if (next === null || people.length >= pageSize) break;
  }
  return { people, next };
}

export function makePerson(request: AdminAccountRequest): Promise<AdminAccount> {
  return change("POST", "admin/accounts", request);
}

export function showPerson(id: string): Promise<AdminAccount> {
  return read(`admin/accounts/${id}`);
}

export async function deletePerson(id: string): Promise<void> {
  await command("DELETE", `admin/accounts/${id}`);
}

export function setStanding(id: string, verb: "disable" | "enable"): Promise<AdminAccount> {
  return change("POST", `admin/accounts/${id}/${verb}`);
}

export function setRoles(id: string, roles: readonly string[]): Promise<AdminAccount> {
  return change("PUT", `admin/accounts/${id}/roles`, { roles });
}

/** How many wrong passwords in a row were forgotten. */
export async function unlock(id: string): Promise<number> {
  return (await change<UnlockResponse>("POST", `admin/accounts/${id}/unlock`)).guesses_in_a_row;
}

export async function sendReset(id: string): Promise<void> {
  await command("POST", `admin/accounts/${id}/reset`);
}

export async function listSessionsOf(id: string): Promise<readonly SessionResponse[]> {
  return (await read<SessionsResponse>(`admin/accounts/${id}/sessions`)).sessions;
}

export async function endSessionOf(id: string, sid: string): Promise<void> {
  await command("DELETE", `admin/accounts/${id}/sessions/${sid}`);
}

export async function endSessionsOf(id: string): Promise<void> {
  await command("DELETE", `admin/accounts/${id}/sessions`);
}

export function listKeys(): Promise<AdminKeysResponse> {
  return read("admin/keys");
}

export function rotateKeys(): Promise<AdminKeysResponse> {
  return change("POST", "admin/keys/rotate");
}

/** Those that have been behind the longest first. */
export function listFollowers(signal: AbortSignal): Promise<AdminFollowersResponse> {
  return read("admin/followers", signal);
}

export function readStatistics(signal: AbortSignal): Promise<AdminStatisticsResponse> {
  return read("admin/statistics", signal);
}

export interface TrailQuery {
  readonly account?: string | undefined;
  readonly before?: number | undefined;
  readonly limit?: number;
}

/** Newest first. */
export async function listTrail({ account, before, limit = 50 }: TrailQuery): Promise<readonly AuditEntry[]> {
  const query = new URLSearchParams({ limit: String(limit) });
  if (account !== undefined) query.set("account", account);
  if (before !== undefined) query.set("before", String(before));
  return (await read<AuditResponse>(`admin/audit?${query.toString()}`)).entries;
}
