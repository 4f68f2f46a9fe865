// Whether the chain of the trail is whole: computed by the server over every row.
import type { AuditChainResponse } from "@countersign/client";
import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect } from "preact/hooks";
import { AcceptedSign, RefusedSign } from "../components/icons.tsx";
import { Prose } from "../components/prose.tsx";
import { nowSeconds } from "../session/clock.ts";
import { read } from "../session/requests.ts";
import { sentenceOf } from "../session/sentences.ts";
import { count, fromNow } from "../texts/format.ts";
import { t } from "../texts/language.ts";

const texts = t.admin.trail.chain;

export function ChainState(): JSX.Element | null {
  const chain = useSignal<AuditChainResponse | undefined>(undefined);
  const refused = useSignal<string | undefined>(undefined);
  useEffect(() => {
    read<AuditChainResponse>("admin/audit/chain").then(
      (found) => (chain.value = found),
      (error: unknown) => (refused.value = sentenceOf(error)),
    );
  }, []);
  if (refused.value !== undefined) return <p class="small quiet">{refused.value}</p>;
  if (chain.value === undefined) return null;
  const { outcome, rows, checked_at: checkedAt } = chain.value;
  const ago = Math.min(Date.parse(checkedAt) / 1000 - nowSeconds.value, 0);
  return outcome === "intact" ? (
    <p class="chain">
      <span class="word">
        <AcceptedSign />
        {texts.intact}
      </span>
      <span class="small quiet">{texts.rows(count(rows), fromNow(ago))}</span>
    </p>
  ) : (
    <p class="chain">
      <span class="word refused">
        <RefusedSign />
        {texts.broken}
      </span>
      <span class="small">
        <Prose text={texts.brokenMore(count(rows + 1))} />
      </span>
    </p>
  );
}
