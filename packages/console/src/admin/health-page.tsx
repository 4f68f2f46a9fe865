// Health at a glance: what this page measures of the instance that it came from, a minute long.
import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect } from "preact/hooks";
import { AcceptedSign, RefusedSign } from "../components/icons.tsx";
import { Prose } from "../components/prose.tsx";
import { may } from "../session/permissions.ts";
import { fetchWithoutCookies } from "../session/session.ts";
import { apiBase } from "../shell/base.ts";
import { count, milliseconds } from "../texts/format.ts";
import { t } from "../texts/language.ts";
import { AdminPage } from "./admin-page.tsx";
import { StatisticsFigures } from "./statistics.tsx";

const texts = t.admin.health;

const points = 60;
const everyMs = 1000;
const patienceMs = 5000;

export function HealthPage(): JSX.Element {
  return (
    <AdminPage needs="audit:read" title={texts.title} lead={texts.lead}>
      {may("audit:read") && <Health />}
    </AdminPage>
  );
}

/** What one look gave; `undefined` where there was no answer. */
interface Look {
  readonly liveMs: number | undefined;
  readonly readyMs: number | undefined;
  readonly revocationsMs: number | undefined;
  readonly jwksMs: number | undefined;
  readonly dropped: number | undefined;
  readonly inForce: number | undefined;
}

type Name = keyof Look;

function Health(): JSX.Element {
  const looks = useSignal<readonly Look[]>([]);
  const isReady = useSignal<boolean | undefined>(undefined);

  useEffect(() => {
    let isOver = false;
    let timer: ReturnType<typeof setTimeout>;
    async function look(): Promise<void> {
      const [live, ready, feed, jwks] = await Promise.all([
        ask("health"),
        ask("health/ready"),
        ask("revocations"),
        ask(".well-known/jwks.json"),
      ]);
      if (isOver) return;
      isReady.value = ready.ok;
      const sessions: unknown = feed.body["sessions"];
      const taken: Look = {
        liveMs: live.ms,
        readyMs: ready.ms,
        revocationsMs: feed.ms,
        jwksMs: jwks.ms,
        dropped: numberIn(live.body["log_lines_dropped"]),
        inForce: Array.isArray(sessions) ? sessions.length : undefined,
      };
      looks.value = [...looks.value, taken].slice(-points);
      timer = setTimeout(() => void look(), everyMs);
    }
    void look();
    return () => {
      isOver = true;
      clearTimeout(timer);
    };
  }, []);

  const names: readonly Name[] = ["readyMs", "liveMs", "revocationsMs", "jwksMs", "inForce", "dropped"];
  return (
    <>
      <p class="chain" role="status">
        {isReady.value !== undefined && (
          <span class={isReady.value ? "word" : "word refused"}>
            {isReady.value ? <AcceptedSign /> : <RefusedSign />}
            {isReady.value ? texts.ready : texts.notReady}
          </span>
        )}
      </p>
      <dl class="figures six">
        {names.map((name) => (
          <Measured key={name} name={name} values={looks.value.map((each) => each[name])} />
        ))}
      </dl>
      <StatisticsFigures />
      <p class="small quiet">
        <Prose text={texts.more} />
      </p>
    </>
  );
}

function Measured(props: {
  readonly name: Name;
  readonly values: readonly (number | undefined)[];
}): JSX.Element {
  const { name, values } = props;
  const last = values.at(-1);
  const text = last === undefined ? "–" : name.endsWith("Ms") ? milliseconds(last) : count(last);
  return (
    <div>
      <dt>{texts.figures[name]}</dt>
      <dd>{text}</dd>
      <Line values={values} />
    </div>
  );
}

const width = 240;
const height = 32;

/** The last minute; a missing answer is a gap. */
function Line({ values }: { readonly values: readonly (number | undefined)[] }): JSX.Element {
  const most = Math.max(...values.map((value) => value ?? 0), 1);
  const first = points - values.length;
  const path = values
    .map((value, index) => {
      if (value === undefined) return "";
      const x = ((first + index) / (points - 1)) * width;
      const y = height - 2 - (value / most) * (height - 4);
      return `${index > 0 && values[index - 1] !== undefined ? "L" : "M"}${x.toFixed(1)} ${y.toFixed(1)}`;
    })
    .join("");
  return (
    <svg
      viewBox={`0 0 ${width} ${height}`}
      height={height}
      width="100%"
      preserveAspectRatio="none"
      aria-hidden="true"
    >
      <path d={path} vector-effect="non-scaling-stroke" />
    </svg>
  );
}

interface Answer {
  readonly ok: boolean;
  readonly ms: number | undefined;
  readonly body: Readonly<Record<string, unknown>>;
}

async function ask(path: string): Promise<Answer> {
  const sinceMs = performance.now();
  try {
    const response = await fetchWithoutCookies(new URL(path, apiBase), {
      cache: "no-store",
      signal: AbortSignal.timeout(patienceMs),
    });
    const body = (await response.json()) as Readonly<Record<string, unknown>>;
    return { ok: response.ok, ms: performance.now() - sinceMs, body };
  } catch {
    return { ok: false, ms: undefined, body: {} };
  }
}

function numberIn(value: unknown): number | undefined {
  return typeof value === "number" ? value : undefined;
}
