/** The desk: one draft, judged at every change; what is wrong and what it comes to always in sight; then signing. */
import { Button, ButtonRow, Notice, Panel, StatTile, TabSet, TileRow } from '@sandoq/kit';
import { localizeDigits } from '@sandoq/protocol/persian';
import { useCallback, useEffect, useRef, useState } from 'react';
import { textOf } from '../../texts.ts';
import { AmendPart } from './amend.tsx';
import { ContestPanel } from './contest.tsx';
import {
  at,
  type Json,
  type Judged,
  listAt,
  load,
  NOTHING,
  type Path,
  save,
  set,
  sign,
  textAt,
} from './draft.ts';
import { Choice, EditingContext, Field, Flag, useEditing } from './fields.tsx';
import { MomentField } from './moment-field.tsx';

const say = (key: Parameters<typeof textOf>[1], values: Record<string, string> = {}): string =>
  textOf('fa', key, values);
const digits = (value: number): string => localizeDigits(String(value), 'fa');
/** A person types several letters a second; each is judged after a breath. */
const SAVE_AFTER_MS = 250;

const ElectionPart = () => (
  <Panel title={say('author.election')}>
    <div className="a-grid">
      <Field path={['id']} kind="ltr" />
      <Field path={['version']} kind="number" />
      <Field path={['title', 'fa']} />
      <Field path={['title', 'en']} />
      <Flag path={['demonstration']} />
    </div>
  </Panel>
);

const EMPTY_CONTEST: Json = {
  id: '',
  title: { fa: '', en: '' },
  law: 'plurality',
  seats: 1,
  choicesMax: 1,
  blankAllowed: true,
  candidates: [],
};

const ContestsPart = () => {
  const { draft, change } = useEditing();
  const contests = listAt(draft, ['contests']);
  return (
    <div className="a-contests">
      {contests.map((_, i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a contest is its place on the ballot
        <ContestPanel key={i} contest={i} />
      ))}
      <ButtonRow>
        <Button onPress={() => change(['contests', contests.length], EMPTY_CONTEST)}>
          {say('author.add_contest')}
        </Button>
      </ButtonRow>
    </div>
  );
};

const StylesPart = () => {
  const { draft, change } = useEditing();
  const styles = listAt(draft, ['styles']);
  const ids = listAt(draft, ['contests']).map((one) => textAt(one, ['id']));
  return (
    <Panel title={say('where.styles')}>
      {styles.map((_, i) => {
        const path: Path = ['styles', i];
        const chosen = listAt(draft, [...path, 'contests']);
        return (
          // biome-ignore lint/suspicious/noArrayIndexKey: a style is its place in the list
          <fieldset key={i} className="a-grid">
            <legend>{`${say('where.styles.one')} ${digits(i + 1)}`}</legend>
            <Field path={[...path, 'id']} kind="ltr" />
            <Field path={[...path, 'name', 'fa']} />
            <Field path={[...path, 'name', 'en']} />
            {ids.map((id) => (
              <label key={id} className="a-flag">
                <input
                  type="checkbox"
                  checked={chosen.includes(id)}
                  onChange={(event) =>
                    change(
                      [...path, 'contests'],
                      event.target.checked ? [...chosen, id] : chosen.filter((one) => one !== id),
                    )
                  }
                />
                <bdi>{id}</bdi>
              </label>
            ))}
            <Button kind="quiet" onPress={() => change(path, undefined)}>
              {say('author.remove')}
            </Button>
          </fieldset>
        );
      })}
      <Button
        kind="quiet"
        onPress={() => change(['styles', styles.length], { id: '', name: { fa: '', en: '' }, contests: ids })}
      >
        {say('author.add_style')}
      </Button>
    </Panel>
  );
};

const NUMBERS = [
  'openMinutesMin',
  'correctionsMax',
  'timeBucketMinutes',
  'voterTimeoutSeconds',
  'voterAlertSeconds',
  'stationVotesMin',
  'pinTriesMax',
] as const;

const SettingsPart = () => {
  const { judged } = useEditing();
  const unsaid = (name: string): string | undefined => {
    const value = judged.settings?.[name];
    return value === undefined ? undefined : String(value);
  };
  const choice = (name: string, options: readonly string[]) => (
    <Choice path={['settings', name]} options={options} unsaid={unsaid(name)} />
  );
  return (
    <Panel title={say('where.settings')}>
      <div className="a-grid">
        <MomentField path={['settings', 'opensAt']} />
        <MomentField path={['settings', 'closesAt']} />
        {NUMBERS.map((name) => (
          <Field key={name} path={['settings', name]} kind="number" unsaid={unsaid(name)} />
        ))}
        {choice('denominator', ['all_votes', 'valid_votes'])}
        {choice('partitionPolicy', ['admit', 'admit_with_stamp', 'refuse'])}
        <Flag path={['settings', 'stampShenasnameh']} />
      </div>
    </Panel>
  );
};

const StationsPart = () => {
  const { judged } = useEditing();
  return (
    <Panel title={`${say('where.stations')} (${digits(judged.stations.length)})`}>
      <p>{say('author.stations_note')}</p>
      <ul className="a-stations">
        {judged.stations.slice(0, 100).map(({ id, name, county }) => (
          <li key={id}>
            {name.fa} <small dir="ltr">{`${id} · ${county}`}</small>
          </li>
        ))}
      </ul>
    </Panel>
  );
};

const Verdict = ({ judged }: { readonly judged: Judged }) => {
  const { capacity, mistakes, warnings } = judged;
  return (
    <section className="a-verdict" aria-label={say('author.verdict')}>
      {capacity === null ? null : (
        <TileRow>
          <StatTile label={say('author.slip')} value={capacity.slip_bytes_max} unit={say('author.bytes')} />
          <StatTile label={say('author.qr')} value={capacity.slip_qr_pages} />
          <StatTile label={say('author.print')} value={capacity.print_mm} unit={say('author.mm')} />
          <StatTile label={say('where.candidates')} value={capacity.candidates} />
        </TileRow>
      )}
      {mistakes.length === 0 ? (
        <Notice kind="success" title={say('author.no_mistake')} />
      ) : (
        <Notice kind="fault" title={say('author.mistakes', { count: digits(mistakes.length) })}>
          <ul className="a-mistakes">
            {mistakes.map(({ path, code, where_fa, message_fa }) => (
              <li key={`${path} ${code}`}>
                <strong>{where_fa}</strong>: {message_fa}
              </li>
            ))}
          </ul>
        </Notice>
      )}
      {warnings.length === 0 ? null : (
        <Notice kind="warning" title={say('author.warnings', { count: digits(warnings.length) })}>
          <ul className="a-mistakes">
            {warnings.map(({ path, code, where_fa, message_fa }) => (
              <li key={`${path} ${code}`}>
                <strong>{where_fa}</strong>: {message_fa}
              </li>
            ))}
          </ul>
        </Notice>
      )}
    </section>
  );
};

export const Desk = () => {
  const [draft, setDraft] = useState<Json>(null);
  const [judged, setJudged] = useState<Judged>(NOTHING);
  const [part, setPart] = useState('contests');
  const [signed, setSigned] = useState<{ readonly package?: string; readonly folder?: string } | undefined>(
    undefined,
  );
  const [isLost, setLost] = useState(false);
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  const latest = useRef<Json>(null);
  useEffect(() => {
    load().then(
      ({ draft: held, ...rest }) => {
        latest.current = held;
        setDraft(held);
        setJudged(rest);
      },
      () => setLost(true),
    );
  }, []);
  const keep = useCallback(async () => {
    timer.current = undefined;
    try {
      setJudged(await save(latest.current));
      setLost(false);
    } catch {
      setLost(true);
    }
  }, []);
  const change = useCallback(
    (path: Path, next: Json | undefined) => {
      latest.current = set(latest.current, path, next);
      setDraft(latest.current);
      setSigned(undefined);
      clearTimeout(timer.current);
      timer.current = setTimeout(() => void keep(), SAVE_AFTER_MS);
    },
    [keep],
  );
  const signNow = async (): Promise<void> => {
    clearTimeout(timer.current);
    await keep();
    const result = await sign();
    setSigned(result);
    if (result.package !== undefined) setJudged((await load()) as Judged);
  };
  if (draft === null)
    return (
      <main className="a-desk">{isLost ? <Notice kind="fault" title={say('author.lost')} /> : null}</main>
    );
  const parts = [
    { id: 'election', title: say('author.election'), content: <ElectionPart /> },
    { id: 'contests', title: say('where.contests'), content: <ContestsPart /> },
    { id: 'styles', title: say('where.styles'), content: <StylesPart /> },
    { id: 'settings', title: say('where.settings'), content: <SettingsPart /> },
    { id: 'stations', title: say('where.stations'), content: <StationsPart /> },
    { id: 'amend', title: say('author.amend'), content: <AmendPart /> },
  ];
  return (
    <EditingContext value={{ draft, judged, change }}>
      <main className="a-desk">
        <header>
          <h1>{say('author.title')}</h1>
          <p>{at(draft, ['title', 'fa']) === undefined ? '' : textAt(draft, ['title', 'fa'])}</p>
        </header>
        {isLost ? <Notice kind="fault" title={say('author.lost')} /> : null}
        <Verdict judged={judged} />
        <TabSet label={say('author.title')} items={parts} selected={part} onChange={setPart} />
        <section className="a-sign">
          <Button kind="primary" isDisabled={judged.mistakes.length > 0} onPress={() => void signNow()}>
            {say('author.sign')}
          </Button>
          {signed === undefined ? null : signed.package === undefined ? (
            <Notice kind="fault" title={say('author.not_signed')} />
          ) : (
            <Notice kind="success" title={say('author.signed', { name: signed.package })}>
              <code dir="ltr">{signed.folder}</code>
            </Notice>
          )}
        </section>
      </main>
    </EditingContext>
  );
};
