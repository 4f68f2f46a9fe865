// Node loads one instance of each module, whichever way it is asked for.
const assert = require("node:assert/strict");

const names = [
  "@countersign/token",
  "@countersign/token/jsonwebtoken",
  "@countersign/client",
  "@countersign/conformance",
  "@countersign/server",
  "@countersign/verifier",
  ...["express", "fastify", "fetch", "hono", "nest", "node", "websocket"].map(
    (name) => `@countersign/verifier/${name}`,
  ),
];

void Promise.all(
  names.map(async (name) => {
    const required = require(name);
    const imported = await import(name);
    for (const exported of Object.keys(required).filter((key) => key !== "__esModule"))
      assert.equal(required[exported], imported[exported], `${name} ${exported}`);
  }),
).then(() => process.stdout.write(`${names.length} modules\n`));
