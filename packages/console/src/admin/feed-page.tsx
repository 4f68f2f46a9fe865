// The revocation feed: what is in force, and this page as a follower of it, with what it hears and how late.
import type { RevocationSnapshot } from "@countersign/client";
import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect } from "preact/hooks";
import { CopyButton } from "../components/copy-button.tsx";
import { FormError } from "../components/field.tsx";
import { Prose } from "../components/prose.tsx";
import { nowSeconds } from "../session/clock.ts";
import { may } from "../session/permissions.ts";
import { fetchWithoutCookies } from "../session/session.ts";
import { apiBase } from "../shell/base.ts";
import { clockTime, count, duration } from "../texts/format.ts";
import { t } from "../texts/language.ts";
import { AdminPage } from "./admin-page.tsx";
import { FollowersTable } from "./followers-table.tsx";

const texts = t.admin.feed;

/** What stands in a follower's row when nothing was heard for so long: two heartbeats. */
const lateSeconds = 11;
const mostLines = 20;

export function FeedPage(): JSX.Element {
  return (
    <AdminPage needs="audit:read" title={texts.title} lead={texts.lead}>
      {may("audit:read") && <Feed />}
    </AdminPage>
  );
}

interface Line {
  readonly atSeconds: number;
  readonly data: string;
}

function Feed(): JSX.Element {
  const inForce = useSignal<RevocationSnapshot | undefined>(undefined);
  const refused = useSignal<string | undefined>(undefined);
  const heardAt = useSignal<number | undefined>(undefined);
  const cursor = useSignal("");
  const lines = useSignal<readonly Line[]>([]);

  async function look(): Promise<void> {
    try {
      // As any follower without a name: what is in force is for everybody to read.
      const response = await fetchWithoutCookies(new URL("revocations", apiBase), { cache: "no-store" });
      refused.value = response.ok ? undefined : response.status === 401 ? texts.closed : t.errors.unavailable;
      if (!response.ok) return;
      inForce.value = (await response.json()) as RevocationSnapshot;
      cursor.value = inForce.value.cursor;
    } catch {
      refused.value = t.errors.unreachable;
    }
  }

  useEffect(() => {
    void look();
    const source = new EventSource(new URL("revocations", apiBase));
    const hear = ({ lastEventId }: MessageEvent<string>): void => {
      heardAt.value = Date.now() / 1000;
      if (lastEventId !== "") cursor.value = lastEventId;
    };
    source.addEventListener("heartbeat", hear);
    source.addEventListener("reset", hear);
    source.addEventListener("revocation", (event: MessageEvent<string>) => {
      hear(event);
      lines.value = [{ atSeconds: Date.now() / 1000, data: event.data }, ...lines.value].slice(0, mostLines);
      void look();
    });
    source.addEventListener("open", () => (heardAt.value ??= Date.now() / 1000));
    return () => source.close();
  }, []);

  const silence = heardAt.value === undefined ? undefined : Math.max(nowSeconds.value - heardAt.value, 0);
  const isLate = silence !== undefined && silence > lateSeconds;
  const { five } = texts;
  const snapshot = inForce.value;
  return (
    <>
      <FormError text={refused.value} />
      {snapshot !== undefined && (
        <dl class="figures">
          <Figure name={texts.sessions} value={count(snapshot.sessions.length)} />
          <Figure name={texts.keys} value={count(snapshot.keys.length)} />
          <Figure
            name={texts.everything}
            value={snapshot.tokens_before === null ? texts.never : clockTime(snapshot.tokens_before)}
          />
        </dl>
      )}
      <FollowersTable
        ownCursor={cursor.value}
        ownState={
          silence === undefined
            ? texts.connecting
            : isLate
              ? texts.late(duration(silence))
              : texts.heard(duration(Math.round(silence)))
        }
        isOwnLate={isLate}
      />
      <section class="part">
        <h2>{texts.live}</h2>
        {lines.value.length === 0 ? (
          <p class="quiet">{texts.quiet}</p>
        ) : (
          <ol class="live" aria-live="polite">
            {lines.value.map(({ atSeconds, data }) => (
              <li key={`${atSeconds} ${data}`}>
                <span class="quiet small">{clockTime(atSeconds)}</span>
                <code>{data}</code>
              </li>
            ))}
          </ol>
        )}
      </section>
      <section class="part">
        <h2>{texts.how}</h2>
        <p class="quiet">
          <Prose text={texts.howMore} />
        </p>
        <pre class="code">{five(apiBase.href.replace(/\/$/, ""))}</pre>
        <CopyButton text={() => five(apiBase.href.replace(/\/$/, ""))} subject={texts.howSubject} />
      </section>
    </>
  );
}

function Figure({ name, value }: { readonly name: string; readonly value: string }): JSX.Element {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  );
}
