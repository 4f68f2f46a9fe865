// countersign keys: the operator's hand on the signing keys.
import { exportKey, type KeyView, listKeys, revokeKey, rotateKey } from "../operations/keys.ts";
import { signingAlgorithms } from "../settings/signing-algorithms.ts";
import { type Group, type Operand, yesFlag } from "./command.ts";
import { installationOptions, installationText, withInstallation } from "./installation.ts";
import { confirm, printResult, table } from "./printing.ts";

const kidOperand: Operand = { name: "KID", summary: "the id of a key, as `keys list` shows it" };

export const keys: Group = {
  summary: "List, rotate, revoke and export the signing keys",
  examples: [
    "countersign keys list --json",
    "countersign keys rotate --algorithm Ed25519",
    "countersign keys revoke KID --yes",
    "countersign keys export KID > key.jwk",
  ],
  options: installationOptions,
  optionsText: installationText,
  verbs: {
    list: {
      summary: "every key, its state and its times",
      run: (asked, context) =>
        withInstallation(asked, context, async (installation) => {
          const found = await installation.ask(listKeys, {});
          const rows = found.map((key) => [key.kid, key.algorithm, key.state, sinceWhen(key)]);
          await printResult(asked, context, found, table(["KID", "ALGORITHM", "STATE", ""], rows));
        }),
    },
    rotate: {
      summary: "publish a new key, which signs eleven minutes later, when every verifier can have it",
      flags: {
        algorithm: {
          summary: "what the new key is for, and from then on; by default as the present key",
          value: "NAME",
          choices: signingAlgorithms,
        },
        immediately: {
          summary:
            "it signs at once; verifiers that have not fetched it yet may refuse its tokens for 30 seconds",
        },
      },
      run: (asked, context) =>
        withInstallation(asked, context, async (installation) => {
          const algorithm = signingAlgorithms.find((known) => known === asked.values["algorithm"]) ?? null;
          const immediately = asked.flags.has("immediately");
          const next = await installation.ask(rotateKey, { immediately, algorithm });
          const when = next.state === "active" ? "now" : `from ${next.promote_at} on`;
          await printResult(asked, context, next, `${next.kid} (${next.algorithm}) signs ${when}.\n`);
        }),
    },
    revoke: {
      summary: "end all trust in a key that others may have",
      text: [
        "Every token it signed is refused, at verifiers that follow the revocation feed within a second, and another key signs.",
      ],
      operands: [kidOperand],
      flags: { yes: yesFlag },
      async run(asked, context) {
        const [kid = ""] = asked.operands;
        await confirm(asked, context, `Every token that ${kid} signed will be refused.`);
        await withInstallation(asked, context, async (installation) => {
          const done = await installation.ask(revokeKey, { kid });
          const text = `${kid} is revoked: every token that it signed is refused.\n`;
          await printResult(asked, context, done, text);
        });
      },
    },
    export: {
      summary: "print the public key as a JWK, for a verifier that cannot fetch it",
      operands: [kidOperand],
      flags: {
        "unsafe-print-secret": {
          summary: "needed for HS256, where the key is a secret: whoever has it can forge tokens",
        },
      },
      run: (asked, context) =>
        withInstallation(asked, context, async (installation) => {
          const [kid = ""] = asked.operands;
          const unsafePrintSecret = asked.flags.has("unsafe-print-secret");
          const jwk = await installation.ask(exportKey, { kid, unsafe_print_secret: unsafePrintSecret });
          await context.print(`${JSON.stringify(jwk, null, 2)}\n`);
        }),
    },
  },
};

function sinceWhen(key: KeyView): string {
  if (key.revoked_at !== null) return `revoked ${key.revoked_at}`;
  switch (key.state) {
    case "pending":
      return `signs from ${key.promote_at}`;
    case "active":
      return `signs since ${key.activated_at}`;
    case "retiring":
      return `verifies until ${key.keep_until}`;
    case "retired":
      return `retired ${key.retired_at}`;
  }
}
