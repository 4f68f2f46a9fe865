// One sentence at the bottom, for what happened elsewhere and nowhere else.
import { signal } from "@preact/signals";
import type { JSX } from "preact";

const shownForMs = 6000;

const sentence = signal<string | undefined>(undefined);
let timer: ReturnType<typeof setTimeout> | undefined;

export function say(text: string): void {
  sentence.value = text;
  goLater();
}

function goLater(): void {
  clearTimeout(timer);
  timer = setTimeout(() => (sentence.value = undefined), shownForMs);
}

export function Toast(): JSX.Element {
  return (
    <div role="status">
      {sentence.value !== undefined && (
        <p class="toast" onPointerEnter={() => clearTimeout(timer)} onPointerLeave={goLater}>
          {sentence.value}
        </p>
      )}
    </div>
  );
}
