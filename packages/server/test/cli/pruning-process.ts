// The program, killed right after it has removed the first events.
import { runCommand } from "../../src/cli/run.ts";

await runCommand(process.argv.slice(2), {
  environment: {},
  print: () => undefined,
  tell(text) {
    if (text.includes("Removing")) process.kill(process.pid, "SIGKILL");
  },
});
