/** One contest: its rule, its seats, its candidates with their pictures. */
import { Button, ButtonRow, Panel } from '@sandoq/kit';
import { localizeDigits } from '@sandoq/protocol/persian';
import { useState } from 'react';
import { LAW_RULES } from '../../elections/law-rules.ts';
import { textOf } from '../../texts.ts';
import { type Json, listAt, mistakeAt, sendPicture, textAt } from './draft.ts';
import { Choice, Field, Flag, useEditing } from './fields.tsx';

/** Rows shown at once: a constituency of thousands is pasted, not scrolled. */
const ROWS_SHOWN = 60;

const PictureCell = ({ contest, row }: { readonly contest: number; readonly row: number }) => {
  const { draft, judged, change } = useEditing();
  const path = ['contests', contest, 'candidates', row, 'picture'] as const;
  const [refused, setRefused] = useState(false);
  const name = textAt(draft, path);
  const fault = mistakeAt(judged, path);
  const take = async (file: File | undefined): Promise<void> => {
    if (file === undefined) return;
    const own = `${textAt(draft, ['contests', contest, 'id'])}-${textAt(draft, ['contests', contest, 'candidates', row, 'code'])}`;
    const next = `${own.replace(/[^A-Za-z0-9_-]/g, '')}.${file.type === 'image/png' ? 'png' : 'jpg'}`;
    const taken = await sendPicture(next, file);
    setRefused(!taken);
    if (taken) change(path, next);
  };
  return (
    <div className="a-picture">
      {judged.pictures.includes(name) ? (
        <img src={`/pictures/${name}`} alt="" width={44} height={56} />
      ) : null}
      <label>
        <span className="a-file">
          {textOf('fa', name === '' ? 'author.add_picture' : 'author.change_picture')}
        </span>
        <input
          type="file"
          accept="image/png,image/jpeg"
          onChange={(event) => void take(event.target.files?.[0])}
        />
      </label>
      {fault === undefined ? null : <small>{fault.message_fa}</small>}
      {refused ? <small role="alert">{textOf('fa', 'author.picture_refused')}</small> : null}
    </div>
  );
};

/** Lines `code, name in Persian, name in English[, list]` as an office's table gives them. */
const pasted = (text: string): readonly Json[] =>
  text
    .split(/\r?\n/)
    .map((line) => line.split(/[,\t،]/).map((part) => part.trim()))
    .filter(([code, fa]) => code !== undefined && code !== '' && fa !== undefined && fa !== '')
    .map(([code = '', fa = '', en = '', list = '']) => ({
      code,
      name: { fa, en: en === '' ? fa : en },
      ...(list === '' ? {} : { list }),
    }));

const Candidates = ({ contest }: { readonly contest: number }) => {
  const { draft, change } = useEditing();
  const path = ['contests', contest, 'candidates'] as const;
  const candidates = listAt(draft, path);
  const [paste, setPaste] = useState('');
  const say = (key: 'code' | 'name' | 'list' | 'picture'): string => textOf('fa', `where.${key}`);
  return (
    <>
      <h3>
        {textOf('fa', 'where.candidates')} ({localizeDigits(String(candidates.length), 'fa')})
      </h3>
      <div className="a-scroll">
        <table className="a-candidates">
          <thead>
            <tr>
              <th scope="col">{say('code')}</th>
              <th scope="col">{`${say('name')} ${textOf('fa', 'where.fa')}`}</th>
              <th scope="col">{`${say('name')} ${textOf('fa', 'where.en')}`}</th>
              <th scope="col">{say('list')}</th>
              <th scope="col">{say('picture')}</th>
              <td />
            </tr>
          </thead>
          <tbody>
            {candidates.slice(0, ROWS_SHOWN).map((_, row) => {
              const own = [...path, row];
              return (
                // biome-ignore lint/suspicious/noArrayIndexKey: a candidate is her place in the list, as on the ballot
                <tr key={row}>
                  <td>
                    <Field path={[...own, 'code']} kind="code" isBare />
                  </td>
                  <td>
                    <Field path={[...own, 'name', 'fa']} isBare />
                  </td>
                  <td>
                    <Field path={[...own, 'name', 'en']} isBare />
                  </td>
                  <td>
                    <Field path={[...own, 'list']} kind="ltr" isBare />
                  </td>
                  <td>
                    <PictureCell contest={contest} row={row} />
                  </td>
                  <td>
                    <Button kind="quiet" onPress={() => change(own, undefined)}>
                      {textOf('fa', 'author.remove')}
                    </Button>
                  </td>
                </tr>
              );
            })}
          </tbody>
        </table>
      </div>
      {candidates.length > ROWS_SHOWN ? (
        <p>
          {textOf('fa', 'author.more_candidates', {
            count: localizeDigits(String(candidates.length - ROWS_SHOWN), 'fa'),
          })}
        </p>
      ) : null}
      <ButtonRow>
        <Button
          kind="quiet"
          onPress={() => change([...path, candidates.length], { code: '', name: { fa: '', en: '' } })}
        >
          {textOf('fa', 'author.add_candidate')}
        </Button>
      </ButtonRow>
      <details>
        <summary>{textOf('fa', 'author.paste')}</summary>
        <textarea
          rows={5}
          value={paste}
          aria-label={textOf('fa', 'author.paste')}
          onChange={(event) => setPaste(event.target.value)}
        />
        <Button
          kind="quiet"
          isDisabled={pasted(paste).length === 0}
          onPress={() => {
            change(path, [...candidates, ...pasted(paste)]);
            setPaste('');
          }}
        >
          {textOf('fa', 'author.paste_take', { count: localizeDigits(String(pasted(paste).length), 'fa') })}
        </Button>
      </details>
    </>
  );
};

export const ContestPanel = ({ contest }: { readonly contest: number }) => {
  const { draft, change } = useEditing();
  const path = ['contests', contest];
  return (
    <Panel
      title={`${textOf('fa', 'where.contests.one')} ${localizeDigits(String(contest + 1), 'fa')}: ${textAt(draft, [...path, 'title', 'fa'])}`}
    >
      <div className="a-grid">
        <Field path={[...path, 'id']} kind="ltr" />
        <Field path={[...path, 'title', 'fa']} />
        <Field path={[...path, 'title', 'en']} />
        <Choice path={[...path, 'law']} options={LAW_RULES} />
        <Field path={[...path, 'seats']} kind="number" />
        <Field path={[...path, 'choicesMax']} kind="number" />
        <Field path={[...path, 'thresholdPermille']} kind="number" />
        <Field path={[...path, 'district']} kind="ltr" />
        <Flag path={[...path, 'blankAllowed']} unsaid />
      </div>
      <Candidates contest={contest} />
      <ButtonRow>
        <Button kind="quiet" onPress={() => change(path, undefined)}>
          {textOf('fa', 'author.remove_contest')}
        </Button>
      </ButtonRow>
    </Panel>
  );
};
