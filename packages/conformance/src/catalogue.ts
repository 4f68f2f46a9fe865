// Every case of the kit, family by family.
import type { AttackCase } from "./attack-case.ts";
import { algorithmAttacks } from "./attacks/algorithm.ts";
import { claimAttacks } from "./attacks/claims.ts";
import { configurationAttacks } from "./attacks/configuration.ts";
import { headerAttacks } from "./attacks/headers.ts";
import { honestControls } from "./attacks/honest.ts";
import { jsonAttacks } from "./attacks/json.ts";
import { keyAttacks } from "./attacks/keys.ts";
import { serializationAttacks } from "./attacks/serialization.ts";
import { signatureAttacks } from "./attacks/signature.ts";
import { stateAttacks } from "./attacks/state.ts";
import { transportAttacks } from "./attacks/transport.ts";

export const catalogue: readonly AttackCase[] = [
  ...honestControls,
  ...algorithmAttacks,
  ...keyAttacks,
  ...signatureAttacks,
  ...serializationAttacks,
  ...jsonAttacks,
  ...headerAttacks,
  ...claimAttacks,
  ...stateAttacks,
  ...configurationAttacks,
  ...transportAttacks,
];
