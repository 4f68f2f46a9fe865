// The name, which nobody has to have.
import type { UserResponse } from "@countersign/client";
import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { useAttempt } from "../components/attempt.ts";
import { Button } from "../components/button.tsx";
import { Field } from "../components/field.tsx";
import { me } from "../session/session.ts";
import { sentenceOf } from "../session/sentences.ts";
import { t } from "../texts/language.ts";
import { rename } from "./account-calls.ts";
import { EditableRow } from "../components/row.tsx";

const texts = t.account;

export function NameRow({ account }: { readonly account: UserResponse }): JSX.Element {
  const open = useSignal(false);
  const name = useSignal(account.name ?? "");
  const said = useSignal<string | undefined>(undefined);
  const { refused, working, submit } = useAttempt(async () => {
    const wanted = name.value.trim();
    me.value = await rename(wanted === "" ? null : wanted);
    said.value = texts.saved;
    open.value = false;
  }, sentenceOf);

  return (
    <EditableRow
      label={texts.rows.name}
      value={account.name ?? <span class="quiet">{texts.noName}</span>}
      said={said.value}
      open={open}
    >
      <form onSubmit={submit} noValidate>
        <Field
          label={texts.rows.name}
          name="name"
          autocomplete="name"
          required={false}
          value={name.value}
          onChange={(value) => (name.value = value)}
          error={refused.value}
        />
        <div class="buttons">
          {name.value.trim() !== (account.name ?? "") && (
            <Button kind="primary" type="submit" busy={working.value}>
              {t.common.save}
            </Button>
          )}
          <Button onPress={() => (open.value = false)}>{t.common.cancel}</Button>
        </div>
      </form>
    </EditableRow>
  );
}
