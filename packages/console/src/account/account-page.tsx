// One's own account, a row for each thing, each changed in place.
import type { UserResponse } from "@countersign/client";
import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect } from "preact/hooks";
import { useLocation } from "preact-iso";
import { Button } from "../components/button.tsx";
import { logOut, me } from "../session/session.ts";
import { Page } from "../shell/page.tsx";
import { paths } from "../shell/paths.ts";
import { say } from "../shell/toast.tsx";
import { t } from "../texts/language.ts";
import { moment } from "../texts/format.ts";
import { listSessions } from "./account-calls.ts";
import { DeletionRow } from "./deletion-row.tsx";
import { EmailRow } from "./email-row.tsx";
import { FactorRows } from "./factor-rows.tsx";
import { Guarded } from "./guarded.tsx";
import { NameRow } from "./name-row.tsx";
import { PasswordRow } from "./password-row.tsx";
import { Row } from "../components/row.tsx";
import "./account.css";

const texts = t.account;

export function AccountPage(): JSX.Element {
  return (
    <Guarded>
      <Account />
    </Guarded>
  );
}

function Account(): JSX.Element | null {
  const { route } = useLocation();
  const account = me.value;
  if (account === null || account === undefined) return null;

  async function leave(): Promise<void> {
    await logOut();
    say(texts.loggedOut);
    route(paths.login);
  }

  return (
    <Page title={texts.title} action={<Button onPress={leave}>{texts.logOut}</Button>} narrow>
      <div class="rows">
        <NameRow account={account} />
        <EmailRow account={account} />
        <PasswordRow />
        <FactorRows />
        <SessionsRow />
        <Facts account={account} />
        <DeletionRow account={account} />
      </div>
    </Page>
  );
}

function SessionsRow(): JSX.Element {
  const number = useSignal<number | undefined>(undefined);
  useEffect(() => {
    // Where they cannot be counted, the link is enough.
    listSessions().then(
      (sessions) => (number.value = sessions.length),
      () => undefined,
    );
  }, []);
  return (
    <Row
      label={texts.rows.sessions}
      value={number.value === undefined ? "" : texts.sessionsValue(number.value)}
      action={
        <a class="button slight" href={paths.sessions}>
          {texts.sessionsLink}
        </a>
      }
    />
  );
}

function Facts({ account }: { readonly account: UserResponse }): JSX.Element {
  return (
    <>
      <Row label={texts.rows.roles} value={<Roles account={account} />} />
      <Row label={texts.rows.created} value={moment(new Date(account.created_at), new Date())} />
    </>
  );
}

/** The server keeps some back until a login has shown two factors. */
function Roles({ account }: { readonly account: UserResponse }): JSX.Element {
  const withheld = account.withheld_roles ?? [];
  return (
    <>
      {account.roles.join(", ")}
      {withheld.length > 0 && <p class="small quiet">{texts.withheld(withheld.join(", "))}</p>}
    </>
  );
}
