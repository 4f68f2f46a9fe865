// One kind of one-time code for every mail: made for one purpose and address, shown as a link or typed, used once.
import { ServiceError } from "../errors.ts";
import { newId, type RandomBytes, systemRandomBytes } from "../randomness.ts";
import { type CodeHashes, isSameHash, newCode, newToken } from "./secrets.ts";
import type { CodePurpose, CodeStore, FoundCode } from "./store.ts";

export interface NewCode {
  readonly purpose: CodePurpose;
  /** The normalised address that the mail goes to. */
  readonly addressKey: string;
  /** Null where nobody has the address: wrong codes then count as elsewhere, and none is right. */
  readonly userId: string | null;
  /** A new password voids the code; undefined: it does not. */
  readonly passwordVersion?: number | undefined;
  readonly subject?: string | undefined;
  readonly lifetimeMs: number;
}

/** What somebody shows: the link of a mail, or the address and the short code in it. */
export type Presented =
  | { readonly token: string }
  | { readonly addressKey: string | undefined; readonly code: string };

/** A code that is right, and not consumed yet. */
export interface RightCode {
  readonly found: FoundCode & { readonly userId: string };
  /** It was not used after all, as where a new password is refused: then it cost no try. */
  spare(): Promise<void>;
}

export interface OneTimeCodes {
  /** A link and a short code. */
  make(code: NewCode): Promise<{ readonly token: string; readonly code: string }>;
  /** A link alone. */
  makeLink(code: NewCode): Promise<string>;
  /** @throws ServiceError `code_invalid`, the same for whatever is not right */
  find(presented: Presented, purposes: readonly CodePurpose[]): Promise<RightCode>;
  /** A link that goes with no account, as it makes one. @throws ServiceError `code_invalid` */
  findInvitation(token: string): Promise<FoundCode>;
  /** Whether a code was made for this address, which its account may have left since. */
  isFor(found: FoundCode, addressKey: string): boolean;
}

export interface OneTimeCodesOptions {
  readonly store: CodeStore;
  readonly hashes: CodeHashes;
  readonly randomBytes?: RandomBytes | undefined;
}

export function createOneTimeCodes(options: OneTimeCodesOptions): OneTimeCodes {
  const { store, hashes, randomBytes = systemRandomBytes } = options;

  async function keep(made: NewCode, token: string, code: string | undefined): Promise<void> {
    const id = newId(randomBytes);
    await store.add({
      id,
      purpose: made.purpose,
      addressHash: hashes.ofAddress(made.addressKey),
      userId: made.userId,
      passwordVersion: made.passwordVersion ?? null,
      subject: made.subject ?? null,
      linkHash: hashes.ofToken(token) ?? "",
      codeHash: code === undefined ? null : hashes.ofCode(id, code),
      lifetimeMs: made.lifetimeMs,
    });
  }

  async function lookUp(token: string, purposes: readonly CodePurpose[]): Promise<FoundCode | undefined> {
    const linkHash = hashes.ofToken(token);
    return linkHash === undefined ? undefined : store.findLink(linkHash, purposes);
  }

  async function findLink(token: string, purposes: readonly CodePurpose[]): Promise<RightCode | undefined> {
    const found = await lookUp(token, purposes);
    if (found === undefined || !hasAccount(found)) return undefined;
    return { found, spare: async () => {} };
  }

  async function findCode(
    addressKey: string,
    code: string,
    purposes: readonly CodePurpose[],
  ): Promise<RightCode | undefined> {
    const tried = await store.tryAll(hashes.ofAddress(addressKey), purposes);
    const found = tried.find(
      ({ id, codeHash }) => codeHash !== null && isSameHash(codeHash, hashes.ofCode(id, code)),
    );
    if (found === undefined || !hasAccount(found)) return undefined;
    return { found, spare: () => store.giveBack(tried.map(({ id }) => id)) };
  }

  return {
    async make(made) {
      const [token, code] = [newToken(randomBytes), newCode(randomBytes)];
      await keep(made, token, code);
      return { token, code };
    },

    async makeLink(made) {
      const token = newToken(randomBytes);
      await keep(made, token, undefined);
      return token;
    },

    async find(presented, purposes) {
      const right =
        "token" in presented
          ? await findLink(presented.token, purposes)
          : await findCode(presented.addressKey ?? "", presented.code, purposes);
      if (right === undefined) throw new ServiceError("code_invalid");
      return right;
    },

    async findInvitation(token) {
      const found = await lookUp(token, ["invitation"]);
      if (found === undefined) throw new ServiceError("code_invalid");
      return found;
    },

    isFor: (found, addressKey) => isSameHash(found.addressHash, hashes.ofAddress(addressKey)),
  };
}

function hasAccount(found: FoundCode): found is FoundCode & { readonly userId: string } {
  return found.userId !== null;
}
