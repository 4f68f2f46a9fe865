// "Why was this login refused?": sentences with their times, and the trail they come from.
import type { AdminAccount, AuditEntry } from "@countersign/client";
import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect } from "preact/hooks";
import { Prose } from "../components/prose.tsx";
import { sentenceOf } from "../session/sentences.ts";
import { paths } from "../shell/paths.ts";
import { moment } from "../texts/format.ts";
import { t } from "../texts/language.ts";
import { listTrail } from "./admin-calls.ts";
import { causesOf } from "./refusal-causes.ts";

const texts = t.admin.why;

export function WhyRefused(props: { readonly account: AdminAccount; readonly changes: number }): JSX.Element {
  const { account } = props;
  const entries = useSignal<readonly AuditEntry[] | undefined>(undefined);
  const refused = useSignal<string | undefined>(undefined);
  useEffect(() => {
    listTrail({ account: account.id, limit: 100 }).then(
      (found) => (entries.value = found),
      (error: unknown) => (refused.value = sentenceOf(error)),
    );
  }, [account.id, props.changes]);

  const now = new Date();
  const causes = entries.value === undefined ? undefined : causesOf(account, entries.value, now.getTime());
  return (
    <section class="part">
      <h2>{texts.title}</h2>
      {refused.value !== undefined && <p>{refused.value}</p>}
      {causes?.length === 0 && (
        <p>
          <Prose text={texts.nothing} />
        </p>
      )}
      {causes !== undefined && causes.length > 0 && (
        <ol class="causes">
          {causes.map(({ kind, at, detail }) => (
            <li key={kind}>
              <span class="quiet small">{at === undefined ? "" : moment(new Date(at), now)}</span>
              <span>
                <Prose text={texts.causes[kind](detail)} />
              </span>
            </li>
          ))}
        </ol>
      )}
      <p class="small">
        <a href={`${paths.trail}?account=${account.id}`}>{texts.trail}</a>
      </p>
    </section>
  );
}
