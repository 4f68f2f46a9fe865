// The public surface of create-countersign: what `npm create countersign` does, for programs.
export { createProject } from "./project.ts";
export { allChoices } from "./choices.ts";
export type { Choices, Database, Framework, Shape } from "./choices.ts";
export { CreateError } from "./errors.ts";
export type { CreateErrorCode } from "./errors.ts";
