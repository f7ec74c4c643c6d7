import type { ReactNode } from 'react';
import { Icon, type IconName } from './icons.tsx';
import { onceAKey } from './press.ts';

export interface ButtonProps {
  /** One primary button a screen; danger for what cannot be taken back. */
  readonly kind?: 'primary' | 'quiet' | 'danger';
  readonly icon?: IconName;
  /** Where the icon stands in reading order. */
  readonly iconAt?: 'start' | 'end';
  readonly onPress?: () => void;
  readonly isDisabled?: boolean;
  /** Under way: keeps focus, ignores presses, says so to assistive technology. */
  readonly isBusy?: boolean;
  readonly isWide?: boolean;
  readonly autoFocus?: boolean;
  /** Needed only where the visible text does not name the button. */
  readonly label?: string;
  readonly children?: ReactNode;
}

/** The browser's own button: thirty of them stand beside a ballot of thirty seats. */
export const Button = ({
  kind = 'quiet',
  icon,
  iconAt = 'start',
  isBusy = false,
  isWide = false,
  isDisabled = false,
  autoFocus = false,
  label,
  onPress,
  children,
}: ButtonProps) => (
  <button
    type="button"
    className="kit-button"
    data-kind={kind}
    data-wide={isWide || undefined}
    data-icon-only={children === undefined || undefined}
    aria-disabled={isBusy || undefined}
    disabled={isDisabled}
    // biome-ignore lint/a11y/noAutofocus: asked for only where a dialog has one answer
    autoFocus={autoFocus}
    onKeyDown={onceAKey}
    {...(label === undefined ? {} : { 'aria-label': label })}
    {...(onPress === undefined || isBusy ? {} : { onClick: () => onPress() })}
  >
    {isBusy ? <Icon name="wait" /> : icon !== undefined && iconAt === 'start' ? <Icon name={icon} /> : null}
    {children === undefined ? null : <span>{children}</span>}
    {!isBusy && icon !== undefined && iconAt === 'end' ? <Icon name={icon} /> : null}
  </button>
);

/** Buttons side by side with the least distance between touch targets, or more. */
export const ButtonRow = ({ children }: { readonly children: ReactNode }) => (
  <div className="kit-button-row">{children}</div>
);
