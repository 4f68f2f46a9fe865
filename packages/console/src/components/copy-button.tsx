// Copies a text, and says so in place.
import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { t } from "../texts/language.ts";

const saidForMs = 2000;

/** `subject` tells what is copied to whoever does not see what stands beside the button. */
export function CopyButton(props: {
  readonly text: () => string;
  readonly subject: string;
  readonly slight?: boolean;
}): JSX.Element {
  const said = useSignal<"copy" | "copied" | "refused">("copy");

  async function copy(): Promise<void> {
    try {
      await navigator.clipboard.writeText(props.text());
      said.value = "copied";
    } catch {
      // Not on https or this machine, or the person said no.
      said.value = "refused";
    }
    setTimeout(() => (said.value = "copy"), saidForMs);
  }

  return (
    <button
      type="button"
      class={props.slight === true ? "button slight" : "link small"}
      onClick={() => void copy()}
    >
      <span aria-live="polite">{t.common[said.value]}</span>
      <span class="away"> {props.subject}</span>
    </button>
  );
}
