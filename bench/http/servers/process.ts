/** The part that all servers share: they are told whom to trust, say where they listen, and report their CPU time. */
import type { Trust } from "../trust.ts";

export interface Started {
  readonly port: number;
  /** The token to send, where the server gives out its own. */
  readonly token?: string;
}

export interface CpuReport {
  readonly cpuMicroseconds: number;
}

/** Runs a server in a process that `fork()` started; ends with its parent. */
export function serve(start: (trust: Trust, variant: string) => Promise<Started>): void {
  process.on("message", (message: { readonly trust: Trust; readonly variant: string } | "cpu") => {
    if (message === "cpu") {
      const { user, system } = process.cpuUsage();
      process.send?.({ cpuMicroseconds: user + system } satisfies CpuReport);
      return;
    }
    void start(message.trust, message.variant).then((started) => process.send?.(started));
  });
  process.once("disconnect", () => process.exit(0));
}
