import { expect, test } from "vitest";
import { createRecentLogins } from "../../src/instances/recent-logins.ts";

test("logins are counted for an hour, by the minute, and forgotten after it", () => {
  let nowMs = 0;
  const logins = createRecentLogins(() => nowMs);
  expect(logins.counts()).toEqual({ seconds: 0, succeeded: 0, failed: {} });
  logins.count("succeeded");
  logins.count("invalid_credentials");
  nowMs = 30 * 60_000;
  logins.count("succeeded");
  logins.count("invalid_credentials");
  logins.count("too_many_attempts");
  expect(logins.counts()).toEqual({
    seconds: 1800,
    succeeded: 2,
    failed: { invalid_credentials: 2, too_many_attempts: 1 },
  });
  nowMs = 61 * 60_000;
  expect(logins.counts()).toEqual({
    seconds: 3600,
    succeeded: 1,
    failed: { invalid_credentials: 1, too_many_attempts: 1 },
  });
  nowMs = 10 * 3_600_000;
  expect(logins.counts()).toEqual({ seconds: 3600, succeeded: 0, failed: {} });
});
