// The end of an account: with its address typed out, and the password, as a stolen token must not be enough.
import { ApiError, type UserResponse } from "@countersign/client";
import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { useLocation } from "preact-iso";
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

export function DeletionRow({ account }: { readonly account: UserResponse }): JSX.Element {
  const { route } = useLocation();
  const open = useSignal(false);
  const address = useSignal("");
  const password = useSignal("");
  const refused = useSignal<{ readonly at: "address" | "password"; readonly text: string } | undefined>(
    undefined,
  );
  const working = useSignal(false);

  async function remove(event: SubmitEvent): Promise<void> {
    event.preventDefault();
    refused.value = undefined;
    if (address.value.trim().toLowerCase() !== account.email.toLowerCase()) {
      refused.value = { at: "address", text: texts.mismatch };
      return;
    }
    working.value = true;
    try {
      await deleteAccount(password.value);
      await forget();
      say(texts.done);
      route(paths.story);
    } catch (error) {
      const isPassword = error instanceof ApiError && error.code === "invalid_credentials";
      refused.value = { at: "password", text: isPassword ? t.account.wrongPassword : sentenceOf(error) };
    } finally {
      working.value = false;
    }
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
      <form onSubmit={(event) => void remove(event)} noValidate>
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
