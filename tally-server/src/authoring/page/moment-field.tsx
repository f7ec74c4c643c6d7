/** Date and hour in two boxes, with the day's name read back beneath them. */
import { useId, useState } from 'react';
import { textOf } from '../../texts.ts';
import { mistakeAt, type Path, textAt } from './draft.ts';
import { labelOf, useEditing } from './fields.tsx';
import { isoOf, type MomentWords, readBack, wordsOf } from './moment.ts';

export interface MomentBoxesProps {
  readonly label: string;
  /** ISO 8601, or what else the definition has there */
  readonly value: string;
  /** ISO 8601; what is no moment yet as it is written; undefined where both boxes are empty */
  readonly onChange: (next: string | undefined) => void;
  readonly fault?: string | undefined;
}

export const MomentBoxes = ({ label, value, onChange, fault }: MomentBoxesProps) => {
  const id = useId();
  const [words, setWords] = useState<MomentWords>(() => wordsOf(value));
  const write = (next: MomentWords): void => {
    setWords(next);
    const raw = `${next.date} ${next.clock}`.trim();
    onChange(raw === '' ? undefined : (isoOf(next) ?? raw));
  };
  const box = (name: keyof MomentWords, title: string, example: string) => (
    <input
      aria-label={`${label}: ${title}`}
      aria-invalid={fault !== undefined}
      aria-describedby={`${id}-said`}
      placeholder={example}
      inputMode="numeric"
      value={words[name]}
      onChange={(event) => write({ ...words, [name]: event.target.value })}
    />
  );
  return (
    <div className={`a-field${fault === undefined ? '' : ' a-wrong'}`}>
      <span>{label}</span>
      <span className="a-moment">
        {box('date', textOf('fa', 'author.date'), '۱۴۰۵/۰۹/۰۶')}
        {box('clock', textOf('fa', 'author.clock'), '۰۸:۰۰')}
      </span>
      {fault === undefined ? (
        <span id={`${id}-said`} className="a-said">
          {readBack(value) ?? textOf('fa', 'author.moment_wanted')}
        </span>
      ) : (
        <small id={`${id}-said`}>{fault}</small>
      )}
    </div>
  );
};

/** A moment of the definition. */
export const MomentField = ({ path }: { readonly path: Path }) => {
  const { draft, judged, change } = useEditing();
  return (
    <MomentBoxes
      label={labelOf(path)}
      value={textAt(draft, path)}
      onChange={(next) => change(path, next)}
      fault={mistakeAt(judged, path)?.message_fa}
    />
  );
};
