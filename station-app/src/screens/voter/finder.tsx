import {
  ChoiceCard,
  ChoiceGrid,
  Keypad,
  Notice,
  NumberField,
  Pager,
  SearchField,
  type TextSize,
  useRoot,
} from '@sandoq/kit';
import { searchFinds, searchKey } from '@sandoq/protocol/persian';
import { useMemo, useState } from 'react';
import { Button as AriaButton } from 'react-aria-components';
import { useStationTexts } from '../station.ts';
import { type Choice, type Contest, candidateOfCode, chosen } from './selection.ts';

/** Cards of one page by text size: as many as fit without scrolling on a panel of 21 inches. */
export const CARDS_OF_PAGE: Readonly<Record<TextSize, number>> = { 1: 8, 2: 6, 3: 6, 4: 4, 5: 4 };
/** Beside the letters there is room for one column. */
export const CARDS_BESIDE_LETTERS: Readonly<Record<TextSize, number>> = { 1: 4, 2: 3, 3: 3, 4: 2, 5: 2 };

/** A contest of no more candidates than this is shown whole, without ways of finding. */
export const SHOWN_WHOLE_MAX = 8;

const PERSIAN_LETTERS = [
  'ا',
  'آ',
  'ب',
  'پ',
  'ت',
  'ث',
  'ج',
  'چ',
  'ح',
  'خ',
  'د',
  'ذ',
  'ر',
  'ز',
  'ژ',
  'س',
  'ش',
  'ص',
  'ض',
  'ط',
  'ظ',
  'ع',
  'غ',
  'ف',
  'ق',
  'ک',
  'گ',
  'ل',
  'م',
  'ن',
  'و',
  'ه',
  'ی',
];
const LATIN_LETTERS = [...'abcdefghijklmnopqrstuvwxyz'];

/** Letters in the order of the alphabet: a voter who never used a keyboard finds them too. */
function Letters({
  value,
  onChange,
}: {
  readonly value: string;
  readonly onChange: (value: string) => void;
}) {
  const t = useStationTexts();
  const { locale } = useRoot();
  return (
    <fieldset className="st-letters" aria-label={t('letters.label')}>
      {(locale === 'fa' ? PERSIAN_LETTERS : LATIN_LETTERS).map((letter) => (
        <AriaButton key={letter} className="kit-key" onPress={() => onChange(value + letter)}>
          {letter}
        </AriaButton>
      ))}
      <AriaButton className="kit-key" data-function="space" onPress={() => onChange(`${value} `)}>
        {t('letters.space')}
      </AriaButton>
      <AriaButton className="kit-key" data-function="correction" onPress={() => onChange(value.slice(0, -1))}>
        {t('letters.correction')}
      </AriaButton>
    </fieldset>
  );
}

export interface CandidatesProps {
  readonly contest: Contest;
  readonly choice: Choice;
  readonly indexes: readonly number[];
  readonly size: TextSize;
  /** cards of one page; by the text size where nothing is said */
  readonly cardsOfPage?: number;
  readonly onToggle: (candidate: number) => void;
}

/** One page of candidates; every card has the same size whatever is chosen. */
export function Candidates({ contest, choice, indexes, size, cardsOfPage, onToggle }: CandidatesProps) {
  const t = useStationTexts();
  const { locale } = useRoot();
  const [page, setPage] = useState(1);
  const perPage = cardsOfPage ?? (indexes.length <= SHOWN_WHOLE_MAX ? SHOWN_WHOLE_MAX : CARDS_OF_PAGE[size]);
  const pages = Math.max(1, Math.ceil(indexes.length / perPage));
  const at = Math.min(page, pages);
  const now = chosen(choice);
  return (
    <div className="st-stack">
      <ChoiceGrid label={t('contest.candidates')}>
        {indexes.slice((at - 1) * perPage, at * perPage).map((index) => {
          const candidate = contest.candidates[index];
          if (candidate === undefined) return null;
          const isSelected = now.includes(index);
          const detail = candidate.withdrawn ? t('candidate.withdrawn') : candidate.list;
          return (
            <ChoiceCard
              key={index}
              code={candidate.code}
              name={candidate.name[locale]}
              {...(detail === null ? {} : { detail })}
              isSelected={isSelected}
              isDisabled={candidate.withdrawn}
              onChange={() => onToggle(index)}
            />
          );
        })}
      </ChoiceGrid>
      {pages === 1 ? null : <Pager page={at} pages={pages} onChange={setPage} />}
    </div>
  );
}

/** Finding by name, as it is typed: Arabic and Persian letters, half-spaces and digits of all kinds are one. */
export function FindByName(props: Omit<CandidatesProps, 'indexes'>) {
  const { contest } = props;
  const t = useStationTexts();
  const [query, setQuery] = useState('');
  const keys = useMemo(
    () =>
      contest.candidates.map(({ code, name, list }) =>
        searchKey(`${name.fa} ${name.en} ${list ?? ''} ${code}`),
      ),
    [contest],
  );
  const key = searchKey(query);
  const found = useMemo(
    () => (key === '' ? [] : keys.flatMap((each, index) => (searchFinds(each, key) ? [index] : []))),
    [keys, key],
  );
  return (
    <div className="st-by-code">
      <div className="st-stack">
        <SearchField
          label={t('find.name')}
          value={query}
          onChange={setQuery}
          result={key === '' ? t('find.name.hint') : t('find.name.found', { count: found.length })}
        />
        <Letters value={query} onChange={setQuery} />
      </div>
      <div className="st-code-found">
        {found.length === 0 ? (
          <Notice kind="info" title={t('find.code.what')}>
            {t('find.code.what.lead')}
          </Notice>
        ) : (
          <Candidates key={key} {...props} indexes={found} cardsOfPage={CARDS_BESIDE_LETTERS[props.size]} />
        )}
      </div>
    </div>
  );
}

export interface FindByCodeProps extends Omit<CandidatesProps, 'indexes'> {
  readonly code: string;
  readonly onCode: (code: string) => void;
  readonly onEnter: () => void;
}

/** Finding by the code of the candidate, on the screen's keypad or the box's. */
export function FindByCode({ contest, choice, size, onToggle, code, onCode, onEnter }: FindByCodeProps) {
  const t = useStationTexts();
  const candidate = code.length === contest.code_digits ? candidateOfCode(contest, code) : undefined;
  const isUnknown = code.length === contest.code_digits && candidate === undefined;
  return (
    <div className="st-by-code">
      <div className="st-stack">
        <NumberField
          label={t('find.code')}
          value={code}
          onChange={onCode}
          maxDigits={contest.code_digits}
          onEnter={onEnter}
          {...(isUnknown
            ? { error: t('find.code.unknown') }
            : { description: t('find.code.hint', { digits: contest.code_digits }) })}
        />
        <Keypad
          label={t('find.code')}
          value={code}
          onChange={onCode}
          maxDigits={contest.code_digits}
          onEnter={onEnter}
          enterLabel={t('find.code.choose')}
          isEnterDisabled={candidate === undefined}
        />
      </div>
      <div className="st-code-found">
        {candidate === undefined ? (
          <Notice kind="info" title={t('find.code.what')}>
            {t('find.code.what.lead')}
          </Notice>
        ) : (
          <Candidates
            contest={contest}
            choice={choice}
            indexes={[candidate]}
            size={size}
            onToggle={onToggle}
          />
        )}
      </div>
    </div>
  );
}
