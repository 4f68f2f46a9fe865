// Rows of the trail; Enter opens one, and what stands in it is shown as it came.
import type { AuditEntry } from "@countersign/client";
import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect } from "preact/hooks";
import { CopyButton } from "../components/copy-button.tsx";
import { nowSeconds } from "../session/clock.ts";
import { may } from "../session/permissions.ts";
import { paths } from "../shell/paths.ts";
import { count, dateTime } from "../texts/format.ts";
import { t } from "../texts/language.ts";
import { nameEvent } from "./event-names.ts";
import { nameOf, whoIs } from "./names.ts";
import "../components/list.css";

const texts = t.admin.trail;

export function TrailTable(props: {
  readonly entries: readonly AuditEntry[];
  /** Rows with a larger number are new. */
  readonly seenUpTo: number;
}): JSX.Element {
  const { entries, seenUpTo } = props;
  const { columns } = texts;
  useEffect(() => whoIs(entries.flatMap(({ user_id: user, actor_id: actor }) => [user, actor])), [entries]);
  return (
    <table class="list trail">
      <thead>
        <tr>
          <th scope="col">{columns.event}</th>
          <th scope="col">{columns.seq}</th>
          <th scope="col">{columns.at}</th>
          <th scope="col">{columns.who}</th>
          <th scope="col">{columns.address}</th>
        </tr>
      </thead>
      <tbody>
        {entries.map((entry) => (
          <EntryRows key={entry.seq} entry={entry} isNew={entry.seq > seenUpTo} />
        ))}
      </tbody>
    </table>
  );
}

function EntryRows({ entry, isNew }: { readonly entry: AuditEntry; readonly isNew: boolean }): JSX.Element {
  const open = useSignal(false);
  const { seq, at, event, user_id: user, actor_id: actor, address } = entry;
  const when = dateTime(Date.parse(at) / 1000, nowSeconds.value);
  return (
    <>
      <tr class={isNew ? "new" : undefined}>
        <td>
          <button
            type="button"
            class="link event"
            aria-expanded={open.value}
            onClick={() => (open.value = !open.value)}
          >
            {nameEvent(event)}
          </button>
          <span class="small quiet slim">
            {when}
            {user !== null && `, ${nameOf(user)}`}
          </span>
        </td>
        <td class="wide mono">{count(seq)}</td>
        <td class="wide">{when}</td>
        <td class="wide">
          <Who id={user} />
          {actor !== null && actor !== user && (
            <span class="small quiet under">
              {texts.by} <Who id={actor} />
            </span>
          )}
        </td>
        <td class="wide mono">{address}</td>
      </tr>
      {open.value && (
        <tr class="opened">
          <td colSpan={5}>
            <pre class="code">{JSON.stringify(entry, null, 2)}</pre>
            <CopyButton text={() => JSON.stringify(entry)} subject={texts.row(count(seq))} />
          </td>
        </tr>
      )}
    </>
  );
}

function Who({ id }: { readonly id: string | null }): JSX.Element {
  if (id === null) return <span class="quiet">–</span>;
  const name = nameOf(id);
  return may("users:read") && id.length === 22 ? (
    <a href={`${paths.people}/${id}`}>{name}</a>
  ) : (
    <span>{name}</span>
  );
}
