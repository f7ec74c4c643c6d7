import { localizeDigits, toAsciiDigits } from '@sandoq/protocol/persian';
import { useLayoutEffect, useRef } from 'react';
import {
  Button as AriaButton,
  SearchField as AriaSearchField,
  FieldError,
  Input,
  Label,
  Text,
  TextField,
} from 'react-aria-components';
import { useKitTexts, useRoot } from './context.ts';
import { Icon } from './icons.tsx';

export interface NumberFieldProps {
  readonly label: string;
  /** ASCII digits, leading zeros kept. */
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly maxDigits: number;
  readonly description?: string;
  /** What is wrong and what to do, in words. */
  readonly error?: string;
  /** For a PIN: shows dots, is not remembered. */
  readonly isSecret?: boolean;
  readonly isDisabled?: boolean;
  readonly isReadOnly?: boolean;
  readonly autoFocus?: boolean;
  readonly onEnter?: () => void;
}

/** A code or number typed digit by digit in any of the three digit sets. */
export const NumberField = (props: NumberFieldProps) => {
  const { label, value, onChange, maxDigits, description, error, onEnter } = props;
  const { isSecret = false, isDisabled = false, isReadOnly = false, autoFocus = false } = props;
  const { locale } = useRoot();
  const input = useRef<HTMLInputElement>(null);
  const caret = useRef<number | null>(null);
  // Rewriting ۱۲3 as ۱۲۳ moves the caret to the end; put it back where the person was typing.
  useLayoutEffect(() => {
    if (caret.current !== null) input.current?.setSelectionRange(caret.current, caret.current);
    caret.current = null;
  });
  const accept = (typed: string): void => {
    const before = typed.slice(0, input.current?.selectionStart ?? typed.length);
    caret.current = toAsciiDigits(before).replace(/[^0-9]/g, '').length;
    onChange(
      toAsciiDigits(typed)
        .replace(/[^0-9]/g, '')
        .slice(0, maxDigits),
    );
  };
  return (
    <TextField
      className="kit-field"
      value={isSecret ? value : localizeDigits(value, locale)}
      onChange={accept}
      isInvalid={error !== undefined}
      isDisabled={isDisabled}
      isReadOnly={isReadOnly}
      autoFocus={autoFocus}
      type={isSecret ? 'password' : 'text'}
      inputMode="numeric"
      autoComplete="off"
      {...(onEnter === undefined
        ? {}
        : { onKeyDown: (event: { readonly key: string }) => void (event.key === 'Enter' && onEnter()) })}
    >
      <Label>{label}</Label>
      <Input ref={input} className="kit-input" data-digits="true" dir="ltr" spellCheck="false" />
      {description === undefined ? null : <Text slot="description">{description}</Text>}
      <FieldError>
        {error === undefined ? null : (
          <>
            <Icon name="fault" /> <span>{error}</span>
          </>
        )}
      </FieldError>
    </TextField>
  );
};

export interface SearchFieldProps {
  readonly label: string;
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly placeholder?: string;
  /** How many were found, in words; also announced. */
  readonly result?: string;
  readonly autoFocus?: boolean;
}

export const SearchField = ({
  label,
  value,
  onChange,
  placeholder,
  result,
  autoFocus = false,
}: SearchFieldProps) => {
  const t = useKitTexts();
  return (
    <AriaSearchField className="kit-field" value={value} onChange={onChange} autoFocus={autoFocus}>
      <Label>{label}</Label>
      <div className="kit-search">
        <Icon name="search" />
        <Input
          className="kit-input"
          autoComplete="off"
          spellCheck="false"
          {...(placeholder === undefined ? {} : { placeholder })}
        />
        {value === '' ? null : (
          <AriaButton className="kit-clear" aria-label={t('field.clear')}>
            <Icon name="cross" />
          </AriaButton>
        )}
      </div>
      {result === undefined ? null : (
        <Text slot="description" role="status">
          {result}
        </Text>
      )}
    </AriaSearchField>
  );
};
