// The route as Next.js calls it: an exported function for each method, with a `Request`.
import { afterAll, beforeAll, expect, test } from "vitest";
import { audience, startIssuer } from "./issuer.ts";
import type { Issuer } from "./issuer.ts";
import { profileChecks } from "./profile-checks.ts";

let issuer: Issuer;
beforeAll(async () => {
  issuer = await startIssuer();
  process.env["ISSUER"] = issuer.url;
  process.env["AUDIENCE"] = audience;
});
afterAll(async () => {
  const { verifier } = await import("../src/verifier.ts");
  verifier.close();
  await issuer.close();
});

test.each(Object.entries(profileChecks))("%s", async (_name, check) => {
  // Not before it is known where the issuer is.
  const { GET, DELETE } = await import("../src/app/api/profile/route.ts");
  const send = (request: Request): Promise<Response> =>
    request.method === "DELETE" ? DELETE(request) : GET(request);
  await expect(check({ origin: "http://localhost", send, issuer })).resolves.toBeUndefined();
});
