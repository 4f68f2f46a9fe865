import { decode, generateKey } from "@countersign/token";
import { expect, test } from "vitest";
import { createAccessTokens } from "../../src/tokens/access-tokens.ts";

const count = process.env["TEST_FULL"] === "1" ? 10_000_000 : 100_000;

test(
  `TI-06: no two of ${count} tokens have the same jti, which is 128 bits`,
  { timeout: 600_000 },
  async () => {
    const key = await generateKey("HS256");
    const tokens = createAccessTokens({
      signingKey: () => key,
      issuer: "https://api.example.com",
      audience: "https://api.example.com",
      lifetimeSeconds: 600,
    });
    const now = Math.floor(Date.now() / 1000);
    const grant = {
      userId: "user",
      sid: "session",
      roles: ["user"],
      clientId: "first-party",
      amr: ["pwd"],
      authTime: now,
      issuedAt: now,
      askedAt: now,
      endsAt: now + 86_400,
    };
    // Half of each is enough to tell ten million apart, and they fit into memory.
    const halves = new BigUint64Array(count);
    for (let index = 0; index < count; index += 1) {
      const { jti } = decode(tokens.issue(grant).token).payload;
      const bytes = Buffer.from(jti as string, "base64url");
      if (bytes.length !== 16) expect(bytes).toHaveLength(16);
      halves[index] = bytes.readBigUInt64BE();
    }
    halves.sort();
    let repeated = 0;
    for (let index = 1; index < count; index += 1) if (halves[index] === halves[index - 1]) repeated += 1;
    expect(repeated).toBe(0);
  },
);
