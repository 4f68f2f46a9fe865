// `?` shows which keys lead where, and Escape puts the list away.
import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { t } from "../texts/language.ts";
import { isTyping } from "./typing.ts";

const texts = t.keyList;

export function KeysList(): JSX.Element | null {
  const isShown = useSignal(false);
  const heading = useRef<HTMLHeadingElement>(null);
  const before = useRef<Element | null>(null);

  useEffect(() => {
    function put(away: boolean): void {
      if (away) {
        isShown.value = false;
        if (before.current instanceof HTMLElement) before.current.focus();
      } else {
        before.current = document.activeElement;
        isShown.value = true;
      }
    }
    function onKey(event: KeyboardEvent): void {
      if (event.key === "Escape" && isShown.value) put(true);
      if (event.key === "?" && !isTyping(event)) put(isShown.value);
    }
    addEventListener("keydown", onKey);
    return () => removeEventListener("keydown", onKey);
  }, []);
  useEffect(() => heading.current?.focus(), [isShown.value]);

  if (!isShown.value) return null;
  return (
    <section class="keys-list" aria-labelledby="keys-list">
      <h2 id="keys-list" ref={heading} tabIndex={-1}>
        {texts.title}
      </h2>
      <dl>
        {texts.keys.map(([key, meaning]) => (
          <div key={key}>
            <dt>
              <kbd>{key}</kbd>
            </dt>
            <dd>{meaning}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
