// Asks what was not said. A question with one answer is not asked.
import { cancel, intro, isCancel, select, text } from "@clack/prompts";
import {
  type Choices,
  chooseUsual,
  databases,
  type Framework,
  frameworks,
  oneOf,
  type SaidChoices,
  type Shape,
  shapes,
  shapesOf,
} from "./choices.ts";

const frameworkLabels = { fastify: "Fastify", express: "Express", nest: "NestJS" } as const;
const databaseLabels = { sqlite: "SQLite: a file, nothing to install", postgres: "PostgreSQL" } as const;
const shapeLabels = {
  "one-process": "One process: accounts and login inside the API",
  "auth-server": "An auth server beside the API, for several services",
} as const;

/** The answers; undefined if whoever was asked broke off. */
export async function ask(
  folder: string | undefined,
  said: SaidChoices,
): Promise<{ readonly folder: string; readonly choices: Choices } | undefined> {
  intro("A small API with accounts, login and tokens");
  try {
    const where = folder ?? (await answered(text({ message: "In which folder?", initialValue: "my-api" })));
    const framework =
      oneOf("framework", frameworks, said.framework) ??
      (await pick("Which framework?", frameworks, frameworkLabels));
    const database =
      oneOf("database", databases, said.database) ??
      (await pick("Which database?", databases, databaseLabels));
    const shape = oneOf("shape", shapes, said.shape) ?? (await pickShape(framework));
    return { folder: where, choices: chooseUsual({ framework, database, shape }) };
  } catch (error) {
    if (error !== brokenOff) throw error;
    cancel("Nothing was written.");
    return undefined;
  }
}

const brokenOff = Symbol("broken off");

async function answered<T>(question: Promise<T>): Promise<Exclude<T, symbol>> {
  const answer = await question;
  if (isCancel(answer)) throw brokenOff;
  return answer as Exclude<T, symbol>;
}

async function pick<T extends string>(
  message: string,
  values: readonly T[],
  labels: Readonly<Record<T, string>>,
): Promise<T> {
  const options = values.map((value) => ({ value: value as string, label: labels[value] }));
  const answer = await answered(select({ message, options }));
  return answer as Exclude<T, symbol>;
}

async function pickShape(framework: Framework): Promise<Shape> {
  const [usual, ...others] = shapesOf[framework];
  return others.length === 0
    ? usual
    : pick("One process, or an auth server?", shapesOf[framework], shapeLabels);
}
