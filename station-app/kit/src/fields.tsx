import { localizeDigits, toAsciiDigits } from '@sandoq/protocol/persian';
import { type KeyboardEvent, useEffect, useId, useLayoutEffect, useRef } from 'react';
import { useKitTexts, useRoot } from './context.ts';
import { Icon } from './icons.tsx';
import { useStable } from './stable.ts';

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

const digitsOf = (text: string): string => toAsciiDigits(text).replace(/[^0-9]/g, '');

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
    caret.current = digitsOf(before).length;
    onChange(digitsOf(typed).slice(0, maxDigits));
  };
  // A key is taken before the browser writes it: a Western digit that is then rewritten is laid out twice.
  const acceptKey = useStable((event: InputEvent): void => {
    const field = input.current;
    if (field === null || event.inputType !== 'insertText' || event.data === null || !event.cancelable)
      return;
    event.preventDefault();
    const [from, to] = [field.selectionStart ?? value.length, field.selectionEnd ?? value.length];
    const typed = digitsOf(event.data).slice(0, Math.max(0, maxDigits - value.length + (to - from)));
    if (typed === '') return;
    caret.current = to === value.length ? null : from + typed.length;
    onChange(value.slice(0, from) + typed + value.slice(to));
  });
  useEffect(() => {
    const field = input.current;
    field?.addEventListener('beforeinput', acceptKey);
    return () => field?.removeEventListener('beforeinput', acceptKey);
  }, [acceptKey]);
  const id = useId();
  const said = error !== undefined || description !== undefined;
  return (
    <div className="kit-field">
      <label htmlFor={id}>{label}</label>
      <input
        ref={input}
        id={id}
        className="kit-input"
        data-digits="true"
        data-invalid={error !== undefined || undefined}
        dir="ltr"
        type={isSecret ? 'password' : 'text'}
        inputMode="numeric"
        autoComplete="off"
        spellCheck="false"
        value={isSecret ? value : localizeDigits(value, locale)}
        onChange={(event) => accept(event.target.value)}
        disabled={isDisabled}
        readOnly={isReadOnly}
        // biome-ignore lint/a11y/noAutofocus: asked for by a screen whose one task is to type this number
        autoFocus={autoFocus}
        aria-invalid={error !== undefined || undefined}
        {...(said ? { 'aria-describedby': `${id}-said` } : {})}
        {...(onEnter === undefined
          ? {}
          : {
              onKeyDown: (event: KeyboardEvent) => void (event.key === 'Enter' && !event.repeat && onEnter()),
            })}
      />
      {!said ? null : error === undefined ? (
        <span id={`${id}-said`} className="kit-field-said">
          {description}
        </span>
      ) : (
        <span id={`${id}-said`} className="kit-field-error">
          <Icon name="fault" /> <span>{error}</span>
        </span>
      )}
    </div>
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
  const id = useId();
  const input = useRef<HTMLInputElement>(null);
  const clear = (): void => {
    onChange('');
    input.current?.focus();
  };
  return (
    <div className="kit-field">
      <label htmlFor={id}>{label}</label>
      <div className="kit-search">
        <Icon name="search" />
        <input
          ref={input}
          id={id}
          className="kit-input"
          type="search"
          autoComplete="off"
          spellCheck="false"
          value={value}
          onChange={(event) => onChange(event.target.value)}
          onKeyDown={(event) => {
            if (event.key === 'Escape' && value !== '') clear();
          }}
          // biome-ignore lint/a11y/noAutofocus: asked for by a screen whose one task is to search
          autoFocus={autoFocus}
          {...(placeholder === undefined ? {} : { placeholder })}
          {...(result === undefined ? {} : { 'aria-describedby': `${id}-said` })}
        />
        {value === '' ? null : (
          <button type="button" className="kit-clear" aria-label={t('field.clear')} onClick={clear}>
            <Icon name="cross" />
          </button>
        )}
      </div>
      {result === undefined ? null : (
        <span id={`${id}-said`} className="kit-field-said" role="status">
          {result}
        </span>
      )}
    </div>
  );
};
