// Who follows the revocation feed by a stream.
import type { AdminFollowersResponse } from "@countersign/client";
import Type from "typebox";
import { followersOf } from "../admin/statistics.ts";
import { strict } from "../http/schema.ts";
import type { Operation } from "./operation.ts";

export const listFollowers: Operation<Record<never, never>, AdminFollowersResponse> = {
  name: "followers-list",
  input: Type.Object({}, strict),
  run: async (installation) => followersOf(await installation.instances()),
};
