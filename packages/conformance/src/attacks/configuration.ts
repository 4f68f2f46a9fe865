// Family "configuration": verifiers that should never come into being, and settings that must hold.
import { acceptedBy, refusedBy } from "../attack-case.ts";
import type { Placed, SetupCase } from "../attack-case.ts";
import { brokenKeys } from "./configuration-broken-keys.ts";
import { jwkConfigurations } from "./configuration-jwks.ts";
import { keyConfigurations } from "./configuration-keys.ts";
import { acceptedSettings, refusedSettings } from "./configuration-settings.ts";

export const configurationAttacks: readonly (SetupCase & Placed)[] = [
  ...refusedBy("configuration", [
    ...keyConfigurations,
    ...brokenKeys,
    ...jwkConfigurations,
    ...refusedSettings,
  ]),
  ...acceptedBy("configuration", acceptedSettings),
];
