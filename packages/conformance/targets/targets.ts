// Everything that `npm run conformance` attacks, ours first.
import { countersignToken } from "./countersign-token.ts";
import { expressJwt } from "./express-jwt.ts";
import { fastJwt } from "./fast-jwt.ts";
import { honoJwt } from "./hono-jwt.ts";
import { joseTarget } from "./jose.ts";
import { jsonwebtokenTarget } from "./jsonwebtoken.ts";
import { postsApi } from "./posts-api.ts";
import type { Target } from "./target.ts";

export const targets: readonly Target[] = [
  countersignToken,
  postsApi,
  jsonwebtokenTarget,
  joseTarget,
  fastJwt,
  honoJwt,
  expressJwt,
];
