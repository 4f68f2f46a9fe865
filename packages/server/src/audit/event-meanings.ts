// What each event of the trail means: the table behind docs/reference/audit-events.md.
import type { AuditEventName } from "../database/audit-event.ts";

export interface EventMeaning {
  /** What happened, as a sentence without its full stop. */
  readonly meaning: string;
  /** The members of its `detail`, each with what it holds. */
  readonly detail?: Readonly<Record<string, string>>;
}

const endedSessions = { endedSessions: "how many sessions ended with it" };
const kid = { kid: "the key's id" };
const newKey = { ...kid, algorithm: "what it signs with" };
const generations = { presented: "the generation that came", current: "the one that is in force" };

export const eventMeanings: Readonly<Record<AuditEventName, EventMeaning>> = {
  account_created: {
    meaning: "Somebody signed up",
    detail: {
      roles: "the roles of the account",
      invitation: "the invitation that it was made with, where there was one",
      invitedBy: "the id of the account that had sent it; null: the command line",
    },
  },
  invitation_sent: {
    meaning: "Somebody was invited by mail to make an account, or once more",
    detail: { invitation: "its id", roles: "the roles that the account is to have" },
  },
  invitation_revoked: {
    meaning: "An invitation was taken back before it was used",
    detail: { invitation: "its id" },
  },
  accounts_imported: {
    meaning: "Accounts of another system were taken in by `countersign users import`; a row for each batch",
    detail: { count: "how many", ids: "their ids" },
  },
  accounts_exported: {
    meaning: "Somebody took the accounts out, by `countersign users export`",
    detail: { hashes: "whether with the hashes of their passwords" },
  },
  account_changed: {
    meaning: "The account's profile changed, or what an app keeps with it",
    detail: {
      changed: "what of it, never to what",
      revokedTokens: "of `app_metadata`: whether access tokens of before are refused",
    },
  },
  account_deleted: { meaning: "The account is gone; the trail keeps its id", detail: endedSessions },
  account_disabled: {
    meaning: "Nobody can log in to the account until it is enabled",
    detail: endedSessions,
  },
  account_enabled: { meaning: "The account can be logged in to again", detail: endedSessions },
  password_changed: { meaning: "The account has another password", detail: endedSessions },
  roles_changed: { meaning: "The account has other roles", detail: { roles: "all that it has now" } },
  login_failed: {
    meaning:
      "A login failed. Written by releases before this one only: failures are counted, and have no row",
  },
  guessing_refused: {
    meaning: "Wrong passwords are refused from here on; once for each beginning, not for each attempt",
    detail: { by: "what had too many: `source`, `account`, `device`, `signup`, `caller`, `mail`, `code`" },
  },
  guessing_locked: {
    meaning: "An account takes no password from unknown devices any more",
    detail: { guesses: "how many were wrong in a row" },
  },
  guessing_unlocked: {
    meaning: "The account was opened to unknown devices again",
    detail: { guesses: "how many had been wrong in a row" },
  },
  mail_failed: {
    meaning: "A mail is not tried any more; `countersign mail retry` has it tried again",
    detail: {
      purpose: "what it was about",
      tries: "how often it was tried",
      reason: "why it failed last, without a word of the mail",
    },
  },
  password_reset_sent: { meaning: "An administrator had a mail sent that leads to a new password" },
  password_reset: {
    meaning: "Somebody set a new password by mail",
    detail: { ...endedSessions, proved: "whether it showed for the first time that the address is theirs" },
  },
  email_verified: {
    meaning: "Somebody showed that the address of the account is theirs",
    detail: {
      by: "what showed that the account is theirs, too: `session`, `password`, `device`; `none`: nothing did",
    },
  },
  email_changed: {
    meaning: "The account has another address, which was confirmed",
    detail: { undoable: "whether the earlier address can undo it for 7 days" },
  },
  email_change_undone: {
    meaning: "The account has an earlier address again, and neither password nor sessions",
    detail: endedSessions,
  },
  password_voided: {
    meaning: "The account has no password, factor or passkey until its owner sets a password by mail",
    detail: endedSessions,
  },
  factor_added: {
    meaning: "The account has one more second factor",
    detail: { factor: "`totp` or `passkey`" },
  },
  factor_removed: {
    meaning: "The account has one second factor less",
    detail: { factor: "`totp` or `passkey`" },
  },
  factor_locked: {
    meaning: "Too many wrong codes came: none of the authenticator app is taken for 15 minutes, or at all",
    detail: { wrong: "how many were wrong in a row" },
  },
  passkey_counter_behind: {
    meaning: "A passkey was refused whose counter stood still or went back: somebody may have a copy of it",
    detail: { known: "the counter that was seen last", shown: "the one that came" },
  },
  recovery_codes_renewed: { meaning: "The account has ten new recovery codes, and the old ones are dead" },
  recovery_code_used: { meaning: "A recovery code was used up, in a login" },
  login_disowned: {
    meaning:
      "The owner said, with the link of a mail, that a login was not their own; no device is known any more",
    detail: {
      endedSessions:
        "1: that of the login; where it was over, as by a new password, all that the account had",
    },
  },
  session_opened: {
    meaning: "Somebody logged in, or a session got a successor",
    detail: {
      kind: "`token` or `cookie`",
      amr: "how they showed who they are (RFC 8176)",
      replaces: "the session that it succeeds, after a new password",
    },
  },
  session_stepped_up: {
    meaning: "Somebody who is logged in showed who they are once more; what that gave waits to be presented",
    detail: { kind: "`token` or `cookie`", amr: "all that they have shown (RFC 8176)" },
  },
  session_raised: {
    meaning:
      "What a step-up gave was presented: the session is of that level, and what was held before is void",
    detail: { amr: "what the session's tokens say from then on" },
  },
  session_ended: {
    meaning: "One session ended",
    detail: {
      reason:
        "why, such as `logout`; `displaced`: the account had too many; `reuse`: a cookie came that a step-up had made void",
      by: "the session that displaced it",
    },
  },
  sessions_ended: {
    meaning: "Sessions of the account ended at once; `sid` is the one that was kept, if any",
    detail: { reason: "why, such as `logout` or a new password", ended: "how many" },
  },
  renewal_late: {
    meaning: "A refresh token was renewed whose answer had been lost; the token that was not used is dead",
    detail: { presented: "the generation that came", given: "the one that was given for it" },
  },
  renewal_reused: {
    meaning: "A refresh token came that had been exchanged long ago: two hold a copy, so the session ended",
    detail: generations,
  },
  renewal_from_future: {
    meaning: "A refresh token came that this database never gave out: it was restored from a backup",
    detail: generations,
  },
  everything_revoked: {
    meaning: "Every access token until now is refused",
    detail: { tokens_before: "until when, in seconds since 1970" },
  },
  trail_pruned: {
    meaning: "Whoever runs the server had the oldest events removed, once the whole trail was proved",
    detail: {
      events: "how many",
      last: "the number of the last one",
      hash: "its hash, which the first event that stays carries on",
      before: "none of them was of this time or later",
    },
  },
  backup_made: { meaning: "Somebody took a copy of the whole database, encrypted under the master key" },
  restored: {
    meaning:
      "The database was brought back from a copy: what happened between the event before this one and now is not in the trail",
    detail: {
      ...endedSessions,
      kept_sessions: "whether they were left alive instead",
      voided_codes: "how many codes and links are void",
      dropped_mail: "how many mails that were not sent are dropped",
      revoked_keys: "how many signing keys are revoked",
    },
  },
  key_created: { meaning: "The first signing key was made", detail: newKey },
  key_staged: { meaning: "A signing key was made and is published; it does not sign yet", detail: newKey },
  key_activated: {
    meaning: "A signing key signs from here on",
    detail: { ...kid, retiring: "the key that does not sign any more; null where it was revoked" },
  },
  key_retired: { meaning: "A signing key is erased; every token of it is dead", detail: kid },
  key_revoked: {
    meaning: "A signing key is erased, and every token of it is refused",
    detail: { ...kid, state: "what it was before" },
  },
  key_exported: { meaning: "Somebody took a signing key, or its public half, out", detail: kid },
};
