// Lanes on an axis of time: solid signs, dashed is published, hatched verifies only, sunken is gone.
import type { JSX } from "preact";
import { t } from "../texts/language.ts";
import type { Lane } from "./key-spans.ts";

const texts = t.admin.keys;

export interface Tick {
  readonly at: number;
  readonly label: string;
  readonly isNow?: boolean;
}

export interface TimelineProps {
  readonly lanes: readonly Lane[];
  readonly from: number;
  readonly to: number;
  readonly ticks: readonly Tick[];
  readonly now?: number | undefined;
  /** Read in the place of the picture. */
  readonly label: string;
  /** What stands in a span where it has room. */
  readonly says: (span: Lane["spans"][number]) => string;
}

/** Narrower than this part of the axis, a span has no room for words. */
const roomForWords = 0.14;

export function Timeline(props: TimelineProps): JSX.Element {
  const { lanes, from, to, ticks, now, says } = props;
  const place = (at: number): number => Math.min(Math.max((at - from) / (to - from), 0), 1);
  const percent = (part: number): string => `${(part * 100).toFixed(3)}%`;
  return (
    <div class="lanes" role="img" aria-label={props.label}>
      <div class="ticks">
        <div />
        <div>
          {ticks.map(({ at, label, isNow }) => (
            <span
              key={`${at} ${label}`}
              class={[
                isNow === true ? "is-now" : "",
                place(at) > 0.9 ? "end" : place(at) < 0.06 ? "start" : "",
              ]
                .filter((each) => each !== "")
                .join(" ")}
              style={{ left: percent(place(at)) }}
            >
              {label}
            </span>
          ))}
        </div>
      </div>
      {lanes.map((lane) => (
        <div class="lane" key={lane.kid}>
          <code title={lane.kid}>
            {shortKid(lane.kid)} <span class="badge">{lane.algorithm}</span>
          </code>
          <div>
            {lane.spans.map((span) => {
              const start = place(span.from);
              const end = place(span.to ?? to);
              if (end <= 0 || start >= 1) return null;
              return (
                <span
                  key={span.deed}
                  class={`span ${span.deed}`}
                  style={{ left: percent(start), width: percent(end - start) }}
                >
                  {end - start > roomForWords && says(span)}
                </span>
              );
            })}
          </div>
        </div>
      ))}
      {now !== undefined && now >= from && now <= to && (
        <div class="over">
          <i class="now" style={{ left: percent(place(now)) }} />
        </div>
      )}
    </div>
  );
}

/** The first letters, which tell keys apart. */
export function shortKid(kid: string): string {
  return kid === "" ? texts.next : `${kid.slice(0, 6)}…`;
}
