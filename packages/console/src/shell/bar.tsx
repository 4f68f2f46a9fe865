// The bar on top of every page.
import type { JSX } from "preact";
import { useLocation } from "preact-iso";
import { Strip } from "../components/strip.tsx";
import { permissions } from "../session/permissions.ts";
import { me } from "../session/session.ts";
import { t } from "../texts/language.ts";
import { paths } from "./paths.ts";

export function Bar(): JSX.Element {
  const { path } = useLocation();
  const entries = [
    { href: paths.story, label: t.bar.story, isHere: path === paths.story || path === `${paths.story}/` },
    { href: paths.inspector, label: t.bar.inspector, isHere: path.startsWith(paths.inspector) },
    { href: paths.account, label: t.bar.account, isHere: path.startsWith(paths.account) },
    ...((permissions.value?.size ?? 0) > 0
      ? [
          {
            href: paths.admin,
            label: t.bar.admin,
            isHere: path.startsWith(paths.admin) || path === paths.mail,
          },
        ]
      : []),
  ];
  return (
    <header class="bar">
      <a class="brand" href={paths.story}>
        <Strip />
        Countersign
      </a>
      <nav aria-label={t.bar.label}>
        {entries.map(({ href, label, isHere }) => (
          <a key={href} href={href} aria-current={isHere ? "page" : undefined}>
            {label}
          </a>
        ))}
      </nav>
      <Who />
    </header>
  );
}

/** Until it is known whether somebody is logged in, nothing is said. */
function Who(): JSX.Element | null {
  const account = me.value;
  if (account === undefined) return null;
  if (account === null) {
    return (
      <a class="button slight" href={paths.login}>
        {t.bar.logIn}
      </a>
    );
  }
  return (
    <a class="button slight" href={paths.account}>
      <span class="who">{account.email}</span>
    </a>
  );
}
