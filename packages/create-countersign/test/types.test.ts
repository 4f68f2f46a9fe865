// What the compiler knows of each public type; judged by `tsc`, not when the test runs.
import { allChoices, createProject } from "create-countersign";
import type { Choices, CreateError, CreateErrorCode, Database, Framework, Shape } from "create-countersign";
import { expectTypeOf, test } from "vitest";

test("Choices are a Framework, a Database and a Shape", () => {
  expectTypeOf<Choices["framework"]>().toEqualTypeOf<Framework>();
  expectTypeOf<Choices["database"]>().toEqualTypeOf<Database>();
  expectTypeOf<Choices["shape"]>().toEqualTypeOf<Shape>();
  expectTypeOf<Framework>().toEqualTypeOf<"fastify" | "express" | "nest">();
  expectTypeOf<Database>().toEqualTypeOf<"sqlite" | "postgres">();
  expectTypeOf<Shape>().toEqualTypeOf<"one-process" | "auth-server">();
  expectTypeOf(allChoices).toEqualTypeOf<readonly Choices[]>();
});

test("createProject takes a folder and Choices, and a CreateError has a code of a closed list", () => {
  expectTypeOf(createProject).toEqualTypeOf<(folder: string, choices: Choices) => Promise<void>>();
  expectTypeOf<CreateError["code"]>().toEqualTypeOf<CreateErrorCode>();
  expectTypeOf<string>().not.toExtend<CreateErrorCode>();
});
