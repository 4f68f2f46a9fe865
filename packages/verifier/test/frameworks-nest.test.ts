// What is NestJS's own about its guard: decorators on methods and classes, and where no guard has been.
import "reflect-metadata";
import { createAccessVerifier, RevocationList } from "@countersign/verifier";
import type { Authenticator } from "@countersign/verifier";
import {
  AccessGuard,
  AllowAnonymous,
  CountersignModule,
  Identity,
  Requires,
  Roles,
} from "@countersign/verifier/nest";
import { Controller, Get, type ModuleMetadata, type Type, UseGuards } from "@nestjs/common";
import { NestFactory } from "@nestjs/core";
import { FastifyAdapter, type NestFastifyApplication } from "@nestjs/platform-fastify";
import { describe, expect, onTestFinished, test } from "vitest";
import { audience, issuer, issuerWithSecret } from "./fixtures/issuer.ts";
import { moduleOf } from "./fixtures/nest-apps.ts";

const local = issuerWithSecret();
const trust = { issuer, audience, keys: local.keys, revocations: null };
const verifier = createAccessVerifier(trust);

type HandlerDecorator = (target: object, name: string, descriptor: PropertyDescriptor) => unknown;

/** A controller with one route, which answers the subject of whoever asks. */
function controllerAt(
  path: string,
  onMethod: readonly HandlerDecorator[],
  onClass: readonly ClassDecorator[] = [],
): Type {
  class Controlled {
    answer(identity: Identity | undefined): string {
      return identity?.subject ?? "a stranger";
    }
  }
  const descriptor = Object.getOwnPropertyDescriptor(Controlled.prototype, "answer") ?? {};
  for (const decorate of [Get(path), ...onMethod]) decorate(Controlled.prototype, "answer", descriptor);
  Identity()(Controlled.prototype, "answer", 0);
  for (const decorate of [Controller(), ...onClass]) decorate(Controlled);
  return Controlled;
}

async function startApp(metadata: ModuleMetadata): Promise<NestFastifyApplication> {
  const app = await NestFactory.create<NestFastifyApplication>(moduleOf(metadata), new FastifyAdapter(), {
    logger: false,
    abortOnError: false,
  });
  onTestFinished(() => app.close());
  await app.init();
  return app;
}

async function statusFor(
  app: NestFastifyApplication,
  url: string,
  roles?: readonly string[],
): Promise<number> {
  const headers = roles === undefined ? {} : { authorization: `Bearer ${local.issue({ roles })}` };
  return (await app.inject({ url, headers })).statusCode;
}

/** One app with one controller behind the module. */
function guarded(...controllers: readonly Type[]): Promise<NestFastifyApplication> {
  return startApp({ imports: [CountersignModule.forRoot(verifier)], controllers: [...controllers] });
}

describe("decorators", () => {
  test("a route that says nothing needs an identity", async () => {
    const app = await guarded(controllerAt("/", []));
    expect([await statusFor(app, "/"), await statusFor(app, "/", ["user"])]).toEqual([401, 200]);
  });

  test("what a class says counts for its methods, and a method's roles replace those of its class", async () => {
    const app = await guarded(
      controllerAt("/class", [], [Roles("admin")]),
      controllerAt("/method", [Roles("auditor")], [Roles("admin")]),
    );
    expect(await statusFor(app, "/class", ["user"])).toBe(403);
    expect(await statusFor(app, "/class", ["admin"])).toBe(200);
    expect(await statusFor(app, "/method", ["admin"])).toBe(403);
    expect(await statusFor(app, "/method", ["auditor"])).toBe(200);
  });

  test("requirements of a method come on top of the roles of its class", async () => {
    const app = await guarded(controllerAt("/", [Requires({ scope: ["posts:write"] })], [Roles("admin")]));
    expect(await statusFor(app, "/", ["admin"])).toBe(403);
    const headers = { authorization: `Bearer ${local.issue({ roles: ["admin"], scope: "posts:write" })}` };
    expect((await app.inject({ url: "/", headers })).statusCode).toBe(200);
  });

  test("requirements win over @AllowAnonymous() wherever both are said", async () => {
    const app = await guarded(
      controllerAt("/same", [AllowAnonymous(), Roles("admin")]),
      controllerAt("/method", [Roles("admin")], [AllowAnonymous()]),
      controllerAt("/class", [], [AllowAnonymous(), Roles("admin")]),
    );
    for (const url of ["/same", "/method", "/class"]) {
      expect([await statusFor(app, url), await statusFor(app, url, ["user"])]).toEqual([401, 403]);
    }
  });

  test("a method opens itself to strangers although its class asks for a role, and a class all of its methods", async () => {
    const app = await guarded(
      controllerAt("/method", [AllowAnonymous()], [Roles("admin")]),
      controllerAt("/class", [], [AllowAnonymous()]),
    );
    expect([await statusFor(app, "/method"), await statusFor(app, "/class")]).toEqual([200, 200]);
  });

  test("a decorator that could never be met is found when the class is read", () => {
    expect(() => Roles("")).toThrow(TypeError);
    expect(() => Roles("two words")).toThrow(TypeError);
    expect(() => Requires({ scope: [] })).toThrow(TypeError);
    expect(() => Requires({ scopes: ["a"] } as object)).toThrow(TypeError);
    expect(() => Requires({ roles: ["admin"] } as object)).toThrow(/@Roles/);
  });
});

describe("where the guard is not, or not yet", () => {
  test("TV-11: @Identity() without a guard answers 401, whatever is written on the request", async () => {
    const app = await startApp({ controllers: [controllerAt("/", [])] });
    app.use((request: object, _response: unknown, next: () => void) => {
      Object.assign(request, { identity: { subject: "planted" } });
      next();
    });
    expect(await statusFor(app, "/", ["admin"])).toBe(401);
  });

  test("one route alone is guarded with @UseGuards(new AccessGuard(verifier))", async () => {
    const app = await startApp({
      controllers: [controllerAt("/", [Roles("admin"), UseGuards(new AccessGuard(verifier))])],
    });
    expect(await statusFor(app, "/")).toBe(401);
    expect(await statusFor(app, "/", ["user"])).toBe(403);
    expect(await statusFor(app, "/", ["admin"])).toBe(200);
  });

  test("the verifier may be made of other providers", async () => {
    const revocations = new RevocationList();
    const Settings = moduleOf({
      providers: [{ provide: "revocations", useValue: revocations }],
      exports: ["revocations"],
    });
    const app = await startApp({
      imports: [
        CountersignModule.forRootAsync({
          imports: [Settings],
          inject: ["revocations"],
          useFactory: (list: RevocationList) => createAccessVerifier({ ...trust, revocations: list }),
        }),
      ],
      controllers: [controllerAt("/", [])],
    });
    expect(await statusFor(app, "/", ["user"])).toBe(200);
    revocations.apply({ kid: local.key.kid ?? "" });
    expect(await statusFor(app, "/", ["user"])).toBe(401);
  });

  test("TV-11: a context that is not HTTP is refused, not passed", async () => {
    const guard = new AccessGuard(verifier);
    const context = { getType: () => "rpc", getHandler: () => guarded, getClass: () => Object };
    await expect(guard.canActivate(context as never)).rejects.toMatchObject({ status: 503 });
  });

  test("a guard without a verifier is a TypeError at once", () => {
    expect(() => CountersignModule.forRoot(undefined as unknown as Authenticator)).toThrow(TypeError);
  });
});
