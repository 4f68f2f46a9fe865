// Every operation that the socket of a server takes.
import { exportAudit } from "./audit-export.ts";
import { pruneAudit } from "./audit-prune.ts";
import { isAuditSeal, listAudit, verifyAudit } from "./audit.ts";
import { makeBackup } from "./backup.ts";
import { examine } from "./examination.ts";
import { inviteSomebody, listInvitations, revokeInvitation } from "./invitations.ts";
import { listFollowers } from "./followers.ts";
import { exportKey, listKeys, revokeKey, rotateKey } from "./keys.ts";
import { retryMail, sendTestMail } from "./mail.ts";
import type { AnyOperation } from "./operation.ts";
import { exportAccounts, importAccounts } from "./transfer.ts";
import {
  createAccount,
  endAccountSessions,
  listAccounts,
  removeAccount,
  sendReset,
  setAccountRoles,
  setAccountStatus,
  showAccount,
} from "./users.ts";
import { declareRestored } from "./restored.ts";
import { revokeAllTokens } from "./revoke-everything.ts";

export const allOperations: readonly AnyOperation[] = [
  listKeys,
  rotateKey,
  revokeKey,
  exportKey,
  verifyAudit,
  isAuditSeal,
  exportAudit,
  pruneAudit,
  listAudit,
  listFollowers,
  examine,
  revokeAllTokens,
  makeBackup,
  declareRestored,
  listAccounts,
  showAccount,
  createAccount,
  setAccountStatus,
  setAccountRoles,
  removeAccount,
  endAccountSessions,
  sendReset,
  inviteSomebody,
  listInvitations,
  revokeInvitation,
  retryMail,
  sendTestMail,
  importAccounts,
  exportAccounts,
];
