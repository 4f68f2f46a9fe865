// countersign followers: who hears of log-outs within a second.
import type { AdminFollower } from "@countersign/client";
import { listFollowers } from "../operations/followers.ts";
import type { Single } from "./command.ts";
import { installationOptions, installationText, withInstallation } from "./installation.ts";
import { printResult, table } from "./printing.ts";

export const followers: Single = {
  summary: "List who follows the revocation feed now, and whether they are behind",
  text: [
    "Those that hold a stream open, at every instance, at most 1,000; whoever asks for the list now and then is not among them.",
    "BEHIND is how many revocations they have not been told, LAG for how long. On PostgreSQL the figures are up to five seconds old.",
  ],
  examples: ["countersign followers", "countersign followers --json"],
  options: installationOptions,
  optionsText: installationText,
  run: (asked, context) =>
    withInstallation(asked, context, async (installation) => {
      const found = await installation.ask(listFollowers, {});
      const rows = found.followers.map(rowOf);
      const more = found.total - rows.length;
      const text =
        rows.length === 0
          ? "Nobody follows the revocation feed by a stream.\n"
          : table(["FOLLOWER", "SINCE", "CURSOR", "BEHIND", "LAG", "INSTANCE"], rows);
      await printResult(asked, context, found, text + (more > 0 ? `${more} more are not shown.\n` : ""));
    }),
};

function rowOf({
  name,
  address,
  since,
  cursor,
  behind,
  lag_seconds: lag,
  instance,
}: AdminFollower): string[] {
  return [name ?? `(${address ?? "unknown"})`, since, cursor, String(behind), `${lag} s`, instance];
}
