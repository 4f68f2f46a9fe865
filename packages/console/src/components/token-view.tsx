// The hero: a token as one line of text in three colours, under its strip.
import { type Signal, useSignal } from "@preact/signals";
import { type ComponentChildren, Fragment, type JSX } from "preact";
import { t } from "../texts/language.ts";
import { changedRange, type PartName, partNames, partsOf } from "../token/parts.ts";
import { Strip } from "./strip.tsx";

const letters: Readonly<Record<PartName, "h" | "p" | "s">> = { header: "h", payload: "p", signature: "s" };

/** A part, by its letter, that is held under the pointer or has the focus. */
export type Held = Signal<string | undefined>;

export interface TokenViewProps {
  readonly token: string;
  readonly label: string;
  /** The token that it was before; what differs is marked. */
  readonly before?: string | undefined;
  readonly broken?: boolean;
  readonly held?: Held;
  readonly foot?: ComponentChildren;
  /** Lies over the text, in the same places. */
  readonly editor?: ComponentChildren;
}

export function TokenView(props: TokenViewProps): JSX.Element {
  const { token, label, before, broken = false, foot, editor } = props;
  const own = useSignal<string | undefined>(undefined);
  const held = props.held ?? own;
  const parts = partsOf(token);
  return (
    <figure class="token" aria-label={label}>
      {parts !== undefined && (
        <div class="strip-names" aria-hidden="true">
          {partNames.map((name) => (
            <span
              key={name}
              class={classOf(name, held)}
              style={name === "signature" ? undefined : { flexGrow: Math.max(parts[name].length, 8) }}
            >
              <span class="name">{t.parts[name]}</span>
            </span>
          ))}
        </div>
      )}
      <Strip parts={parts} broken={broken} held={held.value} />
      <div class={editor === undefined ? undefined : "token-editor"}>
        <p class="token-text" aria-hidden={editor === undefined ? undefined : "true"}>
          {parts === undefined
            ? token
            : partNames.map((name, index) => (
                <Fragment key={name}>
                  {index > 0 && <b>.</b>}
                  <span
                    class={classOf(name, held)}
                    onPointerEnter={() => (held.value = letters[name])}
                    onPointerLeave={() => (held.value = undefined)}
                  >
                    <Changed
                      text={parts[name]}
                      before={before === undefined ? undefined : partsOf(before)?.[name]}
                    />
                  </span>
                </Fragment>
              ))}
        </p>
        {editor}
      </div>
      {foot !== undefined && <footer>{foot}</footer>}
    </figure>
  );
}

function classOf(name: PartName, held: Held): string {
  return held.value === letters[name] ? `${letters[name]} held` : letters[name];
}

function Changed({
  text,
  before,
}: {
  readonly text: string;
  readonly before: string | undefined;
}): JSX.Element {
  if (before === undefined || before === text) return <>{text}</>;
  const { start, end } = changedRange(before, text);
  return (
    <>
      {text.slice(0, start)}
      <mark>{text.slice(start, end)}</mark>
      {text.slice(end)}
    </>
  );
}
