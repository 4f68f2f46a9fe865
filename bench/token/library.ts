/** What each library in the bench offers: contenders for signing and for verifying. */
import assert from "node:assert/strict";
import { asynchronous, type Contender, synchronous } from "../contest.ts";
import { claimsOf, cycle, type KeyPair, type PayloadSize, type TokenPool } from "./materials.ts";

export interface Library {
  /** Those that sign the claims and hand over the finished token. */
  readonly signers: (pair: KeyPair, size: PayloadSize) => Contender[];
  /** Those that verify signature, `iss`, `aud` and `exp` of tokens never seen before. */
  readonly verifiers: (pair: KeyPair, pool: TokenPool) => Contender[] | Promise<Contender[]>;
  /** Those that verify tokens they have verified before. */
  readonly rememberers?: (pair: KeyPair, pool: TokenPool) => Contender[];
}

interface Name {
  readonly peer: string;
  readonly version: string;
}

/** Where a finished token goes: a response's bytes. A token put together of pieces is made whole here. */
export const outgoing: Buffer = Buffer.alloc(65_536);

/** A contender that signs different claims, one after the other. */
export function signer(name: Name, size: PayloadSize, sign: (claims: object) => string): Contender {
  const claims = Array.from({ length: 256 }, () => claimsOf(size));
  return synchronous(name, cycle(claims), (one) => outgoing.write(sign(one), "latin1"));
}

export function asynchronousSigner(
  name: Name,
  size: PayloadSize,
  sign: (claims: object) => Promise<string>,
): Contender {
  const claims = Array.from({ length: 256 }, () => claimsOf(size));
  return asynchronous(name, cycle(claims), async (one) => outgoing.write(await sign(one), "latin1"));
}

/** A contender that verifies fresh strings, once it has accepted tokens of the pool and refused forged ones. */
export function verifier(name: Name, pool: TokenPool, verify: (token: string) => unknown): Contender {
  for (const token of pool.fresh(3)) {
    verify(token);
    assert.throws(() => verify(forged(token)), `${name.peer} accepts a forged token`);
  }
  return synchronous(name, pool.fresh, verify);
}

export async function asynchronousVerifier(
  name: Name,
  pool: TokenPool,
  verify: (token: string) => Promise<unknown>,
): Promise<Contender> {
  const [token = ""] = pool.fresh(1);
  await verify(token);
  await assert.rejects(verify(forged(token)), `${name.peer} accepts a forged token`);
  return asynchronous(name, pool.fresh, verify);
}

/** The same token with another first character in its signature. */
function forged(token: string): string {
  const start = token.lastIndexOf(".") + 1;
  return `${token.slice(0, start)}${token[start] === "A" ? "B" : "A"}${token.slice(start + 1)}`;
}
