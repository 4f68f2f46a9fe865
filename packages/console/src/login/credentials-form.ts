// What the forms for logging in and for signing up share: address, password, and one attempt at a time.
import { type Signal, useSignal } from "@preact/signals";
import { useLocation } from "preact-iso";
import type { Credentials } from "../session/session.ts";
import { paths } from "../shell/paths.ts";

interface CredentialsForm<Refusal> {
  readonly email: Signal<string>;
  readonly password: Signal<string>;
  /** Why the last attempt failed. */
  readonly refused: Signal<Refusal | undefined>;
  readonly working: Signal<boolean>;
  readonly submit: (event: SubmitEvent) => void;
}

/**
 * Where `attempt` answers that somebody is logged in, they see the account; what it throws is shown as `refusalOf` says.
 */
export function useCredentialsForm<Refusal>(
  attempt: (credentials: Credentials, form: CredentialsForm<Refusal>) => Promise<boolean>,
  refusalOf: (error: unknown) => Refusal,
): CredentialsForm<Refusal> {
  const { route } = useLocation();
  const form: CredentialsForm<Refusal> = {
    email: useSignal(""),
    password: useSignal(""),
    refused: useSignal<Refusal | undefined>(undefined),
    working: useSignal(false),
    submit(event) {
      event.preventDefault();
      void submit();
    },
  };

  async function submit(): Promise<void> {
    const { email, password, refused, working } = form;
    if (working.value) return;
    working.value = true;
    refused.value = undefined;
    try {
      const isIn = await attempt({ email: email.value, password: password.value }, form);
      if (isIn) route(paths.account);
    } catch (error) {
      refused.value = refusalOf(error);
    } finally {
      working.value = false;
    }
  }

  return form;
}
