// The timeline as a table, for whoever reads better than they see.
import type { AdminKey } from "@countersign/client";
import type { JSX } from "preact";
import { dateTime } from "../texts/format.ts";
import { t } from "../texts/language.ts";
import { nowSeconds } from "../session/clock.ts";
import "../components/list.css";

const texts = t.admin.keys;

export function KeysTable({ keys }: { readonly keys: readonly AdminKey[] }): JSX.Element {
  const { columns } = texts;
  const time = (text: string | null): string =>
    text === null ? "–" : dateTime(Date.parse(text) / 1000, nowSeconds.value);
  return (
    <details class="as-table">
      <summary>{texts.asTable}</summary>
      <table class="list">
        <thead>
          <tr>
            <th scope="col">{columns.kid}</th>
            <th scope="col">{columns.created}</th>
            <th scope="col">{columns.signs}</th>
            <th scope="col">{columns.keep}</th>
            <th scope="col">{columns.state}</th>
          </tr>
        </thead>
        <tbody>
          {keys.toReversed().map((key) => (
            <tr key={key.kid}>
              <td>
                <code class="whole">{key.kid}</code> <span class="badge">{key.algorithm}</span>
              </td>
              <td class="wide">{time(key.created_at)}</td>
              <td class="wide">{time(key.promote_at)}</td>
              <td class="wide">{time(key.retired_at ?? key.keep_until)}</td>
              <td>{key.revoked_at === null ? texts.states[key.state] : texts.revoked}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </details>
  );
}
