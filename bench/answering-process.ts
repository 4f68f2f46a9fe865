/** The inside of a process that `startForked()` started. */

export interface Begun<Started> {
  readonly started: Started;
  readonly answers?: Readonly<Record<string, (argument: never) => unknown>>;
}

/** Begins when it is told to, answers what `begin` said it would and its own CPU time, and ends with its parent. */
export function answerQuestions<Started>(begin: (order: never) => Promise<Begun<Started>>): void {
  let answers: Begun<Started>["answers"] = {};

  async function answer(question: string, argument: unknown): Promise<unknown> {
    if (question === "begin") {
      const begun = await begin(argument as never);
      answers = begun.answers;
      return begun.started;
    }
    if (question === "cpu") {
      const { user, system } = process.cpuUsage();
      return user + system;
    }
    const known = answers?.[question];
    if (known === undefined) throw new TypeError(`Nobody here can answer "${question}"`);
    return (await known(argument as never)) ?? null;
  }

  process.on("message", ({ question, argument }: { question: string; argument: unknown }) => {
    // A rejection ends the process, which its parent reports.
    void answer(question, argument).then((told) => process.send?.(told));
  });
  process.once("disconnect", () => process.exit(0));
}
