// A guard for NestJS, on its Express and its Fastify platform. Decorators are made with functions: this source has no decorator syntax.
import { createParamDecorator, HttpException, SetMetadata } from "@nestjs/common";
import type {
  CanActivate,
  DynamicModule,
  ExecutionContext,
  FactoryProvider,
  ModuleMetadata,
  Provider,
} from "@nestjs/common";
import { APP_GUARD, Reflector } from "@nestjs/core";
import type { RawRequest } from "../bearer.ts";
import { AccessError, problemText, toAccessError } from "../errors.ts";
import { allowAnonymous, type Authenticator, type Guard, identityOf, requireIdentity } from "../guard.ts";
import type { Identity as VerifiedIdentity } from "../identity.ts";
import { checkRequirements, type Requirements } from "../requirements.ts";

const rolesKey = "countersign:roles";
const requirementsKey = "countersign:requirements";
const anonymousKey = "countersign:anonymous";

type HandlerOrClass = MethodDecorator & ClassDecorator;
type Target = Parameters<Reflector["get"]>[1];

/** What `@Requires()` takes; roles have a decorator of their own. */
export type NestRequirements = Omit<Requirements, "roles">;

/**
 * Whoever asks must have at least one of these roles. On a method it replaces what the class says of roles.
 *
 * @throws TypeError if there is no role, or one with spaces or quotes
 */
export function Roles(...roles: readonly [string, ...string[]]): HandlerOrClass {
  checkRequirements({ roles });
  return SetMetadata(rolesKey, roles);
}

/**
 * What a route asks beyond a good token and roles: `@Requires({ scope: ["posts:write"] })`. On a method it goes before
 * what the class says, member by member.
 *
 * @throws TypeError if a requirement is unknown, could never be met or would mean nothing
 */
export function Requires(requirements: NestRequirements): HandlerOrClass {
  if ("roles" in requirements) throw new TypeError("say roles with @Roles()");
  checkRequirements(requirements);
  return SetMetadata(requirementsKey, requirements);
}

/** Greets strangers too; a bad token is refused all the same. Requirements on the same method or class win over it. */
export function AllowAnonymous(): HandlerOrClass {
  return SetMetadata(anonymousKey, true);
}

/** Who is asking: `@Identity() identity: Identity`. Behind `@AllowAnonymous()` it is undefined for a stranger. */
export type Identity = VerifiedIdentity;

/** A parameter that is who is asking. Where no guard has judged the request it answers 401. */
export const Identity: () => ParameterDecorator = createParamDecorator(
  (_data: unknown, context: ExecutionContext): VerifiedIdentity | undefined => {
    const request = context.switchToHttp().getRequest<NestRequest>();
    if (judged.has(request)) return judged.get(request);
    try {
      return identityOf({});
    } catch (error) {
      throw toHttpException(toAccessError(error));
    }
  },
);

type NestRequest = RawRequest & {
  readonly raw?: RawRequest;
  readonly id?: unknown;
  identity?: VerifiedIdentity | undefined;
};

interface NestResponse {
  readonly header: (name: string, value: string) => unknown;
}

/** Whom the guard found: an `identity` that something else wrote on a request counts for nothing. */
const judged = new WeakMap<NestRequest, VerifiedIdentity | undefined>();

/**
 * Lets in whoever has a good token and meets what the decorators say. `CountersignModule` puts it before every route; by
 * itself it is for `@UseGuards(new AccessGuard(verifier))`.
 */
export class AccessGuard implements CanActivate {
  readonly #authenticator: Authenticator;
  readonly #reflector: Reflector;
  readonly #anonymous: Guard<VerifiedIdentity | undefined>;
  /** One for each handler and class, made when it is first asked. */
  readonly #guards = new WeakMap<Target, WeakMap<Target, Guard<VerifiedIdentity | undefined>>>();

  constructor(authenticator: Authenticator, reflector: Reflector = new Reflector()) {
    this.#authenticator = authenticator;
    this.#reflector = reflector;
    this.#anonymous = allowAnonymous(authenticator);
  }

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const request = this.requestOf(context);
    request.identity = undefined;
    try {
      const guard = this.#guardOf(context.getHandler(), context.getClass());
      request.identity = await guard(request.raw ?? request);
      judged.set(request, request.identity);
      return true;
    } catch (error) {
      const refusal = toAccessError(error);
      if (context.getType() === "http") setHeaders(context.switchToHttp().getResponse(), refusal);
      throw toHttpException(refusal, request.id);
    }
  }

  /**
   * The HTTP request that carries the credentials. A subclass says where it is in other kinds of context (GraphQL).
   *
   * @throws HttpException 503 in a context that is not HTTP, which this guard would otherwise let pass unjudged
   */
  protected requestOf(context: ExecutionContext): NestRequest {
    if (context.getType() === "http") return context.switchToHttp().getRequest<NestRequest>();
    throw toHttpException(new AccessError("verification_failed", { reason: "not_http" }));
  }

  #guardOf(handler: Target, owner: Target): Guard<VerifiedIdentity | undefined> {
    let ofHandler = this.#guards.get(handler);
    if (ofHandler === undefined) this.#guards.set(handler, (ofHandler = new WeakMap()));
    let guard = ofHandler.get(owner);
    if (guard === undefined) ofHandler.set(owner, (guard = this.#createGuard(handler, owner)));
    return guard;
  }

  /** The method says more than its class: it adds requirements, and alone decides whether strangers may in. */
  #createGuard(handler: Target, owner: Target): Guard<VerifiedIdentity | undefined> {
    const onHandler = this.#read(handler);
    const onClass = this.#read(owner);
    const anonymous =
      onHandler.requirements === undefined &&
      (onHandler.anonymous || (onClass.anonymous && onClass.requirements === undefined));
    if (anonymous) return this.#anonymous;
    return requireIdentity(this.#authenticator, { ...onClass.requirements, ...onHandler.requirements });
  }

  #read(target: Target): { anonymous: boolean; requirements: Requirements | undefined } {
    const roles = this.#reflector.get<readonly string[] | undefined>(rolesKey, target);
    const others = this.#reflector.get<NestRequirements | undefined>(requirementsKey, target);
    const said = roles !== undefined || others !== undefined;
    return {
      anonymous: this.#reflector.get<boolean | undefined>(anonymousKey, target) === true,
      requirements: said ? { ...others, ...(roles !== undefined && { roles }) } : undefined,
    };
  }
}

function setHeaders(response: NestResponse, { headers }: AccessError): void {
  const all = { ...headers, "content-type": "application/problem+json" };
  for (const [name, value] of Object.entries(all)) response.header(name, value);
}

/** An exception of Nest, so that the filters of an app see the status that they know. */
function toHttpException(refusal: AccessError, requestId?: unknown): HttpException {
  const body = JSON.parse(problemText(refusal, requestId)) as object;
  return new HttpException(body, refusal.status, { cause: refusal });
}

/** Where the verifier comes from, if it is made of other providers. */
export type CountersignModuleAsyncOptions = Pick<ModuleMetadata, "imports"> &
  Pick<FactoryProvider<Authenticator>, "inject" | "useFactory">;

/**
 * Puts the guard before every route of the app: a route that nobody thought of refuses strangers, and one that greets
 * them says so with `@AllowAnonymous()`.
 */
// oxlint-disable-next-line typescript/no-extraneous-class -- modules of NestJS are classes, and its own have static methods too
export class CountersignModule {
  /** @throws TypeError if there is no verifier */
  static forRoot(authenticator: Authenticator): DynamicModule {
    return guardEveryRoute({ provide: AccessGuard, useValue: new AccessGuard(authenticator) });
  }

  static forRootAsync({
    imports = [],
    inject = [],
    useFactory,
  }: CountersignModuleAsyncOptions): DynamicModule {
    const create = async (...dependencies: Parameters<typeof useFactory>): Promise<AccessGuard> =>
      new AccessGuard(await useFactory(...dependencies));
    return { ...guardEveryRoute({ provide: AccessGuard, inject, useFactory: create }), imports };
  }
}

function guardEveryRoute(guard: Provider<AccessGuard>): DynamicModule {
  return {
    module: CountersignModule,
    providers: [guard, { provide: APP_GUARD, useExisting: AccessGuard }],
    exports: [AccessGuard],
  };
}
