// Recovery codes, shown this once: to copy, to save, to print.
import type { JSX } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import { Button } from "../components/button.tsx";
import { CopyButton } from "../components/copy-button.tsx";
import { me } from "../session/session.ts";
import { t } from "../texts/language.ts";

const texts = t.factors.codes;

export function RecoveryCodes(props: {
  readonly codes: readonly string[];
  readonly onKept: () => void;
}): JSX.Element {
  const heading = useRef<HTMLHeadingElement>(null);
  useLayoutEffect(() => heading.current?.focus(), []);
  const text = (): string =>
    `${texts.file(me.value?.email ?? "", location.host)}\n\n${props.codes.join("\n")}\n`;
  return (
    <div class="recovery">
      <h3 ref={heading} tabIndex={-1}>
        {texts.title}
      </h3>
      <p class="quiet">{texts.text}</p>
      <p class="small printed">{texts.file(me.value?.email ?? "", location.host)}</p>
      <ol class="recovery-codes">
        {props.codes.map((code) => (
          <li key={code}>
            <code>{code}</code>
          </li>
        ))}
      </ol>
      <div class="buttons">
        <CopyButton text={() => props.codes.join("\n")} subject={texts.subject} slight />
        <a
          class="button slight"
          download="countersign-recovery-codes.txt"
          href={`data:text/plain;charset=utf-8,${encodeURIComponent(text())}`}
        >
          {texts.save}
        </a>
        <Button kind="slight" onPress={() => print()}>
          {texts.print}
        </Button>
      </div>
      <div class="buttons">
        <Button kind="primary" onPress={props.onKept}>
          {texts.kept}
        </Button>
      </div>
    </div>
  );
}
