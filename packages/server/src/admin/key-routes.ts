// /admin/keys: the signing keys, and bringing in the next one.
import type { AdminKey, AdminKeysResponse } from "@countersign/client";
import type { FastifyPluginAsync } from "fastify";
import { currentUser } from "../http/current-user.ts";
import { noStore } from "../http/never-cached.ts";
import { originOf } from "../http/origin.ts";
import { isoTime } from "../iso-time.ts";
import type { SigningKeyChanges } from "../keys/changes.ts";
import { nextTakeoverMs } from "../keys/schedule.ts";
import type { StoredKey } from "../keys/stored-key.ts";
import type { AdminGuard } from "./guard.ts";
import { keysReply } from "./schemas.ts";

export interface AdminKeyRoutesOptions {
  readonly keyChanges: Pick<SigningKeyChanges, "list" | "rotate">;
  readonly adminGuard: AdminGuard;
}

export const adminKeyRoutes: FastifyPluginAsync<AdminKeyRoutesOptions> = async (app, options) => {
  const { keyChanges, adminGuard } = options;
  app.addHook("onSend", noStore);

  app.get(
    "/admin/keys",
    {
      onRequest: adminGuard.may("keys:write"),
      config: {
        cors: false,
        operation: {
          id: "listSigningKeys",
          tag: "Administration",
          summary: "List every signing key there ever was, without what is secret of it",
          answers: { 200: { description: "The keys, oldest first" } },
          caller: "person",
          refusals: ["forbidden"],
        },
      },
      schema: { response: { 200: keysReply } },
    },
    async () => keysOf(await keyChanges.list()),
  );

  app.post(
    "/admin/keys/rotate",
    {
      onRequest: adminGuard.mayAfterFreshLogin("keys:write"),
      config: {
        cors: false,
        operation: {
          id: "rotateSigningKey",
          tag: "Administration",
          summary: "Publish the next signing key, which signs once every verifier can have it",
          answers: { 200: { description: "All keys, oldest first" } },
          caller: "person",
          refusals: ["authentication_too_old", "forbidden"],
        },
      },
      schema: { response: { 200: keysReply } },
    },
    async (request): Promise<AdminKeysResponse> => {
      const { userId } = currentUser(request);
      await keyChanges.rotate({ origin: { actorId: userId, ...originOf(request) } });
      return keysOf(await keyChanges.list());
    },
  );
};

function keysOf(keys: readonly StoredKey[]): AdminKeysResponse {
  return { keys: keys.map(keyOf), next_at: time(nextTakeoverMs(keys)) };
}

function keyOf(key: StoredKey): AdminKey {
  return {
    kid: key.kid,
    algorithm: key.algorithm,
    state: key.state,
    created_at: isoTime(key.createdAtMs),
    promote_at: isoTime(key.promoteAtMs),
    keep_until: time(key.keepUntilMs),
    retired_at: time(key.retiredAtMs),
    revoked_at: time(key.revokedAtMs),
  };
}

function time(milliseconds: number | undefined): string | null {
  return milliseconds === undefined ? null : isoTime(milliseconds);
}
