// People: found by their address, each a row that leads to a page of their own.
import type { AdminAccount } from "@countersign/client";
import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect } from "preact/hooks";
import { Button } from "../components/button.tsx";
import { FormError } from "../components/field.tsx";
import { nowSeconds } from "../session/clock.ts";
import { may, permissions } from "../session/permissions.ts";
import { sentenceOf } from "../session/sentences.ts";
import { paths } from "../shell/paths.ts";
import { moment } from "../texts/format.ts";
import { t } from "../texts/language.ts";
import { findPeople } from "./admin-calls.ts";
import { AdminPage } from "./admin-page.tsx";
import { NewPerson } from "./new-person.tsx";
import { SearchField } from "./search-field.tsx";
import "../components/list.css";

const texts = t.admin.people;

/** While somebody types, nothing is asked. */
const restMs = 200;

export function PeoplePage(): JSX.Element {
  const makes = useSignal(false);
  const action = may("users:write") && !makes.value && (
    <Button onPress={() => (makes.value = true)}>{texts.make}</Button>
  );
  return (
    <AdminPage needs="users:read" title={texts.title} action={action}>
      {makes.value && <NewPerson onLetBe={() => (makes.value = false)} />}
      <People />
    </AdminPage>
  );
}

function People(): JSX.Element {
  const text = useSignal("");
  const people = useSignal<readonly AdminAccount[] | undefined>(undefined);
  const next = useSignal<string | null>(null);
  const found = useSignal("");
  const refused = useSignal<string | undefined>(undefined);

  async function look(signal: AbortSignal, from: string | null = null): Promise<void> {
    const wanted = text.value.trim();
    try {
      const page = await findPeople(wanted, from, signal);
      if (signal.aborted) return;
      people.value = from === null ? page.people : [...(people.value ?? []), ...page.people];
      next.value = page.next;
      found.value = wanted;
      refused.value = undefined;
    } catch (error) {
      if (!signal.aborted) refused.value = sentenceOf(error);
    }
  }

  useEffect(() => {
    const aborting = new AbortController();
    const timer = setTimeout(() => void look(aborting.signal), people.value === undefined ? 0 : restMs);
    return () => {
      clearTimeout(timer);
      aborting.abort();
    };
  }, [text.value, permissions.value]);

  return (
    <>
      <SearchField label={texts.search} value={text.value} onChange={(value) => (text.value = value)} />
      <FormError text={refused.value} />
      {people.value !== undefined &&
        (people.value.length === 0 ? (
          <p class="nobody">{found.value === "" ? texts.nobodyYet : texts.nobody(found.value)}</p>
        ) : (
          <PeopleTable people={people.value} />
        ))}
      {next.value !== null && (
        <p class="more">
          <Button onPress={() => look(new AbortController().signal, next.value)}>{t.admin.more}</Button>
        </p>
      )}
    </>
  );
}

function PeopleTable({ people }: { readonly people: readonly AdminAccount[] }): JSX.Element {
  const { columns } = texts;
  const now = new Date(nowSeconds.value * 1000);
  return (
    <table class="list">
      <thead>
        <tr>
          <th scope="col">{columns.email}</th>
          <th scope="col">{columns.roles}</th>
          <th scope="col">{columns.since}</th>
          <th scope="col">{columns.state}</th>
        </tr>
      </thead>
      <tbody>
        {people.map(({ id, email, name, roles, status, created_at: createdAt }) => (
          <tr key={id}>
            <td>
              <a class="person" href={`${paths.people}/${id}`}>
                <b>{email}</b>
              </a>
              {name !== null && <span class="small quiet under">{name}</span>}
            </td>
            <td class="wide">
              <Badges words={roles} />
            </td>
            <td class="wide">{moment(new Date(createdAt), now)}</td>
            <td>{status === "disabled" ? <span class="badge">{texts.disabled}</span> : texts.active}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Badges({ words }: { readonly words: readonly string[] }): JSX.Element {
  return (
    <span class="badges">
      {words.map((word) => (
        <span key={word} class="badge">
          {word}
        </span>
      ))}
    </span>
  );
}
