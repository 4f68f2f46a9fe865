// /me/passkeys: the passkeys of whoever is logged in.
import type { FreshRequest, PasskeyNameRequest, PasskeyRequest } from "@countersign/client";
import type { FastifyPluginAsync, onRequestHookHandler } from "fastify";
import { currentUser } from "../http/current-user.ts";
import { noStore } from "../http/never-cached.ts";
import { originOf } from "../http/origin.ts";
import { jsonBody, optionalJsonBody } from "../http/schema.ts";
import { presentBody } from "../http/validation.ts";
import { askingOf, type Fresh, ofFreshness } from "../second-factor/fresh.ts";
import { freshBody } from "../second-factor/schemas.ts";
import type { MyPasskeys } from "./my-passkeys.ts";
import {
  addedPasskeyReply,
  creationOptionsReply,
  passkeyBody,
  passkeyNameBody,
  passkeyParams,
  passkeyReply,
  passkeysReply,
} from "./schemas.ts";

export interface PasskeyRoutesOptions {
  readonly myPasskeys: MyPasskeys;
  /** Lets in whoever is logged in, by token or by cookie. */
  readonly loggedIn: onRequestHookHandler;
}

type Named = { Params: { id: string } };

export const passkeyRoutes: FastifyPluginAsync<PasskeyRoutesOptions> = async (app, options) => {
  const { myPasskeys, loggedIn } = options;
  const mine = { onRequest: loggedIn, onSend: noStore };

  app.post<Fresh>(
    "/me/passkeys/options",
    {
      ...mine,
      config: {
        operation: {
          id: "beginPasskey",
          tag: "Passkeys",
          summary: "Get what a browser makes a passkey of",
          answers: { 200: { description: "For the browser's `parseCreationOptionsFromJSON`" } },
          caller: "person",
          refusals: [...ofFreshness],
        },
      },
      schema: { body: optionalJsonBody(freshBody), response: { 200: creationOptionsReply } },
    },
    async (request) => myPasskeys.options(askingOf(request)),
  );

  app.post<{ Body: PasskeyRequest | undefined }>(
    "/me/passkeys",
    {
      ...mine,
      config: {
        operation: {
          id: "addPasskey",
          tag: "Passkeys",
          summary: "Keep the passkey that the browser made",
          answers: { 201: { description: "From now on it logs in, and a password alone does not" } },
          caller: "person",
          refusals: [["passkey_invalid", 400], "factor_exists"],
        },
      },
      schema: { body: jsonBody(passkeyBody), response: { 201: addedPasskeyReply } },
    },
    async (request, reply) => {
      const { response, name } = presentBody(request);
      const added = await myPasskeys.add(currentUser(request), { response, name }, originOf(request));
      return reply.code(201).send(added);
    },
  );

  app.get(
    "/me/passkeys",
    {
      ...mine,
      config: {
        operation: {
          id: "listPasskeys",
          tag: "Passkeys",
          summary: "List the passkeys of the account, oldest first",
          answers: { 200: { description: "What each is called, and when it was used last" } },
          caller: "person",
        },
      },
      schema: { response: { 200: passkeysReply } },
    },
    async (request) => ({ passkeys: await myPasskeys.list(currentUser(request).userId) }),
  );

  app.patch<Named & { Body: PasskeyNameRequest | undefined }>(
    "/me/passkeys/:id",
    {
      ...mine,
      config: {
        operation: {
          id: "renamePasskey",
          tag: "Passkeys",
          summary: "Give a passkey another name",
          answers: { 200: { description: "The passkey under its new name" } },
          caller: "person",
          refusals: ["not_found"],
        },
      },
      schema: { params: passkeyParams, body: jsonBody(passkeyNameBody), response: { 200: passkeyReply } },
    },
    async (request) => {
      const { name } = presentBody(request);
      return myPasskeys.rename(currentUser(request), request.params.id, name, originOf(request));
    },
  );

  app.delete<Named & { Body: FreshRequest | null | undefined }>(
    "/me/passkeys/:id",
    {
      ...mine,
      config: {
        operation: {
          id: "removePasskey",
          tag: "Passkeys",
          summary: "Remove a passkey, and with the last factor the recovery codes",
          answers: { 204: { description: "It is gone" } },
          caller: "person",
          refusals: [...ofFreshness, "not_found", "factor_needed"],
        },
      },
      schema: { params: passkeyParams, body: optionalJsonBody(freshBody) },
    },
    async (request, reply) => {
      await myPasskeys.remove(askingOf(request), request.params.id);
      return reply.code(204).send();
    },
  );
};
