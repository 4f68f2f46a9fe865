import { expect, test } from "vitest";
import { newPostgresUrl } from "../postgres.ts";
import { killCycles, runKillCycles } from "./kill-cycles.ts";

test(`PostgreSQL: nothing acknowledged is lost and nothing revoked rises again in ${killCycles} kills in the middle of mixed load`, async () => {
  const url = await newPostgresUrl();
  await runKillCycles(() => ["--database", url]);
  expect.hasAssertions();
}, 7_200_000);
