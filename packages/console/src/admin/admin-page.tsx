// What the pages of administrators share: the second row of the bar, and that nobody else sees them.
import type { ComponentChildren, JSX } from "preact";
import { useLocation } from "preact-iso";
import { Guarded } from "../account/guarded.tsx";
import { may, type Permission, permissions } from "../session/permissions.ts";
import { Page, type PageProps } from "../shell/page.tsx";
import { paths } from "../shell/paths.ts";
import { t } from "../texts/language.ts";
import "./admin.css";

const texts = t.admin;

/** Which page wants which permission, in the order of the row. */
const pages: readonly (readonly [keyof typeof texts.nav, string, Permission])[] = [
  ["people", paths.people, "users:read"],
  ["keys", paths.keys, "keys:write"],
  ["trail", paths.trail, "audit:read"],
  ["feed", paths.feed, "audit:read"],
  ["health", paths.health, "audit:read"],
];

/** The first page of the section that somebody may see. */
export function firstAdminPage(): string | undefined {
  return pages.find(([, , permission]) => may(permission))?.[1];
}

export interface AdminPageProps extends PageProps {
  readonly needs: Permission;
}

/** `children` are shown to whoever has the permission. */
export function AdminPage({ needs, ...page }: AdminPageProps): JSX.Element {
  return (
    <Guarded>
      <AdminNav />
      {may(needs) ? (
        <Page {...page} />
      ) : permissions.value === undefined ? null : (
        <Page title={page.title} lead={texts.forbidden(needs)} narrow>
          {null}
        </Page>
      )}
    </Guarded>
  );
}

function AdminNav(): JSX.Element | null {
  const { path } = useLocation();
  const visible = pages.filter(([, , permission]) => may(permission));
  if (visible.length === 0) return null;
  const entries: readonly (readonly [string, string])[] = [
    ...visible.map(([name, href]) => [texts.nav[name], href] as const),
    [texts.nav.mail, paths.mail],
  ];
  return (
    <nav class="admin-nav" aria-label={texts.nav.label}>
      <div>
        {entries.map(([label, href]) => (
          <a key={href} href={href} aria-current={path.startsWith(href) ? "page" : undefined}>
            {label}
          </a>
        ))}
      </div>
    </nav>
  );
}

/** For pages that others see, too, and that stand in the row for administrators. */
export function WithAdminNav({ children }: { readonly children: ComponentChildren }): JSX.Element {
  return (
    <>
      <AdminNav />
      {children}
    </>
  );
}
