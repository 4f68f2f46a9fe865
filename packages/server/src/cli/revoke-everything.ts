// countersign revoke-everything: the brake for when nobody knows which tokens are in wrong hands.
import { ConfigError } from "../errors.ts";
import { isoTime } from "../iso-time.ts";
import { createRevocationLog } from "../revocations/store.ts";
import { type Command, readArguments } from "./command.ts";
import { installationHelp, installationOptions, withInstallation } from "./installation.ts";

export const revokeEverything: Command = {
  summary: "Refuse every access token issued until now",
  help: `Usage: countersign revoke-everything [options]

Every access token that was issued until now is refused: in the server at once, at verifiers that follow the revocation
feed within a second. Sessions live on, so clients renew and go on with new tokens; cookie sessions do not notice. If a
signing key may be in wrong hands, revoke that one: countersign keys revoke KID.

  --json            print JSON

${installationHelp}`,
  async run(args, context) {
    const { values, flags, problems } = readArguments(args, installationOptions, { flags: ["json"] });
    if (problems.length > 0) throw new ConfigError(problems);
    await withInstallation(values, context, async ({ database, auditSealing }) => {
      await auditSealing();
      const { tokensBefore } = await createRevocationLog(database).revokeEverything({
        actorId: "command line",
      });
      const time = isoTime(tokensBefore * 1000);
      context.print(
        flags.has("json")
          ? `${JSON.stringify({ tokens_before: time }, null, 2)}\n`
          : `Every access token issued before ${time} is refused.\n`,
      );
    });
  },
};
