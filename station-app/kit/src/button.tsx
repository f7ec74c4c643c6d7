import type { ReactNode } from 'react';
import { Button as AriaButton } from 'react-aria-components';
import { Icon, type IconName } from './icons.tsx';

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
  readonly slot?: string;
  readonly children?: ReactNode;
}

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
  slot,
  children,
}: ButtonProps) => (
  <AriaButton
    className="kit-button"
    data-kind={kind}
    data-wide={isWide || undefined}
    data-icon-only={children === undefined || undefined}
    isPending={isBusy}
    isDisabled={isDisabled}
    autoFocus={autoFocus}
    {...(label === undefined ? {} : { 'aria-label': label })}
    {...(onPress === undefined ? {} : { onPress })}
    {...(slot === undefined ? {} : { slot })}
  >
    {isBusy ? <Icon name="wait" /> : icon !== undefined && iconAt === 'start' ? <Icon name={icon} /> : null}
    {children === undefined ? null : <span>{children}</span>}
    {!isBusy && icon !== undefined && iconAt === 'end' ? <Icon name={icon} /> : null}
  </AriaButton>
);

/** Buttons side by side with the least distance between touch targets, or more. */
export const ButtonRow = ({ children }: { readonly children: ReactNode }) => (
  <div className="kit-button-row">{children}</div>
);
