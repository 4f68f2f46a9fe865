// The end of an account: with its address typed out, and the password, as a stolen token must not be enough.
import { ApiError, type UserResponse } from "@countersign/client";
import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { useLocation } from "preact-iso";
import { useAttempt } from "../components/attempt.ts";
import { Button } from "../components/button.tsx";
import { Field } from "../components/field.tsx";
import { forget } from "../session/session.ts";
import { sentenceOf } from "../session/sentences.ts";
import { paths } from "../shell/paths.ts";
import { say } from "../shell/toast.tsx";
import { t } from "../texts/language.ts";
import { deleteAccount } from "./account-calls.ts";
import { EditableRow } from "../components/row.tsx";

const texts = t.account.deletion;

interface Refused {
  readonly at: "address" | "password";
  readonly text: string;
}

export function DeletionRow({ account }: { readonly account: UserResponse }): JSX.Element {
  const { route } = useLocation();
  const open = useSignal(false);
  const address = useSignal("");
  const password = useSignal("");
  const { refused, working, submit } = useAttempt<Refused>(async () => {
    await deleteAccount(password.value);
    await forget();
    say(texts.done);
    route(paths.story);
  }, refusalOf);

  function remove(event: SubmitEvent): void {
    if (address.value.trim().toLowerCase() === account.email.toLowerCase()) return submit(event);
    event.preventDefault();
    refused.value = { at: "address", text: texts.mismatch };
  }

  const errorAt = (place: "address" | "password"): string | undefined =>
    refused.value?.at === place ? refused.value.text : undefined;
  return (
    <EditableRow
      label={texts.title}
      value={<span class="quiet">{texts.text}</span>}
      verb={texts.open}
      open={open}
    >
      <form onSubmit={remove} noValidate>
        <Field
          label={texts.typeAddress(account.email)}
          name="confirm-address"
          value={address.value}
          onChange={(value) => (address.value = value)}
          error={errorAt("address")}
        />
        <Field
          label={t.account.currentPassword}
          name="current-password"
          type="password"
          autocomplete="current-password"
          value={password.value}
          onChange={(value) => (password.value = value)}
          error={errorAt("password")}
        />
        <div class="buttons">
          <Button kind="danger" type="submit" busy={working.value}>
            {texts.action}
          </Button>
          <Button kind="slight" onPress={() => (open.value = false)}>
            {texts.keep}
          </Button>
        </div>
      </form>
    </EditableRow>
  );
}

function refusalOf(error: unknown): Refused {
  const isPassword = error instanceof ApiError && error.code === "invalid_credentials";
  return { at: "password", text: isPassword ? t.account.wrongPassword : sentenceOf(error) };
}
