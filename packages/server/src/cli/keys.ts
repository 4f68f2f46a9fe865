// countersign keys: the operator's hand on the signing keys.
import { ConfigError } from "../errors.ts";
import { isoTime } from "../iso-time.ts";
import { createSealedKeys } from "../keys/sealed-keys.ts";
import { type SigningAlgorithm, signingAlgorithms } from "../settings/signing-algorithms.ts";
import { createSigningKeyChanges, type SigningKeyChanges } from "../keys/changes.ts";
import type { StoredKey } from "../keys/stored-key.ts";
import { createSigningKeyStore } from "../keys/store.ts";
import { type Command, readArguments } from "./command.ts";
import { installationHelp, installationOptions, withInstallation } from "./installation.ts";

type Flag = "json" | "immediately" | "unsafe-print-secret";

interface Subcommand {
  readonly takesKid: boolean;
  /** Beside `--json`. */
  readonly flag?: Flag;
  readonly takesAlgorithm?: boolean;
  /** Answers what to print: as JSON, and for people. */
  run(changes: SigningKeyChanges, asked: Asked): Promise<{ json: unknown; text: string }>;
}

interface Asked {
  readonly kid: string;
  readonly isFlagSet: boolean;
  readonly algorithm: SigningAlgorithm | undefined;
}

/** Who the audit trail says it was. */
const origin = { actorId: "command line" };

const subcommands: Readonly<Record<string, Subcommand>> = {
  list: {
    takesKid: false,
    async run(changes) {
      const keys = await changes.list();
      return { json: keys.map(describe), text: table(keys) };
    },
  },
  rotate: {
    takesKid: false,
    flag: "immediately",
    takesAlgorithm: true,
    async run(changes, { isFlagSet: immediately, algorithm }) {
      const next = await changes.rotate({ immediately, algorithm, origin });
      const when = next.state === "active" ? "now" : `from ${time(next.promoteAtMs)} on`;
      return { json: describe(next), text: `${next.kid} (${next.algorithm}) signs ${when}.` };
    },
  },
  revoke: {
    takesKid: true,
    async run(changes, { kid }) {
      await changes.revoke(kid, origin);
      return {
        json: { kid, revoked: true },
        text: `${kid} is revoked: every token that it signed is refused.`,
      };
    },
  },
  export: {
    takesKid: true,
    flag: "unsafe-print-secret",
    async run(changes, { kid, isFlagSet: unsafePrintSecret }) {
      const jwk = await changes.exportJwk(kid, { unsafePrintSecret, origin });
      return { json: jwk, text: JSON.stringify(jwk, null, 2) };
    },
  },
};

export const keys: Command = {
  summary: "List, rotate, revoke and export the signing keys",
  help: `Usage: countersign keys SUBCOMMAND [options]

  list             every key, its state and its times
  rotate           publish a new key. It signs eleven minutes later, when every verifier can have it
    --algorithm NAME         ES256, Ed25519, RS256 or HS256, and from then on; by default what the present key has
    --immediately            it signs at once; verifiers that have not fetched it yet may refuse its tokens for 30 seconds
  revoke KID       end all trust in a key that others may have. Every token it signed is refused, at verifiers that
                   follow the revocation feed within a second, and another key signs
  export KID       print the public key as a JWK, for a verifier that cannot fetch it
    --unsafe-print-secret    needed for HS256, where the key is a secret: whoever has it can forge tokens

  --json           print JSON

${installationHelp}`,
  async run(args, context) {
    const { values, flags, positionals, problems } = readArguments(
      args,
      [...installationOptions, "algorithm"],
      {
        flags: ["json", "immediately", "unsafe-print-secret"],
        maxPositionals: 2,
      },
    );
    const [name = "", kid = ""] = positionals;
    const subcommand = Object.hasOwn(subcommands, name) ? subcommands[name] : undefined;
    if (subcommand === undefined) {
      throw new ConfigError([...problems, `usage: keys ${Object.keys(subcommands).join(", keys ")}`]);
    }
    if ((kid !== "") !== subcommand.takesKid) {
      problems.push(
        subcommand.takesKid ? `keys ${name} needs the id of a key` : `keys ${name} takes no id of a key`,
      );
    }
    for (const flag of flags) {
      if (flag !== "json" && flag !== subcommand.flag) problems.push(`keys ${name} knows no --${flag}`);
    }
    const algorithm = signingAlgorithms.find((known) => known === values["algorithm"]);
    if (values["algorithm"] !== undefined && subcommand.takesAlgorithm !== true)
      problems.push(`keys ${name} knows no --algorithm`);
    else if (values["algorithm"] !== algorithm)
      problems.push(`--algorithm must be one of ${signingAlgorithms.join(", ")}`);
    if (problems.length > 0) throw new ConfigError(problems);
    await withInstallation(values, context, async ({ database, masterKey }) => {
      const sealedKeys = createSealedKeys(await masterKey());
      const changes = createSigningKeyChanges({ store: createSigningKeyStore(database), sealedKeys });
      const isFlagSet = subcommand.flag !== undefined && flags.has(subcommand.flag);
      const { json, text } = await subcommand.run(changes, { kid, isFlagSet, algorithm });
      context.print(`${flags.has("json") ? JSON.stringify(json, null, 2) : text}\n`);
    });
  },
};

function describe(key: StoredKey): Record<string, string | null> {
  return {
    kid: key.kid,
    algorithm: key.algorithm,
    state: key.state,
    created_at: time(key.createdAtMs),
    promote_at: time(key.promoteAtMs),
    activated_at: time(key.activatedAtMs),
    keep_until: time(key.keepUntilMs),
    retired_at: time(key.retiredAtMs),
    revoked_at: time(key.revokedAtMs),
  };
}

function time(milliseconds: number): string;
function time(milliseconds: number | undefined): string | null;
function time(milliseconds: number | undefined): string | null {
  return milliseconds === undefined ? null : isoTime(milliseconds);
}

function table(found: readonly StoredKey[]): string {
  const rows = found.map((key) => [key.kid, key.algorithm, key.state, sinceWhen(key)]);
  const all = [["KID", "ALGORITHM", "STATE", ""], ...rows];
  const width = (column: number): number => Math.max(...all.map((row) => row[column]?.length ?? 0));
  const widths = [width(0), width(1), width(2)];
  return all
    .map((row) =>
      row
        .map((cell, i) => cell.padEnd(widths[i] ?? 0))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

function sinceWhen(key: StoredKey): string {
  if (key.revokedAtMs !== undefined) return `revoked ${time(key.revokedAtMs)}`;
  switch (key.state) {
    case "pending":
      return `signs from ${time(key.promoteAtMs)}`;
    case "active":
      return `signs since ${time(key.activatedAtMs)}`;
    case "retiring":
      return `verifies until ${time(key.keepUntilMs)}`;
    case "retired":
      return `retired ${time(key.retiredAtMs)}`;
  }
}
