// "With a passkey": in place of address and password, by a button and from what the browser offers at the address.
import { suggestsPasskeys } from "@countersign/client/passkeys";
import type { JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { Button } from "../components/button.tsx";
import { isSilent, logInWithPasskey, passkeySentenceOf, usePasskeys } from "../session/passkeys.ts";
import { t } from "../texts/language.ts";

export function PasskeyButton(props: {
  /** Whether a field of this page offers them, too. */
  readonly suggests?: boolean;
  readonly onIn: () => void;
  readonly onRefused: (why: string | undefined) => void;
}): JSX.Element | null {
  const isOffered = usePasskeys();
  const page = useRef(new AbortController());

  async function suggest(): Promise<void> {
    const { signal } = page.current;
    if (props.suggests !== true || !(await suggestsPasskeys()) || signal.aborted) return;
    try {
      await logInWithPasskey({ suggested: true, signal });
      props.onIn();
    } catch (error) {
      if (!signal.aborted && !isSilent(error)) props.onRefused(passkeySentenceOf(error));
    }
  }

  useEffect(() => {
    if (isOffered) void suggest();
  }, [isOffered]);
  useEffect(() => () => page.current.abort(), []);

  async function press(): Promise<void> {
    props.onRefused(undefined);
    try {
      await logInWithPasskey({ signal: page.current.signal });
      props.onIn();
    } catch (error) {
      if (page.current.signal.aborted) return;
      props.onRefused(passkeySentenceOf(error));
      // The question of the button has ended that of the field.
      void suggest();
    }
  }

  return isOffered ? <Button onPress={press}>{t.passkeys.logIn}</Button> : null;
}
