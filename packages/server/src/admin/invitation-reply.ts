// An invitation as administrators see it.
import type { AdminInvitation } from "@countersign/client";
import type { Invitation } from "../invitations/store.ts";
import { isoTime } from "../iso-time.ts";

export function adminInvitationOf(invitation: Invitation): AdminInvitation {
  return {
    id: invitation.id,
    email: invitation.email,
    roles: invitation.roles,
    invited_by: invitation.invitedBy,
    sent_at: isoTime(invitation.sentAtMs),
    expires_at: isoTime(invitation.expiresAtMs),
  };
}
