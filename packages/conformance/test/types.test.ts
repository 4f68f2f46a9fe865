// What the compiler knows of each public type; judged by `tsc`, not when the test runs.
import type { JsonWebKey, KeyObject } from "node:crypto";
import { expectTypeOf, test } from "vitest";
import {
  attack,
  attackBuilder,
  attackRecovery,
  attackUrl,
  catalogue,
  jsonLine,
  junit,
  makeKeys,
  table,
  type UrlTargetError,
} from "../src/index.ts";
import type {
  AttackBuilderOptions,
  AttackCase,
  AttackKeys,
  AttackOptions,
  AttackRecoveryOptions,
  AttackReport,
  AttackResult,
  AttackUrlOptions,
  BuildVerify,
  CaseFacts,
  Family,
  MakeKeysOptions,
  Outcome,
  AttackerHolds,
  Profile,
  RecoveryMail,
  RecoveryPaths,
  RecoveryTarget,
  UrlTargetErrorCode,
  Verify,
  VerifierSetup,
} from "../src/index.ts";

test("attack takes any Verify function, synchronous or not, and AttackKeys", () => {
  expectTypeOf(attack).toEqualTypeOf<
    (verify: Verify, keys: AttackKeys, options?: AttackOptions) => Promise<AttackReport>
  >();
  expectTypeOf<Verify>().toEqualTypeOf<(token: string) => unknown>();
  expectTypeOf<(token: string) => Promise<boolean>>().toExtend<Verify>();
  expectTypeOf<AttackOptions["families"]>().toEqualTypeOf<readonly Family[] | undefined>();
});

test("attackBuilder takes a BuildVerify function, which may say null", () => {
  expectTypeOf(attackBuilder).toEqualTypeOf<
    (build: BuildVerify, options?: AttackBuilderOptions) => Promise<AttackReport>
  >();
  expectTypeOf<AttackBuilderOptions>().toExtend<AttackOptions>();
  expectTypeOf<(setup: VerifierSetup) => null>().toExtend<BuildVerify>();
  expectTypeOf<(setup: VerifierSetup) => Promise<Verify>>().toExtend<BuildVerify>();
  expectTypeOf<(setup: VerifierSetup) => boolean>().not.toExtend<BuildVerify>();
});

test("attackUrl needs a URL and a token", () => {
  interface Required {
    readonly url: string | URL;
    readonly token: string;
  }
  expectTypeOf<Pick<AttackUrlOptions, keyof Required>>().toEqualTypeOf<Required>();
  expectTypeOf<Required>().toExtend<AttackUrlOptions>();
  expectTypeOf(attackUrl).toEqualTypeOf<(options: AttackUrlOptions) => Promise<AttackReport>>();
});

test("attackRecovery needs a URL and the mail", () => {
  expectTypeOf(attackRecovery).toEqualTypeOf<(options: AttackRecoveryOptions) => Promise<AttackReport>>();
  expectTypeOf<AttackRecoveryOptions>().toExtend<RecoveryTarget>();
  expectTypeOf<Pick<RecoveryTarget, "url" | "mailTo">>().toEqualTypeOf<{
    readonly url: string | URL;
    readonly mailTo: (address: string) => Promise<readonly RecoveryMail[]>;
  }>();
  expectTypeOf<RecoveryTarget["paths"]>().toEqualTypeOf<Partial<RecoveryPaths> | undefined>();
  expectTypeOf<RecoveryMail["links"]>().toEqualTypeOf<readonly string[]>();
});

test("AttackKeys have a VerifierSetup with every form of the key, each of which may be missing", () => {
  expectTypeOf(makeKeys).toEqualTypeOf<(algorithm: string, options?: MakeKeysOptions) => AttackKeys>();
  expectTypeOf<AttackKeys["setup"]>().toEqualTypeOf<VerifierSetup>();
  expectTypeOf<AttackKeys["signingKey"]>().toEqualTypeOf<KeyObject>();
  expectTypeOf<VerifierSetup>().toExtend<Profile>();
  expectTypeOf<VerifierSetup["secret"]>().toEqualTypeOf<Uint8Array | undefined>();
  expectTypeOf<VerifierSetup["publicJwk"]>().toEqualTypeOf<JsonWebKey | undefined>();
  expectTypeOf<MakeKeysOptions>().toExtend<Partial<Profile>>();
  expectTypeOf<Profile>().toEqualTypeOf<{
    readonly issuer: string;
    readonly audience: string;
    readonly type: string | null;
  }>();
});

test("an AttackCase of the catalogue has its CaseFacts, its Family and the Outcome it expects", () => {
  expectTypeOf(catalogue).toEqualTypeOf<readonly AttackCase[]>();
  expectTypeOf<AttackCase>().toExtend<CaseFacts & { family: Family; expected: Outcome }>();
  expectTypeOf<Extract<AttackCase, { kind: "token" }>["power"]>().toEqualTypeOf<AttackerHolds>();
  expectTypeOf<AttackerHolds>().toEqualTypeOf<"token" | "public-key" | "signing-key">();
  expectTypeOf<Outcome>().toEqualTypeOf<"accept" | "reject">();
  expectTypeOf<string>().not.toExtend<Family>();
});

test("an AttackReport holds AttackResults, for tables, lines of JSON and JUnit", () => {
  type List = AttackReport[keyof AttackReport];
  expectTypeOf<List>().toEqualTypeOf<readonly AttackResult[]>();
  expectTypeOf<AttackResult["expected"]>().toEqualTypeOf<Outcome>();
  expectTypeOf<AttackResult["got"]>().toEqualTypeOf<Outcome>();
  expectTypeOf(jsonLine).toEqualTypeOf<
    (target: string, version: string | null, result: AttackResult) => string
  >();
  expectTypeOf(junit).toEqualTypeOf<(target: string, report: AttackReport) => string>();
  expectTypeOf(table).toEqualTypeOf<(title: string, report: AttackReport) => string>();
});

test("a UrlTargetError has a code of a closed list", () => {
  expectTypeOf<UrlTargetError>().toExtend<Error>();
  expectTypeOf<UrlTargetError["code"]>().toEqualTypeOf<UrlTargetErrorCode>();
  expectTypeOf<string>().not.toExtend<UrlTargetErrorCode>();
});
