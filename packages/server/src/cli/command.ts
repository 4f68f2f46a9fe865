// What a command of `countersign` is. Its table entry is all that `--help`, completion and the reference page know of it.
import type { OptionTable } from "../settings/options.ts";

export interface CommandContext {
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** To standard output; resolves when there is room for more. */
  readonly print: (text: string) => void | Promise<void>;
  /** For a person at a terminal alone: nobody else is told. */
  readonly tell?: ((text: string) => void) | undefined;
  /** Asks a person at a terminal, and resolves with the line that they typed; undefined where nobody is. */
  readonly ask?: ((question: string) => Promise<string>) | undefined;
  /** Standard input, for what must not stand on the command line. */
  readonly input?: (() => AsyncIterable<Buffer>) | undefined;
  /** Whether output goes to a terminal that shows colours. */
  readonly hasColour?: boolean | undefined;
}

export interface Flag {
  /** What it is for, as a sentence without its full stop. */
  readonly summary: string;
  /** What stands for its value in help, such as `NAME`; without it, the flag takes none. */
  readonly value?: string;
  /** All values that it takes. */
  readonly choices?: readonly string[];
  readonly isFile?: true;
}

export interface Operand {
  /** What stands for it in help, such as `KID`. */
  readonly name: string;
  readonly summary: string;
  readonly isOptional?: true;
  /** All values that it takes. */
  readonly choices?: readonly string[];
  readonly isFile?: true;
}

/** What can be run: a command, or one verb of it. */
export interface Verb {
  /** One line for a list, without a full stop. */
  readonly summary: string;
  /** Paragraphs that say more, each a line. */
  readonly text?: readonly string[];
  readonly operands?: readonly Operand[];
  readonly flags?: Readonly<Record<string, Flag>>;
  /**
   * Returns when all is done, or when a server has started, which then keeps the process alive.
   *
   * @throws ConfigError for arguments or settings that cannot work
   * @throws CommandFailed, OperationRefused if it ran, and the answer is no
   */
  run(asked: Asked, context: CommandContext): Promise<void>;
}

interface Described {
  readonly summary: string;
  readonly text?: readonly string[];
  /** Each a line that a shell takes. */
  readonly examples: readonly string[];
  /** Options of the server that it takes as flags and variables. */
  readonly options?: OptionTable;
  /** What to say below them. */
  readonly optionsText?: string;
}

/** Several verbs under one name: `countersign keys list`. */
export interface Group extends Described {
  readonly verbs: Readonly<Record<string, Verb>>;
}

/** One verb that is a command by itself. */
export interface Single extends Described, Verb {
  /** Reads its arguments itself: what it takes are the options alone. */
  readonly readsItself?: true;
}

export type Command = Group | Single;

/** What somebody asked a verb for. */
export interface Asked {
  /** Flags with a value, those of `options` among them. */
  readonly values: Readonly<Record<string, string | undefined>>;
  /** Flags without one. */
  readonly flags: ReadonlySet<string>;
  /** As many as the verb has at most; those that are not optional are there. */
  readonly operands: readonly string[];
  readonly isJson: boolean;
  /** As they were given, for a verb that reads them itself. */
  readonly args: readonly string[];
}

/** The command did what it was asked to, and found what the shell should hear of: exit code 1. */
export class CommandFailed extends Error {
  override readonly name = "CommandFailed";
}

/** For every verb about one account. */
export const accountOperand: Operand = { name: "ACCOUNT", summary: "its id, or its address" };

export const yesFlag: Flag = { summary: "Do it without asking" };

export function isGroup(command: Command): command is Group {
  return "verbs" in command;
}
