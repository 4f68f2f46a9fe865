// Runs what an app has to say before and after what happens to accounts.
import { ServiceError } from "../errors.ts";
import type { AfterHook, BeforeHook, HookName, Hooks } from "../settings/hooks.ts";
import { appTimeLimitMs, inTime } from "./in-time.ts";
import { readRefusal } from "./refusal.ts";

/** Nobody waits for an after hook but the end of the server. */
const afterTimeLimitMs = 5000;

export interface HookRunner {
  /** Whether there is any for this: what it is told may have to be looked up. */
  has(name: HookName): boolean;
  /** @throws ServiceError `refused_by_app`; `unavailable` where the hook does not say */
  before<Name extends HookName>(name: Name, event: Parameters<BeforeHook<Name>>[0]): Promise<void>;
  /** Returns at once. */
  after<Name extends HookName>(name: Name, event: Parameters<AfterHook<Name>>[0]): void;
  /** Those that are still running have ended when it resolves. */
  settle(): Promise<void>;
}

export interface HookRunnerOptions {
  readonly hooks: Hooks;
  readonly onError: (error: unknown, name: HookName) => void;
  readonly timeLimitMs?: number | undefined;
}

export function createHookRunner(options: HookRunnerOptions): HookRunner {
  const { hooks, onError, timeLimitMs = appTimeLimitMs } = options;
  const { before = {}, after = {} } = hooks;
  const running = new Set<Promise<void>>();

  async function runAfter<Name extends HookName>(
    name: Name,
    hook: AfterHook<Name>,
    event: Parameters<AfterHook<Name>>[0],
  ): Promise<void> {
    try {
      await inTime(`after.${name}`, afterTimeLimitMs, async (signal) => hook(event, signal));
    } catch (error) {
      onError(error, name);
    }
  }

  return {
    has: (name) => before[name] !== undefined || after[name] !== undefined,

    async before(name, event) {
      const hook = before[name];
      if (hook === undefined) return;
      let refusal: ServiceError | undefined;
      try {
        const said: unknown = await inTime(`before.${name}`, timeLimitMs, async (signal) =>
          hook(event, signal),
        );
        refusal = readRefusal(name, said);
      } catch (cause) {
        onError(cause, name);
        throw new ServiceError("unavailable", { cause });
      }
      if (refusal !== undefined) throw refusal;
    },

    after(name, event) {
      const hook = after[name];
      if (hook === undefined) return;
      const run = runAfter(name, hook, event).finally(() => running.delete(run));
      running.add(run);
    },

    async settle() {
      await Promise.all(running);
    },
  };
}

/** Without hooks, everything passes. */
export const noHooks: HookRunner = createHookRunner({ hooks: {}, onError: () => undefined });
