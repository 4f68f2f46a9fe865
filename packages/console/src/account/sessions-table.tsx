// The devices, each ended in its row.
import type { SessionResponse } from "@countersign/client";
import type { JSX } from "preact";
import { AskingButton } from "../components/asking-button.tsx";
import { Button } from "../components/button.tsx";
import { Desktop, Phone, Terminal } from "../components/icons.tsx";
import { nowSeconds } from "../session/clock.ts";
import { fromNow, moment } from "../texts/format.ts";
import { t } from "../texts/language.ts";
import { nameDevice } from "./devices.ts";
import "../components/list.css";

const texts = t.sessions;

export interface SessionsTableProps {
  readonly sessions: readonly SessionResponse[];
  /** Without it, nothing of them is ended here. */
  readonly onEnd?: (session: SessionResponse) => Promise<void>;
  /** For the session that asks, which is ended as all others are without it. */
  readonly onLogOut?: () => Promise<void>;
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
  const { onEnd } = table;
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
        {session.current && table.onLogOut !== undefined ? (
          <Button kind="slight" onPress={table.onLogOut}>
            {texts.logOut}
          </Button>
        ) : (
          onEnd !== undefined && (
            <AskingButton
              verb={texts.end}
              subject={name}
              question={texts.ask}
              keep={texts.keep}
              onDo={() => onEnd(session)}
            />
          )
        )}
      </td>
    </tr>
  );
}
