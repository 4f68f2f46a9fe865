// A sentence in which `code` stands between backticks, as the texts write it.
import type { JSX } from "preact";

export function Prose({ text }: { readonly text: string }): JSX.Element {
  return (
    <>{text.split("`").map((piece, index) => (index % 2 === 1 ? <code key={piece}>{piece}</code> : piece))}</>
  );
}
