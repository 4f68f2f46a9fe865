// The three parts of a token in words, claim by claim.
import { useSignal } from "@preact/signals";
import type { ComponentChildren, JSX } from "preact";
import type { Held } from "../../components/token-view.tsx";
import { nowSeconds } from "../../session/clock.ts";
import { clockTime } from "../../texts/format.ts";
import { t } from "../../texts/language.ts";
import { type JsonObject, objectIn, partsOf } from "../../token/parts.ts";

const texts = t.story.whatItSays;

/** The claims that are told at once; the others on demand. */
const firstClaims = ["sub", "roles", "exp"];
const shownLength = 14;

export function WhatItSays({ token, held }: { readonly token: string; readonly held: Held }): JSX.Element {
  const all = useSignal(false);
  const parts = partsOf(token);
  const header = objectIn(parts?.header ?? "") ?? {};
  const payload = objectIn(parts?.payload ?? "") ?? {};
  const others = Object.keys(payload).filter((name) => !firstClaims.includes(name));
  const shown = [...firstClaims.filter((name) => name in payload), ...(all.value ? others : [])];
  const alg = String(header["alg"]);
  return (
    <div class="said">
      <Row part="h" name={t.parts.header} title={texts.header} held={held}>
        <dl class="claims">
          <Claim name="alg" value={alg} says={texts.algorithm(alg)} />
          {typeof header["kid"] === "string" && (
            <Claim
              name="kid"
              value={short(header["kid"])}
              says={alg.startsWith("HS") ? texts.kidSecret : texts.kid}
            />
          )}
        </dl>
      </Row>
      <Row part="p" name={t.parts.payload} title={texts.payload} held={held}>
        <dl class="claims">
          {shown.map((name) => (
            <Claim key={name} name={name} value={valueOf(name, payload)} says={saysOf(name, payload)} />
          ))}
        </dl>
        {others.length > 0 && (
          <button
            type="button"
            class="link small more"
            aria-expanded={all.value}
            onClick={() => (all.value = !all.value)}
          >
            {all.value ? texts.fewer : texts.more(others.length)}
          </button>
        )}
      </Row>
      <Row part="s" name={t.parts.signature} title={texts.signature} held={held}>
        <p class="quiet">{alg.startsWith("HS") ? texts.signatureSecret : texts.signaturePair}</p>
      </Row>
    </div>
  );
}

interface RowProps {
  readonly part: "h" | "p" | "s";
  readonly name: string;
  readonly title: string;
  readonly held: Held;
  readonly children: ComponentChildren;
}

function Row({ part, name, title, held, children }: RowProps): JSX.Element {
  const hold = (): void => void (held.value = part);
  const release = (): void => void (held.value = undefined);
  return (
    <div
      class={held.value === part ? `${part} held` : part}
      onPointerEnter={hold}
      onPointerLeave={release}
      onFocusCapture={hold}
      onBlurCapture={release}
    >
      <div>
        <span class="name">
          <i class="glyph" />
          {name}
        </span>
      </div>
      <div>
        <h2 class="row-title">{title}</h2>
        {children}
      </div>
    </div>
  );
}

function Claim(props: { readonly name: string; readonly value: string; readonly says: string }): JSX.Element {
  return (
    <div>
      <dt>{props.name}</dt>
      <dd class="v">{props.value}</dd>
      <dd class="w">{props.says}</dd>
    </div>
  );
}

function short(text: string): string {
  return text.length > shownLength ? `${text.slice(0, 8)}…` : text;
}

function valueOf(name: string, payload: JsonObject): string {
  const value = payload[name];
  if (["exp", "iat", "nbf", "auth_time"].includes(name) && typeof value === "number") return clockTime(value);
  return short(Array.isArray(value) ? value.join(", ") : String(value));
}

function saysOf(name: string, payload: JsonObject): string {
  const { exp } = payload;
  if (name === "exp" && typeof exp === "number") {
    return texts.exp(Math.max(0, Math.round((exp - nowSeconds.value) / 60)));
  }
  return (texts.claims as Readonly<Record<string, string>>)[name] ?? t.claims.unknown;
}
