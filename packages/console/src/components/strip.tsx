// The strip: a token's three parts in their true proportions, as logo, legend, progress and verdict.
import type { JSX } from "preact";
import type { Parts } from "../token/parts.ts";

export interface StripProps {
  readonly parts?: Parts | undefined;
  /** The second dot becomes a cross: this signature does not fit. */
  readonly broken?: boolean;
  readonly held?: string | undefined;
}

/** Of a token as they usually are. */
const usual = { header: 3, payload: 5, signature: 3 };

export function Strip({ parts, broken = false, held }: StripProps): JSX.Element {
  const share = (name: keyof Parts): number =>
    parts === undefined ? usual[name] : Math.max(parts[name].length, 8);
  // Through the object model: the policy refuses the attribute.
  const grow = (name: keyof Parts): { flexGrow: number } => ({ flexGrow: share(name) });
  return (
    <div class="strip" aria-hidden="true">
      <i class={held === "h" ? "h held" : "h"} style={grow("header")} />
      <b />
      <i class={held === "p" ? "p held" : "p"} style={grow("payload")} />
      <b class={broken ? "broken" : undefined} />
      <i class={held === "s" ? "s held" : "s"} style={grow("signature")} />
    </div>
  );
}
