// countersign revoke-everything: the brake for when nobody knows which tokens are in wrong hands.
import { revokeAllTokens } from "../operations/revoke-everything.ts";
import { type Single, yesFlag } from "./command.ts";
import { installationOptions, installationText, withInstallation } from "./installation.ts";
import { confirm, printResult } from "./printing.ts";

export const revokeEverything: Single = {
  summary: "Refuse every access token issued until now",
  text: [
    "In the server at once, at verifiers that follow the revocation feed within a second. Sessions live on, so clients renew and go on with new tokens; cookie sessions do not notice.",
    "If a signing key may be in wrong hands, revoke that one: countersign keys revoke KID.",
  ],
  examples: ["countersign revoke-everything", "countersign revoke-everything --yes --json"],
  flags: { yes: yesFlag },
  options: installationOptions,
  optionsText: installationText,
  async run(asked, context) {
    await confirm(asked, context, "Every access token issued until now will be refused.");
    await withInstallation(asked, context, async (installation) => {
      const done = await installation.ask(revokeAllTokens, {});
      const text = `Every access token issued before ${done.tokens_before} is refused.\n`;
      await printResult(asked, context, done, text);
    });
  },
};
