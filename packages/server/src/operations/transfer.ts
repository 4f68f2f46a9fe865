// Accounts that move in and out.
import Type from "typebox";
import {
  createAccountImport,
  type HashCount,
  type ImportLine,
  type ImportProblem,
} from "../accounts/account-import.ts";
import { exportedAccount } from "../accounts/imported-account.ts";
import { createTransferStore } from "../accounts/transfer-store.ts";
import { schemaOf, strict } from "../http/schema.ts";
import { type Operation, OperationRefused, operator } from "./operation.ts";

export interface ImportInput {
  /** Else it writes. */
  readonly is_check: boolean;
  /** Whose password should open the account that the file has for this address. */
  readonly sample: { readonly email: string; readonly password: string } | null;
}

/** What became of one batch of lines. */
export interface ImportedBatch {
  readonly lines: number;
  readonly problems: readonly ImportProblem[];
}

export interface ImportResult {
  readonly added: number;
  readonly standing: number;
  readonly problems: number;
  /** Null: no line had its address, or none was given. */
  readonly is_sample_right: boolean | null;
  /** How the passwords of the added ones are hashed. */
  readonly hashes: readonly HashCount[];
}

/** It receives batches of lines, each a list of `{line, row}`. */
export const importAccounts: Operation<ImportInput, ImportResult, ImportedBatch> = {
  name: "users-import",
  input: schemaOf<ImportInput>()(
    Type.Object(
      {
        is_check: Type.Boolean(),
        sample: Type.Union([
          Type.Object(
            { email: Type.String({ maxLength: 1024 }), password: Type.String({ maxLength: 8192 }) },
            strict,
          ),
          Type.Null(),
        ]),
      },
      strict,
    ),
  ),
  async run(installation, { is_check: isCheck, sample }, { send, received, signal }) {
    // What is recorded is sealed.
    await installation.auditSealing();
    const accounts = createAccountImport({
      store: createTransferStore(installation.database),
      hashing: installation.hashing,
      origin: operator,
      sample: sample ?? undefined,
    });
    let added = 0;
    let standing = 0;
    let problems = 0;
    for await (const batch of received) {
      signal.throwIfAborted();
      const lines = linesOf(batch);
      const step = await (isCheck ? accounts.check(lines) : accounts.write(lines));
      added += step.added;
      standing += step.standing;
      problems += step.problems.length;
      await send({ lines: lines.length, problems: step.problems });
    }
    return {
      added,
      standing,
      problems,
      is_sample_right: accounts.isSampleRight() ?? null,
      hashes: accounts.hashCounts(),
    };
  },
};

const maxBatchLines = 500;

function linesOf(batch: unknown): readonly ImportLine[] {
  if (!Array.isArray(batch) || batch.length > maxBatchLines || !batch.every(isLine))
    throw new OperationRefused("this is no batch of lines: use the server's own countersign");
  return batch;
}

function isLine(value: unknown): value is ImportLine {
  return typeof value === "object" && value !== null && "line" in value && typeof value.line === "number";
}

/** So many, each as long as it may be, are less than a line through the socket may have. */
const maxItemAccounts = 50;

/** Its items are lists of accounts. */
export const exportAccounts: Operation<
  { readonly include_hashes: boolean },
  { accounts: number },
  readonly Readonly<Record<string, unknown>>[]
> = {
  name: "users-export",
  input: schemaOf<{ include_hashes: boolean }>()(Type.Object({ include_hashes: Type.Boolean() }, strict)),
  async run(installation, { include_hashes: includesHashes }, { send, signal }) {
    await installation.auditSealing();
    const { database } = installation;
    const store = createTransferStore(database);
    // First, so that nothing leaves that the trail does not know of.
    const detail = { hashes: includesHashes };
    await database.record({ event: "accounts_exported", ...operator, detail });
    let accounts = 0;
    for await (const page of store.pages()) {
      signal.throwIfAborted();
      accounts += page.length;
      const lines = page.map(({ account, passwordHash }) =>
        exportedAccount(account, includesHashes ? passwordHash : undefined),
      );
      for (let start = 0; start < lines.length; start += maxItemAccounts)
        await send(lines.slice(start, start + maxItemAccounts));
    }
    return { accounts };
  },
};
