// Tells a path that exists, asked with a method that it does not have (405), from one that does not exist (404).
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { ServiceError } from "../errors.ts";
import { answerError } from "./problems.ts";

/** Makes the app's handler of requests that no route takes. Call it before the routes are added. */
export function answerUnrouted(app: FastifyInstance): void {
  const methodsByPath = new Map<string, Set<string>>();
  app.addHook("onRoute", ({ url, method }) => {
    const methods = methodsByPath.get(url) ?? new Set();
    for (const each of [method].flat()) methods.add(each);
    methodsByPath.set(url, methods);
  });

  app.setNotFoundHandler((request: FastifyRequest, reply: FastifyReply) => {
    const [path = ""] = request.url.split("?", 1);
    const allowed = new Set<string>();
    for (const [pattern, methods] of methodsByPath) {
      // A plugin that takes OPTIONS for every path says nothing of which paths there are.
      if (pattern.endsWith("*") && methods.size === 1 && methods.has("OPTIONS")) continue;
      if (isMatch(pattern, path)) for (const method of methods) allowed.add(method);
    }
    // A route of the app may itself have said that there is nothing: then the method is not what is wrong.
    if (allowed.size === 0 || allowed.has(request.method))
      return answerError(new ServiceError("not_found"), request, reply);
    // RFC 9110 §15.5.6 wants the list.
    reply.header("allow", [...allowed].toSorted().join(", "));
    answerError(new ServiceError("method_not_allowed"), request, reply);
  });
}

/** `:name` stands for one segment, `*` for the rest. */
function isMatch(pattern: string, path: string): boolean {
  const expected = pattern.split("/");
  const actual = path.split("/");
  for (const [index, segment] of expected.entries()) {
    if (segment === "*") return true;
    const given = actual[index];
    if (given === undefined || (!segment.startsWith(":") && given !== segment)) return false;
  }
  return expected.length === actual.length;
}
