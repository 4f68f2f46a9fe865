// What an app keeps with accounts: judged by its own schema before it is kept, and never when it is read.
import { Compile } from "typebox/compile";
import { ServiceError } from "../errors.ts";
import { appTimeLimitMs, inTime } from "../hooks/in-time.ts";
import { sentenceOf } from "../http/schema-mistake.ts";
import { type FieldsSchema, isStandardSchema, type StandardSchema } from "../settings/fields-schema.ts";
import { jsonFault } from "../settings/plain-json.ts";
import type { JsonObject } from "./account.ts";
import { mergePatch } from "./merge-patch.ts";

export type FieldsName = "metadata" | "app_metadata";

/** What is kept of an account under each name. */
const limits = { maxBytes: 4096, maxDepth: 5 };

const maxMessageLength = 200;

export interface Fields {
  /**
   * What `present` becomes by a merge patch (RFC 7396), as the app's schema accepts it.
   *
   * @throws ServiceError `metadata_invalid`; `unavailable` when the schema fails or does not answer
   */
  patched(present: JsonObject, patch: JsonObject): Promise<JsonObject>;
}

export interface FieldsOptions {
  readonly name: FieldsName;
  /** Without one, nothing is kept. */
  readonly schema?: FieldsSchema | undefined;
  /** Hears why a schema could not say. */
  readonly onError?: ((error: unknown) => void) | undefined;
  readonly timeLimitMs?: number | undefined;
}

/** What a schema says: the value to keep, or what is wrong with it. */
type Verdict = { readonly value: unknown } | { readonly mistake: string };

export function createFields(options: FieldsOptions): Fields {
  const { name, schema, onError = () => undefined, timeLimitMs = appTimeLimitMs } = options;
  const judge = schema === undefined ? undefined : createJudge(name, schema);

  return {
    async patched(present, patch) {
      if (judge === undefined) throw invalid(`This server keeps no ${name}.`);
      // First, so that nothing walks down what nests without end.
      refuse(jsonFault(patch, { ...limits, maxBytes: Number.POSITIVE_INFINITY }));
      const merged = mergePatch(present, patch);
      refuse(jsonFault(merged, limits));
      let verdict: Verdict;
      try {
        verdict = await inTime(`the schema of ${name}`, timeLimitMs, async () => judge(merged));
        const fault = "value" in verdict ? jsonFault(verdict.value, limits) : undefined;
        if (fault !== undefined) throw new TypeError(`what the schema of ${name} gives ${fault}`);
      } catch (cause) {
        onError(cause);
        throw new ServiceError("unavailable", { cause });
      }
      if ("mistake" in verdict) throw invalid(verdict.mistake);
      return verdict.value as JsonObject;
    },
  };

  function refuse(fault: string | undefined): void {
    if (fault !== undefined) throw invalid(`"${name}" ${fault}.`);
  }
}

function createJudge(name: FieldsName, schema: FieldsSchema): (value: JsonObject) => Promise<Verdict> {
  if (isStandardSchema(schema)) return (value) => judgeByStandard(name, schema, value);
  const validator = Compile(schema);
  return async (value) =>
    validator.Check(value) ? { value } : { mistake: sentenceOf(validator.Errors(value), `"${name}"`) };
}

async function judgeByStandard(
  name: FieldsName,
  { "~standard": { validate } }: StandardSchema,
  value: JsonObject,
): Promise<Verdict> {
  const result = await validate(value);
  if (result.issues === undefined) return { value: result.value };
  const [issue] = result.issues;
  const path = [name, ...(issue?.path ?? []).map((step) => (typeof step === "object" ? step.key : step))];
  const message = issue?.message.slice(0, maxMessageLength) ?? "is not what the schema takes";
  return { mistake: `"${path.map(String).join(".")}": ${message}` };
}

function invalid(detail: string): ServiceError {
  return new ServiceError("metadata_invalid", { detail });
}
