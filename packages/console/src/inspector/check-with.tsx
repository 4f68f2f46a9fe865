// What the token is checked with: this server's keys, or a key that is pasted.
import type { JSX } from "preact";
import { useId } from "preact/hooks";
import { Field } from "../components/field.tsx";
import { Warn } from "../components/icons.tsx";
import { Prose } from "../components/prose.tsx";
import { count } from "../texts/format.ts";
import { t } from "../texts/language.ts";
import type { KeyKind } from "../token/keys.ts";
import type { Warning } from "../token/warnings.ts";
import {
  checkKinds,
  type CheckWith,
  checkWith,
  expectedAudience,
  expectedIssuer,
  keyTexts,
  serverKeys,
  warnings,
} from "./state.ts";

const texts = t.inspector.check;

export function CheckWithPanel(): JSX.Element {
  const kind = checkWith.value;
  return (
    <section class="check-with">
      <fieldset>
        <legend>{texts.label}</legend>
        <div class="choice">
          {checkKinds.map((each) => (
            <label key={each}>
              <input type="radio" name="check-with" checked={each === kind} onChange={() => choose(each)} />
              <span>{texts.kinds[each]}</span>
            </label>
          ))}
        </div>
      </fieldset>
      {kind === "server" ? <ServerSays /> : <KeyField kind={kind} />}
      <Warnings />
      <details class="expect">
        <summary>{texts.expect}</summary>
        <Field
          label={texts.issuer}
          name="issuer"
          required={false}
          value={expectedIssuer.value}
          onChange={(value) => (expectedIssuer.value = value)}
          hint={texts.expectHint}
        />
        <Field
          label={texts.audience}
          name="audience"
          required={false}
          value={expectedAudience.value}
          onChange={(value) => (expectedAudience.value = value)}
          hint={texts.expectHint}
        />
      </details>
    </section>
  );
}

function choose(kind: CheckWith): void {
  checkWith.value = kind;
}

function ServerSays(): JSX.Element | null {
  const known = serverKeys.value;
  const words = t.inspector.unchecked;
  if (known === undefined) return null;
  if (known === "unreachable") return <p class="small quiet says-server">{words.server_unreachableMore}</p>;
  const names = known.keys.map(({ kid, algorithms: [alg] }) => `\`${alg ?? ""}\` \`${kid ?? ""}\``);
  return (
    <p class="small quiet says-server">
      <Prose
        text={
          names.length === 0
            ? `${words.server_secret} ${words.server_secretMore}`
            : texts.serverKeys(names.join(", "))
        }
      />
    </p>
  );
}

function KeyField({ kind }: { readonly kind: KeyKind }): JSX.Element {
  const id = useId();
  return (
    <div class="key-field">
      <label class="away" for={id}>
        {texts.fields[kind]}
      </label>
      <textarea
        id={id}
        class="mono"
        rows={kind === "secret" ? 1 : 6}
        value={keyTexts.value[kind]}
        spellcheck={false}
        autocapitalize="none"
        autocomplete="off"
        onInput={(event) => (keyTexts.value = { ...keyTexts.value, [kind]: event.currentTarget.value })}
      />
    </div>
  );
}

function Warnings(): JSX.Element {
  return (
    <ul class="warnings" aria-label={t.inspector.warnings.label}>
      {warnings.value.map((warning) => {
        const text = textOf(warning);
        return (
          <li key={text} class="notice">
            <Warn />
            <p>
              <Prose text={text} />
            </p>
          </li>
        );
      })}
    </ul>
  );
}

function textOf(warning: Warning): string {
  const words = t.inspector.warnings;
  switch (warning.kind) {
    case "long_life":
      return words.long_life(count(warning.days));
    case "personal":
      return words.personal(warning.claim);
    case "secret_short":
      return words.secret_short(warning.bytes);
    case "none":
    case "no_expiry":
    case "secret_repetitive":
    case "secret_published":
    case "secret_guessable":
    case "private_key":
      return words[warning.kind];
  }
}
