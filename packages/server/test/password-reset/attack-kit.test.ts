// The family "recovery" of the attack kit, against the server over HTTP.
import { attackRecovery, type RecoveryMail } from "@countersign/conformance";
import type { DevMailResponse } from "@countersign/client";
import { expect, test } from "vitest";
import { startApp } from "../app.ts";
import { newPostgresUrl } from "../postgres.ts";

test.each([
  { backend: "SQLite", newUrl: async () => "sqlite::memory:" },
  { backend: "PostgreSQL", newUrl: newPostgresUrl },
])(
  "RC-01 RC-02 RC-03 RC-06 ML-09: no attack on recovery works on $backend, and no honest person is turned away",
  { timeout: 300_000 },
  async ({ newUrl }) => {
    const wide = 1_000_000;
    const app = await startApp({
      issuer: "http://localhost:3000",
      databaseUrl: await newUrl(),
      devMail: true,
      signupsPerSource: wide,
      guessesPerSource: wide,
    });
    const url = await app.listen({ host: "127.0.0.1", port: 0 });
    // The last hundred mails are kept: more than one case brings.
    const mailTo = async (address: string): Promise<readonly RecoveryMail[]> => {
      const response = await fetch(`${url}/dev/mail`);
      const { messages } = (await response.json()) as DevMailResponse;
      return messages.filter(({ to }) => to === address);
    };
    const report = await attackRecovery({ url, mailTo, requestsPerSecond: 1000, mailSeconds: 60 });
    expect(report.letIn).toEqual([]);
    expect(report.turnedAway).toEqual([]);
    expect(report.results.length).toBeGreaterThan(20);
  },
);
