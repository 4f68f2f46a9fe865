// The address that somebody logs in with.
import type { Signal } from "@preact/signals";
import type { JSX } from "preact";
import { Field } from "../components/field.tsx";
import { t } from "../texts/language.ts";

export function EmailField(props: {
  readonly email: Signal<string>;
  readonly error?: string | undefined;
  /** Whether the browser offers passkeys here. */
  readonly passkeys?: boolean;
}): JSX.Element {
  const { email, error, passkeys = false } = props;
  return (
    <Field
      label={t.common.email}
      name="email"
      type="email"
      autocomplete={passkeys ? "username webauthn" : "username"}
      value={email.value}
      onChange={(value) => (email.value = value)}
      error={error}
    />
  );
}
