// The events of the audit trail as Markdown.
import { type EventMeaning, eventMeanings } from "../../packages/server/src/audit/event-meanings.ts";
import { wrapped } from "../../packages/server/src/cli/option-help.ts";

export function auditEventsPage(): string {
  return `# Audit events

<!-- Generated from packages/server/src/audit/event-meanings.ts: npm run generate -->

Every row of the trail, as \`countersign audit export\` writes it, has \`seq\`, \`at\` (RFC 3339), \`event\`, \`actor_id\`
(who did it, where that is not the account's own person), \`user_id\`, \`sid\`, \`address\` (the network address of the
request) and \`detail\`, a JSON object. None holds a password, a token or a key. People see their own rows at
\`GET /me/activity\`. [Operations](../operations.md#the-audit-trail) says how the trail is proved.

${Object.entries(eventMeanings).map(section).join("\n")}`;
}

function section([name, { meaning, detail = {} }]: readonly [string, EventMeaning]): string {
  const items = Object.entries(detail).map(([member, what]) =>
    wrapped(`- \`${member}\`: ${what}`, 118).join("\n  "),
  );
  return `## \`${name}\`\n\n${meaning}.\n${items.length > 0 ? `\n${items.join("\n")}\n` : ""}`;
}
