// How much there is of everything, counted by the server: accounts, sessions, instances, followers, logins.
import type { AdminStatisticsResponse } from "@countersign/client";
import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect } from "preact/hooks";
import { may } from "../session/permissions.ts";
import { count, duration } from "../texts/format.ts";
import { t } from "../texts/language.ts";
import { readStatistics } from "./admin-calls.ts";

const texts = t.admin.health.statistics;

/** The server counts once a minute, however often it is asked. */
const everyMs = 20_000;

export function StatisticsFigures(): JSX.Element | null {
  const known = useSignal<AdminStatisticsResponse | undefined>(undefined);

  useEffect(() => {
    if (!may("users:read")) return undefined;
    const leaving = new AbortController();
    const look = async (): Promise<void> => {
      known.value = await readStatistics(leaving.signal).catch(() => known.value);
    };
    void look();
    const timer = setInterval(() => void look(), everyMs);
    return () => {
      leaving.abort();
      clearInterval(timer);
    };
  }, []);

  const statistics = known.value;
  if (statistics === undefined) return null;
  const { accounts, sessions, instances, followers, logins } = statistics;
  const amount = (each: AdminStatisticsResponse["accounts"]): string =>
    each.is_exact ? count(each.count) : texts.about(count(each.count));
  const failed = Object.values(logins.failed).reduce((sum, number) => sum + number, 0);
  const figures: readonly (readonly [string, string])[] = [
    [texts.accounts, amount(accounts)],
    [texts.sessions, amount(sessions)],
    [texts.instances, count(instances)],
    [texts.followers, count(followers)],
    [texts.succeeded(duration(logins.seconds)), count(logins.succeeded)],
    [texts.failed(duration(logins.seconds)), count(failed)],
  ];
  return (
    <section class="part">
      <h2>{texts.title}</h2>
      <dl class="figures six">
        {figures.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
