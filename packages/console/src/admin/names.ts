// The addresses of the accounts that the trail names by their ids, asked for once.
import { signal } from "@preact/signals";
import { may } from "../session/permissions.ts";
import { showPerson } from "./admin-calls.ts";

const known = signal<ReadonlyMap<string, string>>(new Map());
const asked = new Set<string>();
/** At a time; the rest comes with the next rows. */
const mostAtOnce = 20;

/** An address, or the beginning of an id that is not known, or gone. */
export function nameOf(id: string): string {
  return known.value.get(id) ?? (id.length === 22 ? `${id.slice(0, 8)}…` : id);
}

export function whoIs(ids: readonly (string | null)[]): void {
  if (!may("users:read")) return;
  const fresh = [...new Set(ids)].filter(
    (id): id is string => id !== null && id.length === 22 && !asked.has(id),
  );
  for (const id of fresh.slice(0, mostAtOnce)) {
    asked.add(id);
    showPerson(id).then(
      ({ email }) => (known.value = new Map(known.value).set(id, email)),
      // The account is gone, and the trail keeps its id.
      () => undefined,
    );
  }
}
