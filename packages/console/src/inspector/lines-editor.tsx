// One part of the token as text to edit: a plain text area, and behind it the same text in colour, with what each line means.
import type { JSX } from "preact";
import { useId } from "preact/hooks";

export interface Line {
  readonly name: string;
  readonly says: string;
  readonly isChanged: boolean;
}

export interface LinesEditorProps {
  readonly part: "h" | "p" | "s";
  readonly name: string;
  /** What the part is about; or what is wrong with its text. */
  readonly hint: string;
  readonly isWrong: boolean;
  readonly text: string;
  readonly onEdit: (text: string) => void;
  /** Of the members, each on a line of its own. */
  readonly lines: readonly Line[];
  readonly meaningsLabel?: string;
  readonly shortcut: string;
}

export function LinesEditor(props: LinesEditorProps): JSX.Element {
  const { part, name, hint, isWrong, text, onEdit, lines, meaningsLabel, shortcut } = props;
  const id = useId();
  const byName = new Map(lines.map((line) => [line.name, line]));
  return (
    <section class={`editor ${part}`}>
      <header>
        <label class="name" for={id}>
          <i class="glyph" />
          {name}
        </label>
        <span class={isWrong ? "small wrong" : "small quiet"} id={`${id}-hint`}>
          {hint}
        </span>
      </header>
      <div class={lines.length === 0 ? "lines plain" : "lines"}>
        <div class="mirror" aria-hidden="true">
          {text.split("\n").map((line, index) => (
            // Lines have no identity but their place.
            <MirrorLine
              key={index}
              text={line}
              meaning={byName.get(nameIn(line) ?? "")}
              whole={lines.length === 0}
            />
          ))}
        </div>
        <textarea
          id={id}
          value={text}
          spellcheck={false}
          autocapitalize="none"
          autocomplete="off"
          aria-describedby={`${id}-hint`}
          aria-keyshortcuts={`Alt+${shortcut}`}
          data-shortcut={shortcut}
          onInput={(event) => onEdit(event.currentTarget.value)}
        />
      </div>
      {lines.length > 0 && (
        <dl class="meanings small" aria-label={meaningsLabel}>
          {lines.map((line) => (
            <div key={line.name} class={line.isChanged ? "changed" : undefined}>
              <dt>{line.name}</dt>
              <dd>{line.says}</dd>
            </div>
          ))}
        </dl>
      )}
    </section>
  );
}

interface MirrorLineProps {
  readonly text: string;
  readonly meaning: Line | undefined;
  /** The whole line has the part's colour. */
  readonly whole: boolean;
}

function MirrorLine({ text, meaning, whole }: MirrorLineProps): JSX.Element {
  const [, before = "", key, rest = ""] = /^(\s*)("(?:[^"\\]|\\.)*")(\s*:.*)$/.exec(text) ?? [];
  return (
    <div class={meaning?.isChanged === true ? "changed" : undefined}>
      <code>
        {key === undefined ? (
          whole ? (
            <span class="key">{text}</span>
          ) : (
            text
          )
        ) : (
          <>
            {before}
            <span class="key">{key}</span>
            {rest}
          </>
        )}
      </code>
      {meaning !== undefined && <span class="says">{meaning.says}</span>}
    </div>
  );
}

/** The name of the member that begins on a line. */
function nameIn(line: string): string | undefined {
  const [, key] = /^\s*("(?:[^"\\]|\\.)*")\s*:/.exec(line) ?? [];
  return key === undefined ? undefined : (JSON.parse(key) as string);
}
