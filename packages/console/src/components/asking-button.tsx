// A button whose second click does it: the question stands in its place, and the focus on what does nothing.
import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import { t } from "../texts/language.ts";
import { Button } from "./button.tsx";

export interface AskingButtonProps {
  readonly verb: string;
  /** What it is done to, for whoever does not see what stands beside the button. */
  readonly subject?: string;
  readonly question: string;
  readonly keep?: string;
  readonly onDo: () => Promise<unknown>;
}

export function AskingButton({ verb, subject, question, keep, onDo }: AskingButtonProps): JSX.Element {
  const asks = useSignal(false);
  const second = useRef<HTMLButtonElement>(null);
  const first = useRef<HTMLButtonElement>(null);
  const hasAsked = useRef(false);
  useLayoutEffect(() => {
    if (asks.value) second.current?.focus();
    else if (hasAsked.current) first.current?.focus();
    hasAsked.current = asks.value;
  }, [asks.value]);

  async function act(): Promise<void> {
    try {
      await onDo();
    } finally {
      asks.value = false;
    }
  }

  const label = (
    <>
      {verb}
      {subject !== undefined && <span class="away"> {subject}</span>}
    </>
  );
  if (!asks.value) {
    return (
      <Button kind="slight" buttonRef={first} onPress={() => (asks.value = true)}>
        {label}
      </Button>
    );
  }
  return (
    <span
      class="ask"
      onKeyDown={(event) => {
        if (event.key === "Escape") asks.value = false;
      }}
    >
      <span class="small">{question}</span>
      <Button kind="danger" onPress={act}>
        {label}
      </Button>
      <Button kind="slight" buttonRef={second} onPress={() => (asks.value = false)}>
        {keep ?? t.common.keep}
      </Button>
    </span>
  );
}
