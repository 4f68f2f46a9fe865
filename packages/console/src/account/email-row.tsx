// The address: whether it is confirmed, and another one, which counts once it was confirmed by mail.
import type { UserResponse } from "@countersign/client";
import { changeEmail, requestEmailVerification } from "@countersign/client/email";
import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { useAttempt } from "../components/attempt.ts";
import { Button } from "../components/button.tsx";
import { Field } from "../components/field.tsx";
import { Tick } from "../components/icons.tsx";
import { EditableRow } from "../components/row.tsx";
import { withFreshLogin } from "../session/fresh-login.ts";
import { whileLoggedIn } from "../session/requests.ts";
import { client, server } from "../session/session.ts";
import { sentenceOf } from "../session/sentences.ts";
import { t } from "../texts/language.ts";

const texts = t.account.address;

export function EmailRow({ account }: { readonly account: UserResponse }): JSX.Element {
  const open = useSignal(false);
  const newEmail = useSignal("");
  const said = useSignal<string | undefined>(undefined);
  const { refused, working, submit } = useAttempt(async () => {
    const wanted = newEmail.value.trim();
    await whileLoggedIn(() => withFreshLogin(() => changeEmail(client, { newEmail: wanted })));
    said.value = texts.sent(wanted);
    newEmail.value = "";
    open.value = false;
  }, sentenceOf);

  async function sendAgain(): Promise<void> {
    try {
      await requestEmailVerification(server, account.email);
      said.value = texts.sentAgain;
    } catch (error) {
      said.value = sentenceOf(error);
    }
  }

  return (
    <EditableRow
      label={t.account.rows.email}
      value={
        <>
          <p>{account.email}</p>
          {account.email_verified ? (
            <p class="has small">
              <Tick />
              {texts.verified}
            </p>
          ) : (
            <p class="small quiet">
              {texts.unverified}{" "}
              <button type="button" class="link" onClick={() => void sendAgain()}>
                {texts.sendAgain}
              </button>
            </p>
          )}
        </>
      }
      said={said.value}
      open={open}
    >
      <form onSubmit={submit} noValidate>
        <Field
          label={texts.newEmail}
          name="new-email"
          type="email"
          autocomplete="email"
          value={newEmail.value}
          onChange={(value) => (newEmail.value = value)}
          hint={texts.hint}
          error={refused.value}
        />
        <div class="buttons">
          <Button kind="primary" type="submit" busy={working.value}>
            {texts.action}
          </Button>
          <Button onPress={() => (open.value = false)}>{t.common.cancel}</Button>
        </div>
      </form>
    </EditableRow>
  );
}
