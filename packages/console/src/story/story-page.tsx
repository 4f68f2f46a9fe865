// The first page: a token's life in seven steps, each of them real.
import type { JSX } from "preact";
import { useEffect } from "preact/hooks";
import { t } from "../texts/language.ts";
import { current, done, spoken, telling } from "./state.ts";
import { stepTo } from "./step-frame.tsx";
import { ChangeOneWord } from "./steps/change-one-word.tsx";
import { CookieInstead } from "./steps/cookie-instead.tsx";
import { LogIn } from "./steps/log-in.tsx";
import { LogOut } from "./steps/log-out.tsx";
import { ShowIt } from "./steps/show-it.tsx";
import { SignUp } from "./steps/sign-up.tsx";
import { StealIt } from "./steps/steal-it.tsx";
import "./story.css";

const steps = [SignUp, LogIn, ShowIt, ChangeOneWord, LogOut, StealIt, CookieInstead];

export function StoryPage(): JSX.Element {
  useArrowKeys();
  const Step = steps[current.value - 1] ?? SignUp;
  return (
    <div class="page story">
      <nav aria-label={t.story.label}>
        <ol class="steps">
          {t.story.titles.map((title, index) => (
            <StepEntry key={title} number={index + 1} title={title} />
          ))}
        </ol>
      </nav>
      <Step key={telling.value} />
      <p class="away" role="status">
        {spoken.value}
      </p>
    </div>
  );
}

function StepEntry({ number, title }: { readonly number: number; readonly title: string }): JSX.Element {
  const isDone = done.value.has(number);
  const isCurrent = current.value === number;
  return (
    <li class={isDone ? "done" : undefined}>
      <button type="button" aria-current={isCurrent ? "step" : undefined} onClick={() => stepTo(number)}>
        <span class="sign" aria-hidden="true">
          {isDone ? "✓" : number}
        </span>
        <span class="step-title">{title}</span>
        {isDone && <span class="away"> {t.story.isDone}</span>}
      </button>
    </li>
  );
}

/** Left and right go through the steps, but not where one types. */
function useArrowKeys(): void {
  useEffect(() => {
    const listen = (event: KeyboardEvent): void => {
      if (event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
      if (event.target instanceof Element && event.target.closest("input, textarea, select, pre") !== null)
        return;
      if (event.key === "ArrowRight") stepTo(current.value + 1);
      if (event.key === "ArrowLeft") stepTo(current.value - 1);
    };
    addEventListener("keydown", listen);
    return () => removeEventListener("keydown", listen);
  }, []);
}
