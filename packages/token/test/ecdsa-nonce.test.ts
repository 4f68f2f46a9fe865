import { createSigner, generateKey } from "@countersign/token";
import { expect, test } from "vitest";

const count = process.env["TEST_FULL"] === "1" ? 1_000_000 : 20_000;

// The same r twice, from one key, gives that key away.
test(
  `TI-08: ${count} signatures of one text by one ES256 key have as many r (RFC 8725 §3.2)`,
  { timeout: 600_000 },
  async () => {
    const sign = createSigner({
      key: await generateKey("ES256"),
      type: "JWT",
      issuer: null,
      audience: null,
      lifetimeSeconds: null,
      now: () => 1_800_000_000,
    });
    const firstHalvesOfR = new BigUint64Array(count);
    for (let index = 0; index < count; index += 1) {
      const signature = sign({}).split(".")[2] ?? "";
      firstHalvesOfR[index] = Buffer.from(signature, "base64url").readBigUInt64BE();
    }
    expect(new Set(firstHalvesOfR).size).toBe(count);
  },
);
