// What a flawed verifier of these tests is.
import type { Family } from "../src/attack-case.ts";
import type { AttackKeys } from "../src/keys.ts";
import type { Verify } from "../src/verifier-setup.ts";
import { naive, open, visible } from "./naive-verifier.ts";
import type { Opened } from "./naive-verifier.ts";

export interface Flaw {
  /** Continues "a verifier that …". */
  readonly name: string;
  readonly family: Family;
  /** Rows of the catalogue of which it must let in at least one case each. */
  readonly ids: readonly string[];
  /** Default: HS256 alone, where the flaw is the same for all. */
  readonly algorithms?: readonly string[];
  readonly build: (keys: AttackKeys) => Verify;
}

/** Accepts where the flaw says so, and is naive otherwise. */
export function or(keys: AttackKeys, accepts: (opened: Opened) => boolean): Verify {
  return (token) => {
    const opened = open(token);
    return accepts(opened) ? visible(opened.payload) : naive(keys, token);
  };
}
