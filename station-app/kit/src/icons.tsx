import { memo, type ReactNode } from 'react';

/** Drawn on a grid of 24, in the colour of the text, never the only bearer of a meaning. */
const PATHS = {
  check: <path d="M4.5 12.5 10 18 19.5 6.5" />,
  cross: <path d="M6 6 18 18M18 6 6 18" />,
  warning: (
    <>
      <path d="M12 3 22 20.5H2Z" />
      <path d="M12 9.5v5M12 17.2v.6" />
    </>
  ),
  fault: (
    <>
      <path d="M8 2.5h8L21.5 8v8L16 21.5H8L2.5 16V8Z" />
      <path d="M12 7v6M12 16.2v.6" />
    </>
  ),
  info: (
    <>
      <circle cx="12" cy="12" r="9.5" />
      <path d="M12 11v6M12 7v.6" />
    </>
  ),
  success: (
    <>
      <circle cx="12" cy="12" r="9.5" />
      <path d="M7.5 12.5 10.8 16 16.5 8.8" />
    </>
  ),
  person: (
    <>
      <circle cx="12" cy="8" r="4.2" />
      <path d="M3.5 21.5c.8-5 4.2-7.3 8.5-7.3s7.7 2.3 8.5 7.3" />
    </>
  ),
  correction: (
    <>
      <path d="M9 5h12v14H9L2.5 12Z" />
      <path d="m12 9.2 5.6 5.6M17.6 9.2 12 14.8" />
    </>
  ),
  search: (
    <>
      <circle cx="10.5" cy="10.5" r="6.5" />
      <path d="m15.5 15.5 5.5 5.5" />
    </>
  ),
  /** Points to where reading goes on: mirrored by the style sheet in right-to-left pages. */
  forward: <path d="M9 5.5 15.5 12 9 18.5" />,
  back: <path d="M15 5.5 8.5 12 15 18.5" />,
  wait: (
    <>
      <circle cx="12" cy="12" r="9.5" />
      <path d="M12 6.5V12l3.8 2.6" />
    </>
  ),
  /** Letters of two sizes: how the screen looks. */
  look: <path d="M2.5 19 8 5l5.5 14M4.4 14.2h7.2M14.5 19l3.6-9 3.6 9M15.7 16h4.8" />,
  off: (
    <>
      <circle cx="12" cy="12" r="9.5" />
      <path d="M7 12h10" />
    </>
  ),
  /** The mark: a slot above a box, in the eight-pointed star of Persian tilework. */
  mark: (
    <>
      <path d="M12 1.2 15.2 4.4H19.6V8.8L22.8 12 19.6 15.2V19.6H15.2L12 22.8 8.8 19.6H4.4V15.2L1.2 12 4.4 8.8V4.4H8.8Z" />
      <path d="M7.5 10.5h9v6h-9Z" />
      <path d="M10 10.5V6.8h4v3.7" />
    </>
  ),
} as const satisfies Readonly<Record<string, ReactNode>>;

export type IconName = keyof typeof PATHS;

export const Icon = memo(({ name }: { readonly name: IconName }) => (
  <svg className="kit-icon" data-icon={name} viewBox="0 0 24 24" aria-hidden="true" focusable="false">
    {PATHS[name]}
  </svg>
));
