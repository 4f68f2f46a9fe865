// What a project can be made of, and what goes together.
import { CreateError } from "./errors.ts";

export const frameworks = ["fastify", "express", "nest"] as const;
export const databases = ["sqlite", "postgres"] as const;
export const shapes = ["one-process", "auth-server"] as const;

export type Framework = (typeof frameworks)[number];
export type Database = (typeof databases)[number];
/** Accounts and login inside the API, or in a process beside it. */
export type Shape = (typeof shapes)[number];

export interface Choices {
  readonly framework: Framework;
  readonly database: Database;
  readonly shape: Shape;
}

/**
 * The shapes of each framework, the usual one first. The accounts can live inside an app of Fastify alone: for another
 * framework to have them in one process, name it here and put a template beside `templates/one-process-fastify`.
 */
export const shapesOf: Readonly<Record<Framework, readonly [Shape, ...Shape[]]>> = {
  fastify: ["one-process", "auth-server"],
  express: ["auth-server"],
  nest: ["auth-server"],
};

/** Every project that can be made. */
export const allChoices: readonly Choices[] = frameworks.flatMap((framework) =>
  shapesOf[framework].flatMap((shape) => databases.map((database) => ({ framework, database, shape }))),
);

/** What was said on the command line, and may be anything. */
export type SaidChoices = Readonly<Partial<Record<keyof Choices, string | undefined>>>;

/** What was said, checked, with what is usual for the rest. @throws CreateError `choice_unknown`, `choice_not_available` */
export function chooseUsual(said: SaidChoices): Choices {
  const framework = oneOf("framework", frameworks, said.framework) ?? "fastify";
  const shape = oneOf("shape", shapes, said.shape) ?? shapesOf[framework][0];
  const database = oneOf("database", databases, said.database) ?? "sqlite";
  if (!shapesOf[framework].includes(shape)) {
    throw new CreateError(
      "choice_not_available",
      `--shape ${shape} is not available with ${framework}: choose ${shapesOf[framework].join(" or ")}`,
    );
  }
  return { framework, database, shape };
}

/** @throws CreateError `choice_unknown` */
export function oneOf<const T extends string>(
  name: string,
  known: readonly T[],
  said: string | undefined,
): T | undefined {
  if (said === undefined) return undefined;
  const found = known.find((choice) => choice === said);
  if (found !== undefined) return found;
  throw new CreateError(
    "choice_unknown",
    `--${name} must be ${known.join(" or ")}, not ${JSON.stringify(said.slice(0, 40))}`,
  );
}
