import { localizeDigits, toAsciiDigits } from '@sandoq/protocol/persian';
import { type KeyboardEvent, memo, type ReactNode, useRef } from 'react';
import { Button } from './button.tsx';
import { useKitTexts, useRoot } from './context.ts';
import { Icon } from './icons.tsx';
import { onceAKey } from './press.ts';
import { useStable } from './stable.ts';

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

/** Drawn once: a digit typed changes none of the twelve keys. */
const DigitKey = memo(
  ({
    digit,
    isDisabled,
    onDigit,
  }: {
    readonly digit: string;
    readonly isDisabled: boolean;
    readonly onDigit: (digit: string) => void;
  }) => {
    const { locale } = useRoot();
    return (
      <button
        type="button"
        className="kit-key"
        disabled={isDisabled}
        onKeyDown={onceAKey}
        onClick={() => onDigit(digit)}
      >
        {localizeDigits(digit, locale)}
      </button>
    );
  },
);

const FunctionKey = memo(
  ({
    icon,
    name,
    label,
    isDisabled,
    onPress,
  }: {
    readonly icon: 'cross' | 'correction';
    readonly name: 'clear' | 'correction';
    readonly label: string;
    readonly isDisabled: boolean;
    readonly onPress: () => void;
  }) => (
    <button
      type="button"
      className="kit-key"
      data-function={name}
      aria-label={label}
      disabled={isDisabled}
      onKeyDown={onceAKey}
      onClick={() => onPress()}
    >
      <Icon name={icon} />
    </button>
  ),
);

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
  const t = useKitTexts();
  // A button that is disabled by its own press would drop the focus out of the page: the keypad takes it, and
  // digits can be typed on.
  const pad = useRef<HTMLFieldSetElement>(null);
  const enter = useStable((): void => {
    onEnter?.();
    pad.current?.focus();
  });
  const append = useStable((digit: string): void => {
    if (!isDisabled && value.length < maxDigits) onChange(value + digit);
  });
  const correct = useStable((): void => {
    if (!isDisabled && value !== '') onChange(value.slice(0, -1));
  });
  const clear = useStable((): void => onChange(''));
  const onKeyDown = (event: KeyboardEvent): void => {
    const key = toAsciiDigits(event.key);
    if (/^[0-9]$/.test(key)) append(key);
    else if (event.key === 'Backspace') correct();
  };
  const digitKey = (digit: string) => (
    <DigitKey key={digit} digit={digit} isDisabled={isDisabled} onDigit={append} />
  );
  return (
    <fieldset className="kit-keypad" aria-label={label} ref={pad} tabIndex={-1} onKeyDown={onKeyDown}>
      <div className="kit-keys" dir="ltr">
        {KEYS.map(digitKey)}
        <FunctionKey
          icon="cross"
          name="clear"
          label={t('keypad.clear')}
          isDisabled={isDisabled}
          onPress={clear}
        />
        {digitKey('0')}
        <FunctionKey
          icon="correction"
          name="correction"
          label={t('keypad.correction')}
          isDisabled={isDisabled}
          onPress={correct}
        />
      </div>
      {onEnter === undefined ? null : (
        <Button kind="primary" isWide isDisabled={isDisabled || isEnterDisabled === true} onPress={enter}>
          {enterLabel}
        </Button>
      )}
    </fieldset>
  );
};
