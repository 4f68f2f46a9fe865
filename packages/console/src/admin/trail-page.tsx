// The audit trail: filtered by event and person, followed live, each row opened in its place.
import type { AuditEntry } from "@countersign/client";
import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect, useId } from "preact/hooks";
import { useLocation } from "preact-iso";
import { Button } from "../components/button.tsx";
import { FormError } from "../components/field.tsx";
import { may } from "../session/permissions.ts";
import { sentenceOf } from "../session/sentences.ts";
import { paths } from "../shell/paths.ts";
import { t } from "../texts/language.ts";
import { findPeople, listTrail } from "./admin-calls.ts";
import { AdminPage } from "./admin-page.tsx";
import { ChainState } from "./chain-state.tsx";
import { nameEvent } from "./event-names.ts";
import { SearchField } from "./search-field.tsx";
import { TrailTable } from "./trail-table.tsx";

const texts = t.admin.trail;

const pageSize = 50;
/** Of one event alone, so many pages are looked through at once. */
const mostPages = 6;
const followMs = 1500;
/** Whoever has scrolled so far reads, and nothing moves under their eyes. */
const readingPx = 200;

export function TrailPage(): JSX.Element {
  return (
    <AdminPage needs="audit:read" title={texts.title} action={may("audit:read") ? <ChainState /> : undefined}>
      <Trail />
    </AdminPage>
  );
}

function Trail(): JSX.Element {
  const { query, route } = useLocation();
  const eventId = useId();
  const account = query["account"];
  const entries = useSignal<readonly AuditEntry[] | undefined>(undefined);
  const event = useSignal("");
  const isAtStart = useSignal(false);
  const follows = useSignal(false);
  const refused = useSignal<string | undefined>(undefined);
  const who = useSignal("");
  /** The rows above this number came while somebody looked. */
  const seenUpTo = useSignal(Number.POSITIVE_INFINITY);

  async function attempt(work: () => Promise<void>): Promise<void> {
    try {
      await work();
      refused.value = undefined;
    } catch (error) {
      refused.value = sentenceOf(error);
    }
  }

  const fits = (entry: AuditEntry): boolean => event.value === "" || entry.event === event.value;

  /** Goes back until there is a page of what fits. */
  async function more(): Promise<void> {
    let found = 0;
    for (let page = 0; page < mostPages && found < pageSize; page += 1) {
      const before = entries.value?.at(-1)?.seq;
      const older = await listTrail({ account, before, limit: pageSize });
      entries.value = [...(entries.value ?? []), ...older];
      isAtStart.value = older.length < pageSize;
      found += older.filter(fits).length;
      if (isAtStart.value) return;
    }
  }

  async function lookForNew(): Promise<void> {
    const known = entries.value?.[0]?.seq ?? 0;
    const newest = await listTrail({ account, limit: pageSize });
    const fresh = newest.filter(({ seq }) => seq > known);
    // More came than one page holds: what lies between is read anew.
    const hasGap = fresh.length === pageSize && known > 0;
    if (fresh.length > 0) entries.value = hasGap ? fresh : [...fresh, ...(entries.value ?? [])];
  }

  useEffect(() => {
    entries.value = undefined;
    seenUpTo.value = Number.POSITIVE_INFINITY;
    void attempt(async () => {
      await more();
      seenUpTo.value = entries.value?.[0]?.seq ?? 0;
    });
  }, [account]);

  useEffect(() => {
    if (!follows.value) return undefined;
    const timer = setInterval(() => {
      if (document.visibilityState === "visible") void attempt(lookForNew);
    }, followMs);
    const onScroll = (): void => {
      if (scrollY > readingPx) follows.value = false;
    };
    addEventListener("scroll", onScroll, { passive: true });
    return () => {
      clearInterval(timer);
      removeEventListener("scroll", onScroll);
    };
  }, [follows.value, account]);

  async function filterByPerson(submit: SubmitEvent): Promise<void> {
    submit.preventDefault();
    const wanted = who.value.trim();
    if (wanted === "") return route(paths.trail);
    if (/^[A-Za-z0-9_-]{22}$/.test(wanted)) return route(`${paths.trail}?account=${wanted}`);
    await attempt(async () => {
      const { people } = await findPeople(wanted, null, new AbortController().signal);
      const [person] = people;
      if (person === undefined) refused.value = t.admin.people.nobody(wanted);
      else route(`${paths.trail}?account=${person.id}`);
    });
  }

  const known = entries.value;
  const shown = known?.filter(fits);
  const events = [...new Set([...(known ?? []).map((entry) => entry.event), event.value])]
    .filter((each) => each !== "")
    .toSorted();
  return (
    <>
      <form class="filters" onSubmit={(submit) => void filterByPerson(submit)}>
        {may("users:read") && (
          <SearchField label={texts.person} value={who.value} onChange={(value) => (who.value = value)} />
        )}
        <div class="field">
          <label for={eventId}>{texts.event}</label>
          <div class="input">
            <select
              id={eventId}
              value={event.value}
              onChange={(change) => (event.value = change.currentTarget.value)}
            >
              <option value="">{texts.everyEvent}</option>
              {events.map((each) => (
                <option key={each} value={each}>
                  {nameEvent(each)}
                </option>
              ))}
            </select>
          </div>
        </div>
        <button
          type="button"
          class="button"
          aria-pressed={follows.value}
          onClick={() => {
            follows.value = !follows.value;
            if (follows.value) void attempt(lookForNew);
          }}
        >
          {follows.value ? texts.following : texts.follow}
        </button>
      </form>
      {account !== undefined && (
        <p class="small chips">
          <a class="badge" href={paths.trail}>
            {texts.ofOne(account.slice(0, 8))} ×<span class="away"> {texts.clear}</span>
          </a>
        </p>
      )}
      <FormError text={refused.value} />
      {shown !== undefined &&
        (shown.length === 0 ? (
          <p>{texts.empty}</p>
        ) : (
          <TrailTable entries={shown} seenUpTo={seenUpTo.value} />
        ))}
      {known !== undefined && !isAtStart.value && (
        <p class="more">
          <Button onPress={() => attempt(more)}>{texts.earlier}</Button>
        </p>
      )}
    </>
  );
}
