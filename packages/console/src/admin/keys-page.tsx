// Signing keys on a timeline: who signs now, who is next, and the button that makes the next one now.
import type { AdminKey, AdminKeysResponse } from "@countersign/client";
import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect } from "preact/hooks";
import { AskingButton } from "../components/asking-button.tsx";
import { FormError } from "../components/field.tsx";
import { nowSeconds } from "../session/clock.ts";
import { may } from "../session/permissions.ts";
import { sentenceOf } from "../session/sentences.ts";
import { clockTime, date, duration, fromNow, shortDate } from "../texts/format.ts";
import { t } from "../texts/language.ts";
import { listKeys, rotateKeys } from "./admin-calls.ts";
import { AdminPage } from "./admin-page.tsx";
import { handoverOf, type Lane, lanesOf, type Span } from "./key-spans.ts";
import { KeysTable } from "./keys-table.tsx";
import { type Tick, Timeline } from "./timeline.tsx";

const texts = t.admin.keys;

const dayMs = 86_400_000;
/** So many lanes, the newest. */
const mostLanes = 5;
/** A handover goes on by itself, and the page with it. */
const lookMs = 5000;

export function KeysPage(): JSX.Element {
  const answer = useSignal<AdminKeysResponse | undefined>(undefined);
  const refused = useSignal<string | undefined>(undefined);
  const said = useSignal("");
  const isAllowed = may("keys:write");

  async function look(): Promise<void> {
    try {
      answer.value = await listKeys();
      refused.value = undefined;
    } catch (error) {
      refused.value = sentenceOf(error);
    }
  }
  useEffect(() => {
    if (!isAllowed) return undefined;
    void look();
    const timer = setInterval(() => void look(), lookMs);
    return () => clearInterval(timer);
  }, [isAllowed]);

  async function rotate(): Promise<void> {
    try {
      answer.value = await rotateKeys();
      said.value = texts.rotated;
    } catch (error) {
      said.value = sentenceOf(error);
    }
  }

  const keys = answer.value?.keys ?? [];
  const nowMs = nowSeconds.value * 1000;
  const pending = keys.find(({ state }) => state === "pending");
  const nextAt = pending?.promote_at ?? answer.value?.next_at ?? undefined;
  return (
    <AdminPage
      needs="keys:write"
      title={texts.title}
      lead={nextAt === undefined ? undefined : leadOf(nextAt, pending !== undefined)}
      action={
        pending === undefined && answer.value !== undefined ? (
          <AskingButton verb={texts.rotate} question={texts.askRotate} onDo={rotate} />
        ) : undefined
      }
    >
      <FormError text={refused.value} />
      <p class="small quiet" role="status">
        {said.value}
      </p>
      {keys.length > 0 && <Days keys={keys} nextAt={nextAt} nowMs={nowMs} />}
      <LastHandover keys={keys} nowMs={nowMs} />
      {keys.length > 0 && <KeysTable keys={keys} />}
    </AdminPage>
  );
}

function leadOf(nextAt: string, isMade: boolean): string {
  const seconds = Date.parse(nextAt) / 1000 - nowSeconds.value;
  if (seconds <= 0) return texts.leadNow;
  return isMade
    ? texts.leadMade(clockTime(Date.parse(nextAt) / 1000), fromNow(seconds))
    : texts.lead(date(new Date(nextAt)), fromNow(seconds));
}

function Days(props: {
  readonly keys: readonly AdminKey[];
  readonly nextAt: string | undefined;
  readonly nowMs: number;
}): JSX.Element {
  const { keys, nextAt, nowMs } = props;
  const shown = lanesOf(keys, nowMs).slice(-mostLanes);
  const first = Math.min(...shown.flatMap(({ spans }) => spans.map(({ from }) => from)));
  const next = nextAt === undefined ? nowMs + 30 * dayMs : Date.parse(nextAt);
  // As much again after the next handover as before it, so that one sees what comes.
  const length = Math.max(next - nowMs, nowMs - first, dayMs);
  const from = Math.max(first, nowMs - 3 * length);
  const to = Math.max(next, nowMs) + length / 2;
  const isMade = keys.some(({ state }) => state === "pending");
  const lanes: readonly Lane[] = isMade
    ? shown
    : [
        ...shown.map((lane) => ({ ...lane, spans: lane.spans.map((span) => upTo(span, next)) })),
        {
          kid: "",
          algorithm: keys.at(-1)?.algorithm ?? "",
          isRevoked: false,
          spans: [{ deed: "next", from: next, to }],
        },
      ];
  const ticks: readonly Tick[] = [
    { at: from, label: shortDate(new Date(from)) },
    { at: nowMs, label: texts.now, isNow: true },
    { at: next, label: shortDate(new Date(next)) },
  ].filter(({ at, label }) => label === texts.now || Math.abs(at - nowMs) > (to - from) * 0.08);
  return (
    <Timeline
      lanes={lanes}
      from={from}
      to={to}
      ticks={ticks}
      now={nowMs}
      label={texts.daysLabel(keys.length, date(new Date(next)))}
      says={({ deed }) => texts.deeds[deed]}
    />
  );
}

/** What signs without an end goes on until the next one takes over. */
function upTo(span: Span, next: number): Span {
  return span.to === undefined ? { ...span, to: next } : span;
}

function LastHandover(props: {
  readonly keys: readonly AdminKey[];
  readonly nowMs: number;
}): JSX.Element | null {
  const handover = handoverOf(props.keys, props.nowMs);
  if (handover === undefined) return null;
  const { older, newer, from, at, to } = handover;
  const time = (ms: number): string => clockTime(ms / 1000);
  return (
    <section class="lens">
      <h2>{props.nowMs < to ? texts.handoverNow : texts.handover}</h2>
      <p class="small quiet">
        {shortDate(new Date(at))}. {texts.handoverText}
      </p>
      <Timeline
        lanes={[older, newer]}
        from={from}
        to={to}
        ticks={[
          { at: from, label: time(from) },
          { at, label: texts.takesOver(time(at)) },
          { at: to, label: time(to) },
        ]}
        now={props.nowMs}
        label={texts.handoverLabel(time(from), time(at), time(to))}
        says={({ deed, from: start, to: end }) =>
          deed === "published" || deed === "verifies"
            ? `${texts.deeds[deed]}, ${duration((Math.min(end ?? to, to) - start) / 1000)}`
            : texts.deeds[deed]
        }
      />
    </section>
  );
}
