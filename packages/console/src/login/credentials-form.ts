// What the forms for logging in and for signing up share: address, password, and where they lead.
import { type Signal, useSignal } from "@preact/signals";
import { useLocation } from "preact-iso";
import { type Attempt, useAttempt } from "../components/attempt.ts";
import type { Credentials } from "../session/session.ts";
import { paths } from "../shell/paths.ts";

interface CredentialsForm<Refusal> extends Attempt<Refusal> {
  readonly email: Signal<string>;
  readonly password: Signal<string>;
}

/**
 * Where `attempt` answers that somebody is logged in, they see the account; what it throws is shown as `refusalOf` says.
 */
export function useCredentialsForm<Refusal>(
  attempt: (credentials: Credentials, form: CredentialsForm<Refusal>) => Promise<boolean>,
  refusalOf: (error: unknown) => Refusal,
): CredentialsForm<Refusal> {
  const { route } = useLocation();
  const email = useSignal("");
  const password = useSignal("");
  const form: CredentialsForm<Refusal> = {
    email,
    password,
    ...useAttempt(async () => {
      const isIn = await attempt({ email: email.value, password: password.value }, form);
      if (isIn) route(paths.account);
    }, refusalOf),
  };
  return form;
}
