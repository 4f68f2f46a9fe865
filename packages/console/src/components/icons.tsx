// Signs that stand beside a word, and never alone but for devices.
import type { ComponentChildren, JSX } from "preact";

function Icon({
  size,
  children,
}: {
  readonly size: number;
  readonly children: ComponentChildren;
}): JSX.Element {
  return (
    <svg width={size} height={size} viewBox={`0 0 ${size} ${size}`} aria-hidden="true">
      {children}
    </svg>
  );
}

export const Tick = (): JSX.Element => (
  <Icon size={16}>
    <path d="M2.5 8.5l3.5 4 7.5-9" />
  </Icon>
);
export const Cross = (): JSX.Element => (
  <Icon size={16}>
    <path d="M3 3l10 10M13 3L3 13" />
  </Icon>
);
export const Dash = (): JSX.Element => (
  <Icon size={16}>
    <path d="M4 8h8" />
  </Icon>
);
export const Warn = (): JSX.Element => (
  <Icon size={18}>
    <path d="M9 2.2l7 12.8H2zM9 7v4M9 13.2v.1" />
  </Icon>
);
export const RefusedSign = ({ size = 16 }: { readonly size?: number }): JSX.Element => (
  <svg width={size} height={size} viewBox="0 0 32 32" aria-hidden="true" stroke-width={size > 20 ? 2.2 : 3}>
    <circle cx="16" cy="16" r="14" />
    <path d="M11 11l10 10M21 11L11 21" />
  </svg>
);
export const AcceptedSign = ({ size = 16 }: { readonly size?: number }): JSX.Element => (
  <svg width={size} height={size} viewBox="0 0 32 32" aria-hidden="true" stroke-width={size > 20 ? 2.2 : 3}>
    <circle cx="16" cy="16" r="14" />
    <path d="M9.5 16.5l4.5 5 8.5-10.5" />
  </svg>
);
export const UncheckedSign = ({ size = 16 }: { readonly size?: number }): JSX.Element => (
  <svg width={size} height={size} viewBox="0 0 32 32" aria-hidden="true" stroke-width={size > 20 ? 2.2 : 3}>
    <circle cx="16" cy="16" r="14" stroke-dasharray="4 5" />
    <path d="M10 16h12" />
  </svg>
);
export const Desktop = (): JSX.Element => (
  <Icon size={24}>
    <rect x="3" y="4" width="18" height="12" rx="1.5" />
    <path d="M9 20h6M12 16v4" />
  </Icon>
);
export const Phone = (): JSX.Element => (
  <Icon size={24}>
    <rect x="7" y="3" width="10" height="18" rx="2" />
    <path d="M11 18h2" />
  </Icon>
);
export const Terminal = (): JSX.Element => (
  <Icon size={24}>
    <rect x="3" y="4" width="18" height="16" rx="1.5" />
    <path d="M7 9l3 3-3 3M12.5 15H16" />
  </Icon>
);
