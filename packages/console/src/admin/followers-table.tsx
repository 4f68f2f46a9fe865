// Who follows the revocation feed, at every instance: how far each has been told, and how late it is.
import type { AdminFollower, AdminFollowersResponse } from "@countersign/client";
import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect } from "preact/hooks";
import { nowSeconds } from "../session/clock.ts";
import { count, duration, fromNow } from "../texts/format.ts";
import { t } from "../texts/language.ts";
import { listFollowers } from "./admin-calls.ts";
import "../components/list.css";

const texts = t.admin.feed;

const everyMs = 2000;
/** What a log-out may take to reach everybody; the bar is full then. */
const promisedSeconds = 1;

export function FollowersTable(props: {
  readonly ownCursor: string;
  readonly ownState: string;
  readonly isOwnLate: boolean;
}): JSX.Element {
  const known = useSignal<AdminFollowersResponse | undefined>(undefined);

  useEffect(() => {
    const leaving = new AbortController();
    let timer: ReturnType<typeof setTimeout>;
    async function look(): Promise<void> {
      // Where the server does not say, this page is the only follower that it knows.
      known.value = await listFollowers(leaving.signal).catch(() => known.value);
      if (!leaving.signal.aborted) timer = setTimeout(() => void look(), everyMs);
    }
    void look();
    return () => {
      leaving.abort();
      clearTimeout(timer);
    };
  }, []);

  const { columns } = texts;
  const followers = known.value?.followers ?? [];
  const more = (known.value?.total ?? 0) - followers.length;
  return (
    <>
      <table class="list followers">
        <thead>
          <tr>
            <th scope="col">{columns.follower}</th>
            <th scope="col">{columns.instance}</th>
            <th scope="col">{columns.since}</th>
            <th scope="col">{columns.cursor}</th>
            <th scope="col">{columns.lag}</th>
          </tr>
        </thead>
        <tbody>
          <tr>
            <td>
              <b>{texts.thisPage}</b>
            </td>
            <td class="wide" />
            <td class="wide" />
            <td class="wide mono">{props.ownCursor}</td>
            <td class={props.isOwnLate ? "late" : undefined}>{props.ownState}</td>
          </tr>
          {followers.map((follower) => (
            <FollowerRow
              key={`${follower.instance} ${follower.since} ${nameOf(follower)}`}
              follower={follower}
            />
          ))}
        </tbody>
      </table>
      {more > 0 && <p class="small quiet">{texts.more(count(more))}</p>}
    </>
  );
}

const nameOf = ({ name, address }: AdminFollower): string => name ?? texts.stranger(address ?? "");

function FollowerRow({ follower }: { readonly follower: AdminFollower }): JSX.Element {
  const { instance, since, cursor, behind, lag_seconds: lag } = follower;
  const isLate = lag >= promisedSeconds;
  const name = nameOf(follower);
  const sinceSeconds = Math.min(Date.parse(since) / 1000 - nowSeconds.value, 0);
  return (
    <tr>
      <td>
        <b>{name}</b>
        {isLate && <p class="small late">{texts.isBehind(name, duration(lag))}</p>}
      </td>
      <td class="wide mono">{instance.slice(0, 8)}</td>
      <td class="wide">{fromNow(sinceSeconds)}</td>
      <td class="wide mono">{cursor}</td>
      <td>
        <span class={isLate ? "lag late" : "lag"}>
          <Bar share={Math.min(lag / promisedSeconds, 1)} />
          {behind === 0 ? texts.upToDate : duration(Math.round(lag * 10) / 10)}
        </span>
      </td>
    </tr>
  );
}

const width = 64;

function Bar({ share }: { readonly share: number }): JSX.Element {
  return (
    <svg width={width} height={6} viewBox={`0 0 ${width} 6`} aria-hidden="true">
      <rect class="whole" width={width} height={6} rx={3} />
      {share > 0 && <rect width={Math.max(share * width, 3)} height={6} rx={3} />}
    </svg>
  );
}
