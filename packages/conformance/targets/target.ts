// Something under attack: a library as its documentation recommends it, or a running API.
import { readFileSync } from "node:fs";
import { findPackageJSON } from "node:module";
import { attackBuilder } from "../src/attack.ts";
import type { AttackOptions } from "../src/attack.ts";
import type { AttackReport } from "../src/report/attack-report.ts";
import type { BuildVerify, VerifierSetup } from "../src/verifier-setup.ts";

export interface Target {
  readonly name: string;
  readonly version: string;
  /** How it is configured, in a line for the page. */
  readonly configuration: string;
  /** Whether it is Countersign's own, so that nothing may get in. */
  readonly ours: boolean;
  attack(options: AttackOptions): Promise<AttackReport>;
}

export interface Library extends Omit<Target, "attack" | "ours"> {
  readonly ours?: boolean;
  /** The algorithms to attack, out of those that it knows. */
  readonly algorithms: readonly string[];
  readonly build: BuildVerify;
}

export function libraryTarget({ build, algorithms, ours = false, ...rest }: Library): Target {
  return { ...rest, ours, attack: (options) => attackBuilder(build, { ...options, algorithms }) };
}

/** Version of the package as it is installed here. */
export function installedVersion(packageName: string): string {
  const path = findPackageJSON(packageName, import.meta.url);
  if (path === undefined) throw new TypeError(`${packageName} is not installed`);
  const { version } = JSON.parse(readFileSync(path, "utf8")) as { version: string };
  return version;
}

/** Whether the setup asks for claims beyond the ones every setup asks for. */
export function asksForMoreClaims({ requiredClaims }: VerifierSetup): boolean {
  return requiredClaims.some((claim) => claim !== "exp");
}
