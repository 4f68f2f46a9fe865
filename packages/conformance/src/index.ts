/** The attack kit: every known attack on JSON Web Tokens, for any verify function and any URL. */
export { attack, attackBuilder, type AttackBuilderOptions, type AttackOptions } from "./attack.ts";
export type { AttackCase, CaseFacts, Family, Outcome, AttackerHolds } from "./attack-case.ts";
export { attackRecovery, type AttackRecoveryOptions } from "./attack-recovery.ts";
export { attackUrl, type AttackUrlOptions } from "./attack-url.ts";
export { catalogue } from "./catalogue.ts";
export { UrlTargetError, type UrlTargetErrorCode } from "./http/url-target-error.ts";
export { type AttackKeys, makeKeys, type MakeKeysOptions } from "./keys.ts";
export type { RecoveryMail, RecoveryPaths, RecoveryTarget } from "./recovery/recovery-service.ts";
export type { AttackReport, AttackResult } from "./report/attack-report.ts";
export { jsonLine } from "./report/json-lines.ts";
export { junit } from "./report/junit.ts";
export { table } from "./report/table.ts";
export type { BuildVerify, Profile, Verify, VerifierSetup } from "./verifier-setup.ts";
