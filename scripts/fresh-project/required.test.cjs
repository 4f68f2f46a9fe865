// For Jest as it comes: `require()`, and no option.
const { createAccessVerifier } = require("@countersign/verifier");
const { createGuard } = require("@countersign/verifier/express");
const { sign, verify } = require("@countersign/token/jsonwebtoken");
const { randomBytes } = require("node:crypto");

test("Jest's require() loads the packages, and they work", () => {
  const secret = randomBytes(32);
  const token = sign({ role: "admin" }, secret, { expiresIn: 60 });
  expect(verify(token, secret, { algorithms: ["HS256"] })).toMatchObject({ role: "admin" });
  const verifier = createAccessVerifier({ issuer: "https://auth.example", audience: "api" });
  expect(typeof createGuard(verifier).required()).toBe("function");
});
