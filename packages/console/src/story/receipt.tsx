// The receipt at the right of a step: what was sent, what came back, and what was written down.
import type { ActivityRow } from "@countersign/client";
import { useSignal } from "@preact/signals";
import type { ComponentChildren, JSX } from "preact";
import { CopyButton } from "../components/copy-button.tsx";
import { milliseconds } from "../texts/format.ts";
import { t } from "../texts/language.ts";
import { copiedCurl, holdsSecret, shownBody, shownCurl } from "./curl.ts";
import type { Answer, Sent } from "./exchange.ts";
import type { ReceiptItem } from "./state.ts";

export interface ReceiptProps {
  readonly items: readonly ReceiptItem[];
  /** What the step would send, before it does. */
  readonly planned: Sent | undefined;
}

export function Receipt({ items, planned }: ReceiptProps): JSX.Element {
  const isBefore = items.length === 0;
  return (
    <>
      <h2>{isBefore ? t.receipt.before : t.receipt.after}</h2>
      <ol class="receipt-items">
        {isBefore && planned !== undefined && <SentItem sent={planned} title={t.receipt.willSend} />}
        {items.map((item, index) => (
          // The order never changes.
          <Item key={index} item={item} />
        ))}
      </ol>
    </>
  );
}

function Item({ item }: { readonly item: ReceiptItem }): JSX.Element {
  switch (item.kind) {
    case "sent":
      return <SentItem sent={item.sent} title={t.receipt.sent} />;
    case "answered":
      return <AnsweredItem answer={item.answer} note={item.note} />;
    case "row":
      return <RowItem row={item.row} note={item.note} />;
    case "nothing":
      return (
        <li>
          <header>
            <b>{t.receipt.recorded}</b>
          </header>
          <p class="small">{t.receipt.nothing}</p>
        </li>
      );
    case "no_trail":
      return (
        <li>
          <header>
            <b>{t.receipt.recorded}</b>
          </header>
          <p class="small quiet">{t.receipt.noTrail}</p>
        </li>
      );
    case "heard":
      return (
        <li>
          <header>
            <b>{t.receipt.heard}</b>
          </header>
          <pre class="code">{shownBody(JSON.parse(item.line) as Readonly<Record<string, unknown>>)}</pre>
        </li>
      );
  }
}

function SentItem({ sent, title }: { readonly sent: Sent; readonly title: string }): JSX.Element {
  const withSecrets = useSignal(false);
  return (
    <li>
      <header>
        <b>{title}</b>
        <span class="receipt-verbs">
          {holdsSecret(sent) && (
            <button
              type="button"
              class="link small"
              aria-pressed={withSecrets.value}
              onClick={() => (withSecrets.value = !withSecrets.value)}
            >
              {withSecrets.value ? t.common.hide : t.common.show}
              <span class="away"> {t.common.password}</span>
            </button>
          )}
          <CopyButton text={() => copiedCurl(sent)} subject={t.receipt.curl} />
        </span>
      </header>
      <pre class="code">{shownCurl(sent, withSecrets.value)}</pre>
    </li>
  );
}

function AnsweredItem({
  answer,
  note,
}: {
  readonly answer: Answer;
  readonly note: string | undefined;
}): JSX.Element {
  return (
    <li>
      <header>
        <b>{t.receipt.answered(answer.status)}</b>
        <span class="quiet">{t.receipt.within(milliseconds(answer.ms))}</span>
      </header>
      {answer.body === undefined ? (
        <p class="small quiet">{t.receipt.noBody}</p>
      ) : (
        <pre class="code">{shownBody(answer.body)}</pre>
      )}
      <Note>{note}</Note>
    </li>
  );
}

function RowItem({
  row,
  note,
}: {
  readonly row: ActivityRow;
  readonly note: string | undefined;
}): JSX.Element {
  const details = Object.entries(row.detail).map(([name, value]) => `${name} ${JSON.stringify(value)}`);
  return (
    <li>
      <header>
        <b>{t.receipt.recorded}</b>
        <span class="quiet">{t.receipt.row(row.seq)}</span>
      </header>
      <pre class="code">
        {[row.event, ...(row.address === null ? [] : [row.address]), ...details].join("\n")}
      </pre>
      <Note>{note}</Note>
    </li>
  );
}

function Note({ children }: { readonly children: ComponentChildren }): JSX.Element | null {
  return children === undefined ? null : <p class="small quiet note">{children}</p>;
}
