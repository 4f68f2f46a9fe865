// How our routes write their replies: as Fastify does by itself, whatever type provider the app around us has.
import { SerializerSelector } from "@fastify/fast-json-stringify-compiler";
import type { FastifySerializerCompiler } from "fastify";

const compile = SerializerSelector()({}, {});

/** For `scope.setSerializerCompiler`. A compiler for other schemas than ours would fail when the deed is done. */
export const ownSerializer: FastifySerializerCompiler<unknown> = ({ httpStatus = "", ...route }) =>
  compile({ ...route, httpStatus });
