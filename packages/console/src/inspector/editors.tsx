// The three editors, and the keys that lead to them.
import type { JSX } from "preact";
import { useEffect } from "preact/hooks";
import { nowSeconds } from "../session/clock.ts";
import { t } from "../texts/language.ts";
import { decodeBytes } from "../token/base64url.ts";
import type { JsonObject } from "../token/parts.ts";
import { type Line, LinesEditor } from "./lines-editor.tsx";
import { meaningsOf } from "./meanings.ts";
import {
  changedClaims,
  changedParameters,
  drafts,
  editPart,
  editSignature,
  header,
  isObject,
  originalHeader,
  originalPayload,
  parts,
  payload,
} from "./state.ts";

const texts = t.inspector.editors;

export function Editors(): JSX.Element {
  useShortcuts();
  const { header: headerDraft, payload: payloadDraft } = drafts.value;
  const signature = parts.value?.signature ?? "";
  const bytes = decodeBytes(signature);
  const claimCount = Object.keys(payload.value ?? {}).length;
  return (
    <div class="editors">
      <LinesEditor
        part="h"
        name={t.parts.header}
        hint={isObject(headerDraft) ? texts.header : texts.noJson}
        isWrong={!isObject(headerDraft)}
        text={headerDraft}
        onEdit={(text) => editPart("header", text)}
        lines={linesOf("header", header.value, originalHeader.value, changedParameters.value)}
        meaningsLabel={texts.meanings(t.parts.header)}
        shortcut="1"
      />
      <LinesEditor
        part="p"
        name={t.parts.payload}
        hint={isObject(payloadDraft) ? texts.payload(claimCount, changedClaims.value.length) : texts.noJson}
        isWrong={!isObject(payloadDraft)}
        text={payloadDraft}
        onEdit={(text) => editPart("payload", text)}
        lines={linesOf("payload", payload.value, originalPayload.value, changedClaims.value)}
        meaningsLabel={texts.meanings(t.parts.payload)}
        shortcut="2"
      />
      <LinesEditor
        part="s"
        name={t.parts.signature}
        hint={bytes === undefined ? texts.noBase64 : texts.signature(bytes.length)}
        isWrong={bytes === undefined}
        text={signature}
        onEdit={editSignature}
        lines={[]}
        shortcut="3"
      />
    </div>
  );
}

function linesOf(
  part: "header" | "payload",
  object: JsonObject | undefined,
  before: JsonObject | undefined,
  changed: readonly string[],
): Line[] {
  return meaningsOf(part, object, nowSeconds.value).map(({ name, says }) => {
    if (!changed.includes(name)) return { name, says, isChanged: false };
    const isNew = before !== undefined && !Object.hasOwn(before, name);
    return { name, says: isNew ? t.claims.added : t.claims.changed, isChanged: true };
  });
}

/** Alt and 1, 2, 3 lead to header, payload and signature. By the key's place: with Alt it may write another letter. */
function useShortcuts(): void {
  useEffect(() => {
    const listen = (event: KeyboardEvent): void => {
      if (!event.altKey || event.ctrlKey || event.metaKey) return;
      const [, number] = /^(?:Digit|Numpad)([123])$/.exec(event.code) ?? [];
      if (number === undefined) return;
      event.preventDefault();
      document.querySelector<HTMLElement>(`[data-shortcut="${number}"]`)?.focus();
    };
    addEventListener("keydown", listen);
    return () => removeEventListener("keydown", listen);
  }, []);
}
