// Accounts that move in: each line is judged, and what is good is written in batches, each of them whole or not at all.
import { createHash } from "node:crypto";
import type { Origin } from "../database/audit-event.ts";
import type { PasswordHashing } from "../passwords/hashing.ts";
import type { Turn } from "../passwords/hashing-queue.ts";
import { maxPasswordBytes, normalisePassword } from "../passwords/policy.ts";
import type { Scheme } from "../passwords/stored-hash.ts";
import { parseEmailAddress } from "./email-address.ts";
import { rolesOfNewAccounts } from "./account.ts";
import { type ImportedAccount, readImportedAccount } from "./imported-account.ts";
import type { StandingAccount, TransferStore, WrittenAccount } from "./transfer-store.ts";

/** A line of the file by its number, from 1. */
export interface ImportLine {
  readonly line: number;
  readonly row: unknown;
}

export interface ImportProblem {
  readonly line: number;
  /** A sentence without its full stop. */
  readonly problem: string;
}

/** What became of some lines, or would. */
export interface ImportStep {
  /** Accounts that are new. */
  readonly added: number;
  /** Accounts that stand here already as the line has them: of an import that was broken off. */
  readonly standing: number;
  readonly problems: readonly ImportProblem[];
}

/** How many of the accounts have a password hashed so; null: have none. */
export interface HashCount {
  readonly scheme: string | null;
  readonly accounts: number;
}

export interface Sample {
  readonly email: string;
  readonly password: string;
}

export interface AccountImport {
  /** Judges lines, and writes nothing. */
  check(lines: readonly ImportLine[]): Promise<ImportStep>;
  /** Judges lines, and writes those that are good in one transaction. */
  write(lines: readonly ImportLine[]): Promise<ImportStep>;
  /** Whether the password of the sample opens its account; undefined while no line had its address. */
  isSampleRight(): boolean | undefined;
  /** Of all accounts that were added until now, or would be. */
  hashCounts(): readonly HashCount[];
}

export interface AccountImportOptions {
  readonly store: Pick<TransferStore, "standing" | "write">;
  readonly hashing: Pick<PasswordHashing, "judge" | "verify" | "expect">;
  readonly origin: Origin;
  readonly sample?: Sample | undefined;
}

interface Judged {
  readonly line: number;
  readonly account: ImportedAccount;
  readonly scheme: Scheme | undefined;
}

/** Its work is bounded by judging at most this hash, and no person waits for it. */
const turn: Turn = { source: "import", places: [], isKnown: true };

export function createAccountImport(options: AccountImportOptions): AccountImport {
  const { store, hashing, origin, sample } = options;
  const sampleKey = sample === undefined ? undefined : parseEmailAddress(sample.email)?.key;
  const seen = new SeenTexts();
  const counts = new Map<string | null, number>();
  let isSampleRight: boolean | undefined;

  function count({ scheme }: Judged): void {
    const name = scheme?.name ?? null;
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }

  async function judge({ line, row }: ImportLine): Promise<Judged | ImportProblem> {
    const account = readImportedAccount(row);
    if (typeof account === "string") return { line, problem: account };
    const { passwordHash } = account;
    if (passwordHash === undefined) return { line, account, scheme: undefined };
    const judged = await hashing.judge(passwordHash, turn);
    switch (judged.outcome) {
      case "good":
        await trySample(account, passwordHash);
        return { line, account, scheme: judged.scheme };
      case "unknown_form":
        return { line, problem: "the password hash has none of the forms that can be verified" };
      case "too_dear":
        return {
          line,
          problem: `the password hash (${judged.scheme.name}) takes more than 250 ms or 128 MiB on this machine`,
        };
    }
  }

  async function trySample({ email }: ImportedAccount, passwordHash: string): Promise<void> {
    if (sample === undefined || email.key !== sampleKey) return;
    isSampleRight =
      Buffer.byteLength(sample.password) <= maxPasswordBytes &&
      (await hashing.verify(passwordHash, normalisePassword(sample.password), turn));
  }

  /** Those that may be written; what stands in the way of the others is told. */
  async function sift(
    lines: readonly ImportLine[],
  ): Promise<{ free: Judged[]; standing: number; problems: ImportProblem[] }> {
    const problems: ImportProblem[] = [];
    const good: Judged[] = [];
    for (const one of lines) {
      const judged = await judge(one);
      if ("problem" in judged) problems.push(judged);
      else good.push(judged);
    }
    const found = await store.standing(good.map(({ account }) => account));
    const byKey = new Map(found.map((one) => [one.emailKey, one]));
    const byId = new Map(found.map((one) => [one.id, one]));
    const free: Judged[] = [];
    let standing = 0;
    for (const judged of good) {
      const { account, line } = judged;
      const sameAddress = byKey.get(account.email.key);
      if (sameAddress !== undefined && isSame(account, sameAddress)) standing += 1;
      else if (sameAddress !== undefined)
        problems.push({ line, problem: "this address has an account already" });
      else if (account.id !== undefined && byId.has(account.id))
        problems.push({ line, problem: "this id has an account already" });
      else free.push(judged);
    }
    return { free, standing, problems };
  }

  return {
    async check(lines) {
      const { free, standing, problems } = await sift(lines);
      let added = 0;
      for (const one of free) {
        const { line, account } = one;
        const isAgain = [
          `email ${account.email.key}`,
          ...(account.id === undefined ? [] : [`id ${account.id}`]),
        ]
          .map((text) => seen.add(text))
          .includes(false);
        if (isAgain) problems.push({ line, problem: "this address or id stood in an earlier line" });
        else {
          added += 1;
          count(one);
        }
      }
      return { added, standing, problems };
    },

    async write(lines) {
      const { free, standing, problems } = await sift(lines);
      const accounts: WrittenAccount[] = free.map(({ account }) => ({
        ...account,
        roles: account.roles ?? rolesOfNewAccounts,
        // Without one no password opens it, until its owner sets one by a reset.
        passwordHash: account.passwordHash ?? "",
      }));
      const schemes = [
        ...new Map(
          free.flatMap(({ scheme }) => (scheme === undefined ? [] : [[scheme.name, scheme]])),
        ).values(),
      ];
      const written = new Set(await store.write(accounts, schemes, origin));
      hashing.expect(schemes);
      // Of two lines with one address, or if somebody signed up meanwhile, the index decided.
      const taken: Judged[] = [];
      for (const one of free) {
        if (written.delete(one.account.email.key)) count(one);
        else taken.push(one);
      }
      const problem = "this address or id has an account already";
      problems.push(...taken.map(({ line }) => ({ line, problem })));
      return { added: free.length - taken.length, standing, problems };
    },

    isSampleRight: () => isSampleRight,
    hashCounts: () => Array.from(counts, ([scheme, accounts]) => ({ scheme, accounts })),
  };
}

/** Whoever has logged in since has another hash of the same password. */
function isSame({ id, passwordHash, createdAtMs }: ImportedAccount, standing: StandingAccount): boolean {
  if (id !== undefined) return id === standing.id;
  if (createdAtMs !== undefined && createdAtMs === standing.createdAtMs) return true;
  return passwordHash === undefined || passwordHash === standing.passwordHash;
}

/** Which of very many texts were met: 16 bytes each, by a hash of 64 bits. */
class SeenTexts {
  #slots = new BigUint64Array(1024);
  #count = 0;

  /** False if it was there. */
  add(text: string): boolean {
    const hash = createHash("sha256").update(text).digest().readBigUInt64LE() || 1n;
    if (!this.#place(this.#slots, hash)) return false;
    this.#count += 1;
    if (this.#count * 2 > this.#slots.length) {
      const larger = new BigUint64Array(this.#slots.length * 2);
      for (const one of this.#slots) if (one !== 0n) this.#place(larger, one);
      this.#slots = larger;
    }
    return true;
  }

  #place(slots: BigUint64Array, hash: bigint): boolean {
    for (let at = Number(hash % BigInt(slots.length)); ; at = (at + 1) % slots.length) {
      if (slots[at] === hash) return false;
      if (slots[at] !== 0n) continue;
      slots[at] = hash;
      return true;
    }
  }
}
