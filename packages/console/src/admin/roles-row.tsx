// The roles of somebody: each taken away, or another one given.
import type { AdminAccount } from "@countersign/client";
import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { AskingButton } from "../components/asking-button.tsx";
import { useAttempt } from "../components/attempt.ts";
import { Button } from "../components/button.tsx";
import { Field } from "../components/field.tsx";
import { EditableRow, Row } from "../components/row.tsx";
import { may } from "../session/permissions.ts";
import { sentenceOf } from "../session/sentences.ts";
import { t } from "../texts/language.ts";
import { setRoles } from "./admin-calls.ts";

const texts = t.admin.roles;

export function RolesRow(props: {
  readonly account: AdminAccount;
  readonly onChange: (now: AdminAccount) => void;
}): JSX.Element {
  const { account, onChange } = props;
  const open = useSignal(false);
  const role = useSignal("");
  const said = useSignal<string | undefined>(undefined);
  const { refused, working, submit } = useAttempt(async () => {
    const wanted = role.value.trim();
    onChange(await setRoles(account.id, [...new Set([...account.roles, wanted])]));
    said.value = texts.given(wanted);
    role.value = "";
    open.value = false;
  }, sentenceOf);

  function give(event: SubmitEvent): void {
    if (role.value.trim() === "") event.preventDefault();
    else submit(event);
  }

  async function take(taken: string): Promise<void> {
    try {
      onChange(
        await setRoles(
          account.id,
          account.roles.filter((each) => each !== taken),
        ),
      );
      said.value = texts.taken(taken);
    } catch (error) {
      said.value = sentenceOf(error);
    }
  }

  const mayChange = may("roles:write");
  const list = (
    <ul class="roles">
      {account.roles.map((each) => (
        <li key={each}>
          <span class="badge">{each}</span>
          {mayChange && (
            <AskingButton verb={texts.take} subject={each} question={texts.askTake} onDo={() => take(each)} />
          )}
        </li>
      ))}
    </ul>
  );
  const value = account.roles.length === 0 ? <span class="quiet">{texts.none}</span> : list;
  if (!mayChange) return <Row label={t.account.rows.roles} value={value} />;
  return (
    <EditableRow label={t.account.rows.roles} value={value} verb={texts.give} said={said.value} open={open}>
      <form onSubmit={give} noValidate>
        <Field
          label={texts.field}
          name="role"
          value={role.value}
          onChange={(text) => (role.value = text)}
          hint={texts.hint}
          error={refused.value}
        />
        <div class="buttons">
          <Button kind="primary" type="submit" busy={working.value}>
            {texts.give}
          </Button>
          <Button onPress={() => (open.value = false)}>{t.common.cancel}</Button>
        </div>
      </form>
    </EditableRow>
  );
}
