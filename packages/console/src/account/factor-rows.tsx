// The second factors: passkeys, an authenticator app, and the codes for when it is gone.
import type { FactorsResponse } from "@countersign/client";
import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect } from "preact/hooks";
import { AskingButton } from "../components/asking-button.tsx";
import { Tick } from "../components/icons.tsx";
import { sentenceOf } from "../session/sentences.ts";
import { t } from "../texts/language.ts";
import { listFactors, removeTotp, renewRecoveryCodes } from "./account-calls.ts";
import { PasskeysRow } from "./passkeys-row.tsx";
import { RecoveryCodes } from "./recovery-codes.tsx";
import { EditableRow, Row } from "../components/row.tsx";
import { TotpSetup } from "./totp-setup.tsx";

const texts = t.factors;

/** Nothing, where the server has no second factors. */
export function FactorRows(): JSX.Element | null {
  const factors = useSignal<FactorsResponse | undefined>(undefined);
  const setsUp = useSignal(false);
  const codes = useSignal<readonly string[] | undefined>(undefined);
  const said = useSignal<{ readonly at: "totp" | "codes"; readonly text: string } | undefined>(undefined);

  async function look(): Promise<void> {
    factors.value = await listFactors().catch(() => factors.value);
  }
  useEffect(() => void look(), []);

  async function remove(): Promise<void> {
    try {
      await removeTotp();
      said.value = { at: "totp", text: texts.removed };
    } catch (error) {
      said.value = { at: "totp", text: sentenceOf(error) };
    }
    await look();
  }

  async function renew(): Promise<void> {
    try {
      codes.value = await renewRecoveryCodes();
      said.value = undefined;
    } catch (error) {
      said.value = { at: "codes", text: sentenceOf(error) };
    }
    await look();
  }

  async function added(given: readonly string[] | undefined): Promise<void> {
    codes.value = given;
    said.value = { at: "totp", text: texts.added };
    await look();
    setsUp.value = false;
  }

  const known = factors.value;
  if (known === undefined) return null;
  const saidAt = (place: "totp" | "codes"): string | undefined =>
    said.value?.at === place ? said.value.text : undefined;
  return (
    <>
      <PasskeysRow
        onChange={async (given) => {
          codes.value = given ?? codes.value;
          await look();
        }}
      />
      {known.totp ? (
        <Row
          label={texts.app}
          value={
            <span class="has">
              <Tick />
              {texts.appValue}
            </span>
          }
          said={saidAt("totp")}
          action={
            <AskingButton verb={texts.remove} subject={texts.app} question={texts.askRemove} onDo={remove} />
          }
        />
      ) : (
        <EditableRow
          label={texts.app}
          value={<span class="quiet">{texts.none}</span>}
          verb={texts.add}
          said={saidAt("totp")}
          open={setsUp}
        >
          <TotpSetup
            onDone={(given) => void added(given)}
            onLetBe={(why) => {
              setsUp.value = false;
              said.value = why === undefined ? undefined : { at: "totp", text: why };
            }}
          />
        </EditableRow>
      )}
      {codes.value !== undefined ? (
        <section class="row open">
          <h2>{texts.codes.row}</h2>
          <div class="value">
            <RecoveryCodes
              codes={codes.value}
              onKept={() => {
                codes.value = undefined;
              }}
            />
          </div>
        </section>
      ) : (
        known.required && (
          <Row
            label={texts.codes.row}
            value={texts.codes.left(known.recovery_codes)}
            said={saidAt("codes")}
            action={
              <AskingButton
                verb={texts.codes.renew}
                subject={texts.codes.row}
                question={texts.codes.askRenew}
                keep={texts.codes.keep}
                onDo={renew}
              />
            }
          />
        )
      )}
    </>
  );
}
