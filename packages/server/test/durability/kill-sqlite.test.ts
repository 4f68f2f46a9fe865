import { join } from "node:path";
import { expect, test } from "vitest";

import { killCycles, runKillCycles } from "./kill-cycles.ts";

test(`SQLite: nothing acknowledged is lost and nothing revoked rises again in ${killCycles} kills in the middle of mixed load`, async () => {
  await runKillCycles((folder) => ["--database", `sqlite:${join(folder, "countersign.db")}`]);
  expect.hasAssertions();
}, 7_200_000);
