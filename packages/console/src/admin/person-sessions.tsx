// Where somebody else is logged in, each session ended in its row.
import { ApiError, type SessionResponse } from "@countersign/client";
import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect } from "preact/hooks";
import { nameDevice } from "../account/devices.ts";
import { SessionsTable } from "../account/sessions-table.tsx";
import { AskingButton } from "../components/asking-button.tsx";
import { may } from "../session/permissions.ts";
import { sentenceOf } from "../session/sentences.ts";
import { t } from "../texts/language.ts";
import { endSessionOf, endSessionsOf, listSessionsOf } from "./admin-calls.ts";

const texts = t.admin.sessions;

export function PersonSessions(props: { readonly id: string; readonly changes: number }): JSX.Element {
  const { id } = props;
  const sessions = useSignal<readonly SessionResponse[] | undefined>(undefined);
  const said = useSignal<string>("");

  async function look(): Promise<void> {
    try {
      sessions.value = await listSessionsOf(id);
    } catch (error) {
      said.value = sentenceOf(error);
    }
  }
  useEffect(() => void look(), [id, props.changes]);

  async function end({ id: sid, device }: SessionResponse): Promise<void> {
    try {
      await endSessionOf(id, sid);
      said.value = t.sessions.ended(nameDevice(device).name);
    } catch (error) {
      said.value =
        error instanceof ApiError && error.code === "not_found" ? t.sessions.gone : sentenceOf(error);
    }
    await look();
  }

  async function endAll(): Promise<void> {
    try {
      await endSessionsOf(id);
      said.value = texts.endedAll;
    } catch (error) {
      said.value = sentenceOf(error);
    }
    await look();
  }

  const known = sessions.value;
  const isMany = known !== undefined && known.length > 0;
  return (
    <section class="part">
      <div class="part-top">
        <h2>{texts.title}</h2>
        {isMany && may("sessions:write") && (
          <AskingButton verb={texts.endAll} question={texts.askAll} onDo={endAll} />
        )}
      </div>
      {isMany ? (
        <SessionsTable sessions={known} {...(may("sessions:write") ? { onEnd: end } : {})} />
      ) : (
        known !== undefined && <p class="quiet">{texts.none}</p>
      )}
      <p class="small quiet" role="status">
        {said.value}
      </p>
    </section>
  );
}
