// A token that another page hands to the inspector, with the one that it was before it was changed.

export interface HandedOver {
  readonly token: string;
  readonly original: string;
}

let handed: HandedOver | undefined;

export function inspectToken(token: string, original: string): void {
  handed = { token, original };
}

/** Once: the next visit begins with something else. */
export function takeHandedOver(): HandedOver | undefined {
  const taken = handed;
  handed = undefined;
  return taken;
}
