import { localizeDigits, toAsciiDigits } from '@sandoq/protocol/persian';
import { type KeyboardEvent, type ReactNode, useRef } from 'react';
import { Button as AriaButton } from 'react-aria-components';
import { Button } from './button.tsx';
import { useKitTexts, useRoot } from './context.ts';
import { Icon } from './icons.tsx';

export interface KeypadProps {
  readonly label: string;
  /** ASCII digits, leading zeros kept. */
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly maxDigits: number;
  readonly onEnter?: () => void;
  readonly enterLabel?: ReactNode;
  readonly isEnterDisabled?: boolean;
  readonly isDisabled?: boolean;
}

const KEYS = ['1', '2', '3', '4', '5', '6', '7', '8', '9'];

/** Digits in the order of a telephone, left to right in both languages, as on the ballot box. */
export const Keypad = (props: KeypadProps) => {
  const {
    label,
    value,
    onChange,
    maxDigits,
    onEnter,
    enterLabel,
    isEnterDisabled,
    isDisabled = false,
  } = props;
  const { locale } = useRoot();
  const t = useKitTexts();
  // A button that is disabled by its own press would drop the focus out of the page: the keypad takes it, and
  // digits can be typed on.
  const pad = useRef<HTMLFieldSetElement>(null);
  const enter = (): void => {
    onEnter?.();
    pad.current?.focus();
  };
  const append = (digit: string): void => {
    if (!isDisabled && value.length < maxDigits) onChange(value + digit);
  };
  const correct = (): void => {
    if (!isDisabled && value !== '') onChange(value.slice(0, -1));
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    const key = toAsciiDigits(event.key);
    if (/^[0-9]$/.test(key)) append(key);
    else if (event.key === 'Backspace') correct();
  };
  const digitKey = (digit: string) => (
    <AriaButton key={digit} className="kit-key" isDisabled={isDisabled} onPress={() => append(digit)}>
      {localizeDigits(digit, locale)}
    </AriaButton>
  );
  return (
    <fieldset className="kit-keypad" aria-label={label} ref={pad} tabIndex={-1} onKeyDown={onKeyDown}>
      <div className="kit-keys" dir="ltr">
        {KEYS.map(digitKey)}
        <AriaButton
          className="kit-key"
          data-function="clear"
          aria-label={t('keypad.clear')}
          isDisabled={isDisabled}
          onPress={() => onChange('')}
        >
          <Icon name="cross" />
        </AriaButton>
        {digitKey('0')}
        <AriaButton
          className="kit-key"
          data-function="correction"
          aria-label={t('keypad.correction')}
          isDisabled={isDisabled}
          onPress={correct}
        >
          <Icon name="correction" />
        </AriaButton>
      </div>
      {onEnter === undefined ? null : (
        <Button kind="primary" isWide isDisabled={isDisabled || isEnterDisabled === true} onPress={enter}>
          {enterLabel}
        </Button>
      )}
    </fieldset>
  );
};
