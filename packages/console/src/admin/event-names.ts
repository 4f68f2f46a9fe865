// What the events of the trail are called.
import { t } from "../texts/language.ts";

/** An event as people say it; one that these pages do not know yet, as it is called. */
export function nameEvent(event: string): string {
  return (t.admin.events as Readonly<Record<string, string>>)[event] ?? event.replaceAll("_", " ");
}
