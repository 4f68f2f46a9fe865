// Where one is logged in: each device a row, ended in its place.
import { ApiError, type SessionResponse } from "@countersign/client";
import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect } from "preact/hooks";
import { useLocation } from "preact-iso";
import { Button } from "../components/button.tsx";
import { FormError } from "../components/field.tsx";
import { client, logOut, me } from "../session/session.ts";
import { sentenceOf } from "../session/sentences.ts";
import { Page } from "../shell/page.tsx";
import { paths } from "../shell/paths.ts";
import { say } from "../shell/toast.tsx";
import { t } from "../texts/language.ts";
import { endSession, listSessions } from "./account-calls.ts";
import { nameDevice } from "./devices.ts";
import { Guarded } from "./guarded.tsx";
import { SessionsTable } from "./sessions-table.tsx";
import "./account.css";

const texts = t.sessions;

/** How often the page looks while somebody looks at it: what ended elsewhere shows by itself. */
const lookMs = 4000;

export function SessionsPage(): JSX.Element {
  return (
    <Guarded>
      <Sessions />
    </Guarded>
  );
}

function Sessions(): JSX.Element | null {
  const { route } = useLocation();
  const sessions = useSignal<readonly SessionResponse[] | undefined>(undefined);
  const refused = useSignal<string | undefined>(undefined);
  const said = useSignal("");

  async function look(): Promise<void> {
    try {
      sessions.value = await listSessions();
      refused.value = undefined;
    } catch (error) {
      // Whose session is over is led away.
      if (me.value !== null) refused.value = sentenceOf(error);
    }
  }

  useEffect(() => {
    void look();
    const lookIfSeen = (): void => {
      if (document.visibilityState === "visible") void look();
    };
    const timer = setInterval(lookIfSeen, lookMs);
    document.addEventListener("visibilitychange", lookIfSeen);
    return () => {
      clearInterval(timer);
      document.removeEventListener("visibilitychange", lookIfSeen);
    };
  }, []);

  async function end({ id, device }: SessionResponse): Promise<void> {
    try {
      await endSession(id);
      said.value = texts.ended(nameDevice(device).name);
    } catch (error) {
      if (!(error instanceof ApiError) || error.code !== "not_found") {
        refused.value = sentenceOf(error);
        return;
      }
      said.value = texts.gone;
    }
    await look();
  }

  async function endOthers(): Promise<void> {
    await client.logout("others");
    said.value = texts.endedOthers;
    await look();
  }

  async function leave(): Promise<void> {
    await logOut();
    say(t.account.loggedOut);
    route(paths.login);
  }

  const known = sessions.value;
  const others = (known?.length ?? 0) - 1;
  return (
    <Page
      title={texts.title}
      lead={known === undefined ? undefined : texts.lead(known.length)}
      action={others > 0 ? <Button onPress={endOthers}>{texts.endOthers(others)}</Button> : undefined}
    >
      <FormError text={refused.value} />
      {known !== undefined && <SessionsTable sessions={known} onEnd={end} onLogOut={leave} />}
      <p class="small quiet said-now" role="status">
        {said.value}
      </p>
      <p class="back">
        <a href={paths.account}>{texts.back}</a>
      </p>
    </Page>
  );
}
