// Between the signal to stop and the closed port: an instance that still answers, and asks to be sent nothing more.

declare module "fastify" {
  interface FastifyInstance {
    readonly draining?: Draining;
  }
}

export interface Draining {
  readonly isDraining: boolean;
  /** From here on the instance is not ready. */
  begin(): void;
  /** How long a balancer may take to notice. */
  readonly delayMs: number;
  /** How long requests under way may take after that. */
  readonly timeoutMs: number;
}

export interface DrainingOptions {
  readonly drainDelaySeconds: number;
  readonly drainTimeoutSeconds: number;
}

export function createDraining({ drainDelaySeconds, drainTimeoutSeconds }: DrainingOptions): Draining {
  let isDraining = false;
  return {
    get isDraining() {
      return isDraining;
    },
    begin() {
      isDraining = true;
    },
    delayMs: drainDelaySeconds * 1000,
    timeoutMs: drainTimeoutSeconds * 1000,
  };
}
