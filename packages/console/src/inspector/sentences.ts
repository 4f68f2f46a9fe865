// The verdict in words: what is the matter, and what it means.
import { fromNow } from "../texts/format.ts";
import { t } from "../texts/language.ts";
import type { Refusal } from "../token/verdict.ts";
import type { Judgement } from "./judgement.ts";
import {
  changedClaims,
  changedParameters,
  header,
  isChanged,
  isThrowaway,
  original,
  parts,
} from "./state.ts";
import { nowSeconds } from "../session/clock.ts";
import { asText, partsOf } from "../token/parts.ts";

export interface Sentences {
  readonly sentence: string;
  readonly more: string;
}

export function sentencesFor(verdict: Judgement): Sentences {
  const { verdict: texts, unchecked } = t.inspector;
  switch (verdict.outcome) {
    case "accepted":
      return { sentence: texts.accepted, more: isThrowaway.value ? texts.throwawayMore : texts.acceptedMore };
    case "unchecked":
      return whyUnchecked(verdict.why, unchecked);
    case "refused":
      return {
        sentence: sentenceOfReason(verdict),
        more:
          verdict.reason === "bad_signature" ? whatChanged() : t.inspector.reasons[`${verdict.reason}More`],
      };
  }
}

function whyUnchecked(
  why: Extract<Judgement, { outcome: "unchecked" }>["why"],
  words: typeof t.inspector.unchecked,
): Sentences {
  switch (why) {
    case "server_secret":
      return { sentence: words.server_secret, more: words.server_secretMore };
    case "server_unreachable":
      return { sentence: words.server_unreachable, more: words.server_unreachableMore };
    case "no_crypto":
      return { sentence: words.no_crypto, more: words.no_cryptoMore };
    case "no_key":
    case "empty":
      return { sentence: words.no_key, more: words.no_keyMore };
    case "no_json":
    case "unusable":
    case "private_pem":
    case "certificate":
    case "unsupported":
      return { sentence: words.no_key, more: words[why] };
  }
}

function sentenceOfReason({ reason, claim, at }: Refusal): string {
  const { reasons } = t.inspector;
  switch (reason) {
    case "algorithm_not_allowed":
      return reasons.algorithm_not_allowed(asText(header.value?.["alg"] ?? "–"));
    case "unknown_key":
      return reasons.unknown_key(shortened(asText(header.value?.["kid"] ?? "–")));
    case "bad_signature":
      return changedParameters.value.length > 0 && changedClaims.value.length === 0
        ? reasons.bad_signatureHeader
        : reasons.bad_signature;
    case "expired":
    case "not_yet_valid":
      return reasons[reason](fromNow((at ?? nowSeconds.value) - nowSeconds.value));
    case "claim_missing":
    case "claim_invalid":
      return reasons[reason](`\`${claim ?? ""}\``);
    case "malformed":
    case "critical_header":
    case "wrong_type":
    case "wrong_issuer":
    case "wrong_audience":
      return reasons[reason];
  }
}

function whatChanged(): string {
  const { verdict: texts } = t.inspector;
  if (!isChanged.value) return texts.otherKey;
  const claims = changedClaims.value;
  if (claims.length > 0) return texts.changedClaims(claims.map((name) => `\`${name}\``).join(", "));
  if (changedParameters.value.length > 0) return texts.changedHeader;
  return parts.value?.signature === partsOf(original.value)?.signature
    ? texts.otherKey
    : texts.changedSignature;
}

function shortened(text: string): string {
  return text.length > 12 ? `${text.slice(0, 4)}…` : text;
}
