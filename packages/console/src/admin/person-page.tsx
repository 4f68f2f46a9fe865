// One person: what is known of the account, and what may be done with it, each in its row.
import type { AdminAccount } from "@countersign/client";
import { type Signal, useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect } from "preact/hooks";
import { useLocation } from "preact-iso";
import { AskingButton } from "../components/asking-button.tsx";
import { Button } from "../components/button.tsx";
import { CopyButton } from "../components/copy-button.tsx";
import { FormError } from "../components/field.tsx";
import { Tick } from "../components/icons.tsx";
import { Row } from "../components/row.tsx";
import { may } from "../session/permissions.ts";
import { sentenceOf } from "../session/sentences.ts";
import { paths } from "../shell/paths.ts";
import { say } from "../shell/toast.tsx";
import { moment } from "../texts/format.ts";
import { t } from "../texts/language.ts";
import { deletePerson, sendReset, setStanding, showPerson, unlock } from "./admin-calls.ts";
import { AdminPage } from "./admin-page.tsx";
import { PersonSessions } from "./person-sessions.tsx";
import { RolesRow } from "./roles-row.tsx";
import { WhyRefused } from "./why-refused.tsx";

const texts = t.admin.person;

export function PersonPage({ id = "" }: { readonly id?: string }): JSX.Element {
  const person = useSignal<AdminAccount | undefined>(undefined);
  return (
    <AdminPage key={id} needs="users:read" title={person.value?.email ?? texts.title} narrow>
      <Person id={id} person={person} />
      <p class="back">
        <a href={paths.people}>{t.admin.people.title}</a>
      </p>
    </AdminPage>
  );
}

interface PersonProps {
  readonly id: string;
  readonly person: Signal<AdminAccount | undefined>;
}

function Person({ id, person }: PersonProps): JSX.Element | null {
  const refused = useSignal<string | undefined>(undefined);
  /** Raised with every change, so that what the trail says of it is read. */
  const changes = useSignal(0);
  useEffect(() => {
    showPerson(id).then(
      (found) => (person.value = found),
      (error: unknown) => (refused.value = sentenceOf(error)),
    );
  }, [id]);
  const account = person.value;
  if (account === undefined) return <FormError text={refused.value} />;
  const changed = (now?: AdminAccount): void => {
    if (now !== undefined) person.value = now;
    changes.value += 1;
  };
  return (
    <>
      <div class="rows">
        <Row label={texts.name} value={account.name ?? <span class="quiet">{texts.noName}</span>} />
        <Row
          label={t.common.email}
          value={
            account.email_verified ? (
              <span class="has">
                <Tick />
                {texts.verified}
              </span>
            ) : (
              texts.unverified
            )
          }
        />
        <Row
          label={texts.id}
          value={<code>{id}</code>}
          action={<CopyButton text={() => id} subject={texts.id} slight />}
        />
        <Row label={texts.since} value={moment(new Date(account.created_at), new Date())} />
        <RolesRow account={account} onChange={changed} />
        <StandingRow account={account} onChange={changed} />
        <PasswordRow id={id} onChange={changed} />
        <UnlockRow id={id} onChange={changed} />
      </div>
      <PersonSessions id={id} changes={changes.value} />
      {may("audit:read") && <WhyRefused account={account} changes={changes.value} />}
      {may("users:write") && <Deletion account={account} />}
    </>
  );
}

interface ChangeProps {
  readonly onChange: (now?: AdminAccount) => void;
}

function StandingRow({ account, onChange }: { readonly account: AdminAccount } & ChangeProps): JSX.Element {
  const said = useSignal<string | undefined>(undefined);
  const isActive = account.status === "active";

  async function set(verb: "disable" | "enable"): Promise<void> {
    try {
      onChange(await setStanding(account.id, verb));
      said.value = verb === "disable" ? texts.disabledNow : texts.enabledNow;
    } catch (error) {
      said.value = sentenceOf(error);
    }
  }

  const action = !may("users:write") ? undefined : isActive ? (
    <AskingButton verb={texts.disable} question={texts.askDisable} onDo={() => set("disable")} />
  ) : (
    <Button kind="slight" onPress={() => set("enable")}>
      {texts.enable}
    </Button>
  );
  return (
    <Row
      label={texts.state}
      value={isActive ? texts.active : <span class="badge">{t.admin.people.disabled}</span>}
      said={said.value}
      action={action}
    />
  );
}

/** Nobody sets another's password: its owner is sent a mail. */
function PasswordRow({ id, onChange }: { readonly id: string } & ChangeProps): JSX.Element | null {
  const said = useSignal<string | undefined>(undefined);
  if (!may("users:write")) return null;

  async function send(): Promise<void> {
    try {
      await sendReset(id);
      said.value = texts.resetSent;
      onChange();
    } catch (error) {
      said.value = sentenceOf(error);
    }
  }

  return (
    <Row
      label={t.common.password}
      value={<span class="quiet">{texts.passwordText}</span>}
      said={said.value}
      action={
        <Button kind="slight" onPress={send}>
          {texts.sendReset}
        </Button>
      }
    />
  );
}

function UnlockRow({ id, onChange }: { readonly id: string } & ChangeProps): JSX.Element | null {
  const said = useSignal<string | undefined>(undefined);
  if (!may("users:write")) return null;

  async function open(): Promise<void> {
    try {
      said.value = texts.unlocked(await unlock(id));
      onChange();
    } catch (error) {
      said.value = sentenceOf(error);
    }
  }

  return (
    <Row
      label={texts.guesses}
      value={<span class="quiet">{texts.guessesText}</span>}
      said={said.value}
      action={
        <Button kind="slight" onPress={open}>
          {texts.unlock}
        </Button>
      }
    />
  );
}

function Deletion({ account }: { readonly account: AdminAccount }): JSX.Element {
  const { route } = useLocation();
  const refused = useSignal<string | undefined>(undefined);

  async function remove(): Promise<void> {
    try {
      await deletePerson(account.id);
      say(texts.deleted(account.email));
      route(paths.people);
    } catch (error) {
      refused.value = sentenceOf(error);
    }
  }

  return (
    <div class="rows">
      <Row
        label={texts.deletion}
        value={<span class="quiet">{texts.deletionText}</span>}
        said={refused.value}
        action={<AskingButton verb={texts.delete} question={texts.askDelete} onDo={remove} />}
      />
    </div>
  );
}
