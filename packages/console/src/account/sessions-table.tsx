// The devices, and the question in the row before one is ended.
import type { SessionResponse } from "@countersign/client";
import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import { Button } from "../components/button.tsx";
import { Desktop, Phone, Terminal } from "../components/icons.tsx";
import { nowSeconds } from "../session/clock.ts";
import { fromNow, moment } from "../texts/format.ts";
import { t } from "../texts/language.ts";
import { nameDevice } from "./devices.ts";

const texts = t.sessions;

export interface SessionsTableProps {
  readonly sessions: readonly SessionResponse[];
  readonly onEnd: (session: SessionResponse) => Promise<void>;
  readonly onLogOut: () => Promise<void>;
  readonly onRefused: (error: unknown) => void;
}

export function SessionsTable(props: SessionsTableProps): JSX.Element {
  // The one that asks stands first, as it is the one that people know.
  const sorted = props.sessions.toSorted((one, other) => Number(other.current) - Number(one.current));
  const { columns } = texts;
  return (
    <table class="list">
      <thead>
        <tr>
          <th scope="col">{columns.device}</th>
          <th scope="col">{columns.keeps}</th>
          <th scope="col">{columns.address}</th>
          <th scope="col">{columns.since}</th>
          <th scope="col">{columns.used}</th>
          <th scope="col">
            <span class="away">{columns.action}</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {sorted.map((session) => (
          <SessionRow key={session.id} session={session} table={props} />
        ))}
      </tbody>
    </table>
  );
}

function SessionRow(props: {
  readonly session: SessionResponse;
  readonly table: SessionsTableProps;
}): JSX.Element {
  const { session, table } = props;
  const { name, kind } = nameDevice(session.device);
  const Sign = { desktop: Desktop, phone: Phone, terminal: Terminal }[kind];
  const now = new Date(nowSeconds.value * 1000);
  const usedSeconds = Math.min(0, Date.parse(session.last_used_at) / 1000 - nowSeconds.value);
  const used = session.current || usedSeconds > -60 ? texts.now : fromNow(usedSeconds);
  return (
    <tr>
      <td>
        <div class="device">
          <Sign />
          <div>
            <b>{name}</b>
            {session.current && <span class="small quiet">{texts.thisDevice}</span>}
            <span class="small quiet slim">
              {[session.address, used].filter((each) => each !== null).join(", ")}
            </span>
          </div>
        </div>
      </td>
      <td class="wide">
        <span class="badge">{texts.kinds[session.kind]}</span>
      </td>
      <td class="wide mono">{session.address}</td>
      <td class="wide">{moment(new Date(session.created_at), now)}</td>
      <td class="wide">{used}</td>
      <td>
        {session.current ? (
          <Button kind="slight" onPress={table.onLogOut}>
            {texts.logOut}
          </Button>
        ) : (
          <EndButton device={name} onEnd={() => table.onEnd(session)} onRefused={table.onRefused} />
        )}
      </td>
    </tr>
  );
}

/** The second click ends it; the focus waits on the one that does not. */
function EndButton(props: {
  readonly device: string;
  readonly onEnd: () => Promise<void>;
  readonly onRefused: (error: unknown) => void;
}): JSX.Element {
  const asks = useSignal(false);
  const keep = useRef<HTMLButtonElement>(null);
  const first = useRef<HTMLButtonElement>(null);
  const hasAsked = useRef(false);
  useLayoutEffect(() => {
    if (asks.value) keep.current?.focus();
    else if (hasAsked.current) first.current?.focus();
    hasAsked.current = asks.value;
  }, [asks.value]);

  if (!asks.value) {
    return (
      <Button kind="slight" buttonRef={first} onPress={() => (asks.value = true)}>
        {texts.end}
        <span class="away"> {props.device}</span>
      </Button>
    );
  }
  return (
    <span
      class="ask"
      onKeyDown={(event) => {
        if (event.key === "Escape") asks.value = false;
      }}
    >
      <span class="small">{texts.ask}</span>
      <Button kind="danger" onPress={() => props.onEnd().catch(props.onRefused)}>
        {texts.end}
        <span class="away"> {props.device}</span>
      </Button>
      <Button kind="slight" buttonRef={keep} onPress={() => (asks.value = false)}>
        {texts.keep}
      </Button>
    </span>
  );
}
