// The password: the old one proves who asks, and with the new one all other devices are logged out.
import { ApiError } from "@countersign/client";
import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { useAttempt } from "../components/attempt.ts";
import { Button } from "../components/button.tsx";
import { Field } from "../components/field.tsx";
import { sentenceOf } from "../session/sentences.ts";
import { t } from "../texts/language.ts";
import { changePassword } from "./account-calls.ts";
import { EditableRow } from "../components/row.tsx";

const texts = t.account;

export function PasswordRow(): JSX.Element {
  const open = useSignal(false);
  const currentPassword = useSignal("");
  const newPassword = useSignal("");
  const said = useSignal<string | undefined>(undefined);
  const { refused, working, submit } = useAttempt(async () => {
    await changePassword(currentPassword.value, newPassword.value);
    currentPassword.value = "";
    newPassword.value = "";
    said.value = texts.passwordChanged;
    open.value = false;
  }, refusalOf);

  return (
    <EditableRow
      label={texts.rows.password}
      value={<span class="quiet">{texts.passwordValue}</span>}
      said={said.value}
      open={open}
    >
      <form onSubmit={submit} noValidate>
        <Field
          label={texts.currentPassword}
          name="current-password"
          type="password"
          autocomplete="current-password"
          value={currentPassword.value}
          onChange={(value) => (currentPassword.value = value)}
          error={refused.value?.isCurrent === true ? refused.value.text : undefined}
        />
        <Field
          label={texts.newPassword}
          name="new-password"
          type="password"
          autocomplete="new-password"
          value={newPassword.value}
          onChange={(value) => (newPassword.value = value)}
          hint={texts.passwordHint}
          error={refused.value?.isCurrent === false ? refused.value.text : undefined}
        />
        <div class="buttons">
          <Button kind="primary" type="submit" busy={working.value}>
            {texts.passwordAction}
          </Button>
          <Button onPress={() => (open.value = false)}>{t.common.cancel}</Button>
        </div>
      </form>
    </EditableRow>
  );
}

function refusalOf(error: unknown): { readonly isCurrent: boolean; readonly text: string } {
  const isCurrent = error instanceof ApiError && error.code === "invalid_credentials";
  return { isCurrent, text: isCurrent ? texts.wrongPassword : sentenceOf(error) };
}
