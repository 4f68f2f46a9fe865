// The token as text: to look at, to type into, and to paste over.
import type { JSX } from "preact";
import { CopyButton } from "../components/copy-button.tsx";
import { TokenView } from "../components/token-view.tsx";
import { t } from "../texts/language.ts";
import { cameIn, editToken, isChanged, judgement, original, paste, token } from "./state.ts";

export function TokenEditor(): JSX.Element {
  const isBroken = judgement.value?.outcome === "refused" && judgement.value.reason === "bad_signature";
  return (
    <TokenView
      token={token.value}
      before={isChanged.value ? original.value : undefined}
      broken={isBroken}
      label={t.inspector.tokenLabel}
      editor={
        <textarea
          aria-label={t.inspector.paste}
          value={token.value}
          spellcheck={false}
          autocapitalize="none"
          autocomplete="off"
          onInput={(event) => editToken(event.currentTarget.value.replaceAll(/\s/g, ""))}
          onPaste={(event) => {
            event.preventDefault();
            paste(event.clipboardData?.getData("text") ?? "");
          }}
        />
      }
      foot={
        <>
          <span class="quiet" role="status">
            {cameIn.value}
          </span>
          <CopyButton text={() => token.value} subject={t.inspector.tokenLabel} slight />
        </>
      }
    />
  );
}
