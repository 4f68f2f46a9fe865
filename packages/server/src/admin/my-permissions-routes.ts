// GET /me/permissions: what the roles of whoever asks allow below /admin, so that a page shows nobody what they cannot do.
import type { PermissionsResponse } from "@countersign/client";
import type { FastifyPluginAsync, onRequestHookHandler } from "fastify";
import { noStore } from "../http/never-cached.ts";
import { permissions as allPermissions } from "../settings/permissions.ts";
import type { Permissions } from "./permissions.ts";
import { permissionsReply } from "./schemas.ts";

export interface MyPermissionsRoutesOptions {
  readonly permissions: Pick<Permissions, "allow">;
  /** Lets in whoever is logged in, by token or by cookie. */
  readonly loggedIn: onRequestHookHandler;
}

export const myPermissionsRoutes: FastifyPluginAsync<MyPermissionsRoutesOptions> = async (app, options) => {
  const { permissions, loggedIn } = options;

  app.get(
    "/me/permissions",
    {
      onRequest: loggedIn,
      onSend: noStore,
      config: {
        operation: {
          id: "listMyPermissions",
          tag: "Administration",
          summary: "List what the roles of whoever asks allow below `/admin`",
          answers: { 200: { description: "The permissions; none for most people" } },
          caller: "person",
        },
      },
      schema: { response: { 200: permissionsReply } },
    },
    async ({ identity }): Promise<PermissionsResponse> => ({
      permissions: allPermissions.filter((each) => permissions.allow(identity?.roles ?? [], each)),
    }),
  );
};
