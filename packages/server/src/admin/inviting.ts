// What administrators do with invitations: send them, again if need be, see which are open, take them back.
import { rolesOfNewAccounts } from "../accounts/account.ts";
import { addressKeyOf, parseEmailAddress } from "../accounts/email-address.ts";
import { ServiceError } from "../errors.ts";
import { whileOutdated } from "../hooks/while-outdated.ts";
import type { Invitation, InvitationPlace, InvitationStore } from "../invitations/store.ts";
import type { Locale } from "../mail/locale.ts";
import { type Actor, originOfActor } from "./actor.ts";
import type { AskingOf } from "./asking.ts";
import { checkRoles, neededFor } from "./new-roles.ts";
import type { Permissions } from "./permissions.ts";

export interface InvitationByAdmin {
  readonly email: string;
  /** Those of a sign-up by default. */
  readonly roles?: readonly string[] | undefined;
  /** The language of the mail. */
  readonly locale: Locale;
}

/** @throws ServiceError of every change: `forbidden`, `logged_out`, `unavailable` */
export interface Inviting {
  /**
   * Has a mail sent that leads to an account. For an address that was invited already it is sent once more, and the
   * roles are those of now.
   *
   * @throws ServiceError `email_invalid`, `email_taken`, `roles_invalid`, `mail_off`, `signup_closed`
   */
  invite(actor: Actor, invitation: InvitationByAdmin): Promise<Invitation>;
  /** Those that can still be used, newest first. */
  list(page: { readonly after?: InvitationPlace | undefined; readonly limit: number }): Promise<Invitation[]>;
  /** By id or by address. Its links are dead from then on. @throws ServiceError `not_found` */
  revoke(actor: Actor, idOrAddress: string): Promise<Invitation>;
}

export interface InvitingOptions {
  readonly store: InvitationStore;
  readonly askingOf: AskingOf;
  readonly lifetimeSeconds: number;
  /** Whether any mail can be sent. */
  readonly isMailOn: boolean;
  /** Whether anybody can use an invitation. */
  readonly isSignupClosed: boolean;
}

export function createInviting(options: InvitingOptions): Inviting {
  const { store, askingOf, lifetimeSeconds, isMailOn, isSignupClosed } = options;

  return {
    async invite(actor, { email: emailText, roles = rolesOfNewAccounts, locale }) {
      const email = parseEmailAddress(emailText);
      if (email === undefined) throw new ServiceError("email_invalid");
      checkRoles(roles);
      if (isSignupClosed) throw new ServiceError("signup_closed");
      if (!isMailOn) throw new ServiceError("mail_off");
      return whileOutdated(async () => {
        const earlier = await store.at(email.key);
        // Nobody changes an invitation to more than they could give themselves.
        const asking = askingOf(actor, neededFor(roles), [...roles, ...(earlier?.roles ?? [])]);
        const result = await store.send(
          {
            email: email.address,
            emailKey: email.key,
            roles,
            locale,
            lifetimeMs: lifetimeSeconds * 1000,
            earlier,
          },
          originOfActor(actor),
          asking,
        );
        if (result.outcome === "outdated") return "outdated";
        if (result.outcome !== "sent") throw new ServiceError(result.outcome);
        return result.invitation;
      });
    },

    list: (page) => store.list(page),

    revoke: (actor, text) =>
      whileOutdated(async () => {
        const found = await (text.includes("@") ? store.at(addressKeyOf(text)) : store.get(text));
        if (found === undefined) throw new ServiceError("not_found");
        const asking = askingOf(actor, ["users:write"], found.roles);
        const { outcome } = await store.revoke(found, originOfActor(actor), asking);
        if (outcome === "outdated") return "outdated";
        if (outcome !== "revoked") throw new ServiceError(outcome);
        return found;
      }),
  };
}

/** Whether an account with the roles `own` may (still) invite others to `roles`. */
export function createMayInvite(
  permissions: Pick<Permissions, "allow" | "cover">,
): (own: readonly string[], roles: readonly string[]) => boolean {
  return (own, roles) =>
    neededFor(roles).every((permission) => permissions.allow(own, permission)) &&
    permissions.cover(own, roles);
}
