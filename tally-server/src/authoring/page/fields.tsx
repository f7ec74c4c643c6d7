/** Fields of the definition by their paths: each shows its own mistake beneath it. */
import { localizeDigits, toAsciiDigits } from '@sandoq/protocol/persian';
import { createContext, useContext, useId } from 'react';
import { isTextKey, textOf } from '../../texts.ts';
import { at, type Json, type Judged, mistakeAt, type Path, textAt } from './draft.ts';

export interface Editing {
  readonly draft: Json;
  readonly judged: Judged;
  readonly change: (path: Path, next: Json | undefined) => void;
}
export const EditingContext = createContext<Editing | undefined>(undefined);
export const useEditing = (): Editing => {
  const editing = useContext(EditingContext);
  if (editing === undefined) throw new Error('outside of the desk');
  return editing;
};

export const labelOf = (path: Path): string => {
  const words = path
    .slice(-2)
    .filter((part) => typeof part === 'string')
    .map((part) => `where.${part}`)
    .map((key) => (isTextKey(key) ? textOf('fa', key) : key));
  const last = path.at(-1);
  return last === 'fa' || last === 'en' ? words.join(' ') : (words.at(-1) ?? '');
};

interface FieldProps {
  readonly path: Path;
  readonly kind?: 'text' | 'code' | 'number' | 'ltr';
  /** in a table the heading is the label */
  readonly isBare?: boolean;
  readonly label?: string;
  /** what holds where nothing is written */
  readonly unsaid?: string | undefined;
}

export const Field = ({ path, kind = 'text', isBare = false, label = labelOf(path), unsaid }: FieldProps) => {
  const { draft, judged, change } = useEditing();
  const id = useId();
  const fault = mistakeAt(judged, path);
  const text = textAt(draft, path);
  // What is not written is not there: an emptied id or district is told as missing, or left out where it may be.
  const accept = (typed: string): void => {
    const ascii = kind === 'text' ? typed : toAsciiDigits(typed);
    if (kind === 'text' || kind === 'code') change(path, ascii);
    else if (kind === 'ltr') change(path, ascii === '' ? undefined : ascii);
    else {
      const digits = ascii.replace(/[^0-9]/g, '');
      change(path, digits === '' ? undefined : Number(digits));
    }
  };
  return (
    <div className={`a-field${fault === undefined ? '' : ' a-wrong'}`}>
      {isBare ? null : <label htmlFor={id}>{label}</label>}
      <input
        id={id}
        aria-label={isBare ? label : undefined}
        dir={kind === 'ltr' || path.at(-1) === 'en' ? 'ltr' : undefined}
        inputMode={kind === 'number' || kind === 'code' ? 'numeric' : undefined}
        value={kind === 'number' || kind === 'code' ? localizeDigits(text, 'fa') : text}
        placeholder={
          unsaid === undefined
            ? undefined
            : textOf('fa', 'author.unsaid', { value: localizeDigits(unsaid, 'fa') })
        }
        aria-invalid={fault !== undefined}
        aria-describedby={fault === undefined ? undefined : `${id}-fault`}
        onChange={(event) => accept(event.target.value)}
      />
      {fault === undefined ? null : <small id={`${id}-fault`}>{fault.message_fa}</small>}
    </div>
  );
};

export interface ChoiceProps {
  readonly path: Path;
  readonly options: readonly string[];
  /** the option that holds where none is chosen */
  readonly unsaid?: string | undefined;
}

export const Choice = ({ path, options, unsaid }: ChoiceProps) => {
  const { draft, judged, change } = useEditing();
  const id = useId();
  const fault = mistakeAt(judged, path);
  const words = (option: string): string => {
    const key = [`law.${option}`, `denominator.${option}`, `author.${option}`].find(isTextKey);
    return key === undefined ? option : textOf('fa', key);
  };
  return (
    <div className="a-field">
      <label htmlFor={id}>{labelOf(path)}</label>
      <select id={id} value={textAt(draft, path)} onChange={(event) => change(path, event.target.value)}>
        {textAt(draft, path) === '' ? (
          <option value="">
            {unsaid === undefined ? '—' : textOf('fa', 'author.unsaid', { value: words(unsaid) })}
          </option>
        ) : null}
        {options.map((option) => (
          <option key={option} value={option}>
            {words(option)}
          </option>
        ))}
      </select>
      {fault === undefined ? null : <small>{fault.message_fa}</small>}
    </div>
  );
};

/** @param unsaid what the definition means where it says nothing */
export const Flag = ({ path, unsaid = false }: { readonly path: Path; readonly unsaid?: boolean }) => {
  const { draft, change } = useEditing();
  const id = useId();
  return (
    <div className="a-flag">
      <input
        id={id}
        type="checkbox"
        checked={(at(draft, path) ?? unsaid) === true}
        onChange={(event) => change(path, event.target.checked)}
      />
      <label htmlFor={id}>{labelOf(path)}</label>
    </div>
  );
};
