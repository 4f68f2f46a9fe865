// How our routes write their replies: as Fastify does by itself, whatever type provider the app around us has.
import { SerializerSelector } from "@fastify/fast-json-stringify-compiler";
import type { FastifySerializerCompiler } from "fastify";

const compile = SerializerSelector()({}, {});

/**
 * For `scope.setSerializerCompiler`. A compiler for other schemas than ours would fail when the deed
 * is done. Each is compiled for the first reply that it writes: most routes of an instance are not
 * asked for a long time, and all together take a fifth of its start.
 */
export const ownSerializer: FastifySerializerCompiler<unknown> = ({ httpStatus = "", ...route }) => {
  let serialize: ReturnType<typeof compile> | undefined;
  return (reply) => (serialize ??= compile({ ...route, httpStatus }))(reply);
};
