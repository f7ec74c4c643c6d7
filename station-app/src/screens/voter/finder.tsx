import {
  ChoiceCard,
  ChoiceGrid,
  Keypad,
  Notice,
  NumberField,
  Pager,
  SearchField,
  SegmentedChoice,
  type TextSize,
  useRoot,
} from '@sandoq/kit';
import { createSearchIndex, type SearchIndex } from '@sandoq/protocol/persian';
import { memo, useCallback, useMemo, useState } from 'react';
import { useStationTexts } from '../station.ts';
import { hasPictures, usePictureUrl } from './candidate-pictures.tsx';
import { type Choice, type Contest, candidateOfCode, chosen } from './selection.ts';

/** Cards of one page by text size: as many as fit without scrolling on a panel of 21 inches. */
export const CARDS_OF_PAGE: Readonly<Record<TextSize, number>> = { 1: 8, 2: 6, 3: 6, 4: 4, 5: 4 };
/** The lists' buttons take a row. */
export const CARDS_UNDER_LISTS: Readonly<Record<TextSize, number>> = { 1: 6, 2: 4, 3: 4, 4: 2, 5: 2 };
/** Beside the letters there is room for one column. */
export const CARDS_BESIDE_LETTERS: Readonly<Record<TextSize, number>> = { 1: 4, 2: 3, 3: 3, 4: 2, 5: 2 };

/** Portraits of one page. */
export const PORTRAITS_OF_PAGE: Readonly<Record<TextSize, number>> = { 1: 10, 2: 10, 3: 4, 4: 3, 5: 3 };

/** More pages than this are also leapt through. */
export const PAGES_WITHOUT_LEAPS_MAX = 20;
export const PAGES_OF_LEAP = 10;
/** More lists than this are found by name only: their buttons would fill the screen. */
export const LISTS_SHOWN_MAX = 8;

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

/** Letters in the order of the alphabet: a voter who never used a keyboard finds them too. Drawn once. */
const Letters = memo(
  ({
    onLetter,
    onCorrection,
  }: {
    readonly onLetter: (letter: string) => void;
    readonly onCorrection: () => void;
  }) => {
    const t = useStationTexts();
    const { locale } = useRoot();
    return (
      <fieldset className="st-letters" aria-label={t('letters.label')}>
        {(locale === 'fa' ? PERSIAN_LETTERS : LATIN_LETTERS).map((letter) => (
          <button key={letter} type="button" className="kit-key" onClick={() => onLetter(letter)}>
            {letter}
          </button>
        ))}
        <button type="button" className="kit-key" data-function="space" onClick={() => onLetter(' ')}>
          {t('letters.space')}
        </button>
        <button type="button" className="kit-key" data-function="correction" onClick={onCorrection}>
          {t('letters.correction')}
        </button>
      </fieldset>
    );
  },
);

export interface CandidatesProps {
  readonly contest: Contest;
  readonly choice: Choice;
  readonly indexes: readonly number[];
  readonly size: TextSize;
  /** cards of one page; by the text size where nothing is said */
  readonly cardsOfPage?: number;
  /** beside the letters there is no room for leaps, and no need: another letter finds fewer */
  readonly isNarrow?: boolean;
  readonly look?: 'row' | 'portrait';
  readonly onToggle: (candidate: number) => void;
}

interface CandidateCardProps {
  readonly candidate: Contest['candidates'][number];
  readonly index: number;
  readonly isSelected: boolean;
  readonly hasPicture: boolean;
  readonly look: 'row' | 'portrait';
  readonly onToggle: (candidate: number) => void;
}

const CandidateCard = memo((props: CandidateCardProps) => {
  const { candidate, index, isSelected, hasPicture, look, onToggle } = props;
  const t = useStationTexts();
  const { locale } = useRoot();
  const pictureUrl = usePictureUrl(candidate);
  const detail = candidate.withdrawn ? t('candidate.withdrawn') : candidate.list;
  return (
    <ChoiceCard
      code={candidate.code}
      name={candidate.name[locale]}
      {...(detail === null ? {} : { detail })}
      {...(pictureUrl === undefined ? {} : { pictureUrl })}
      hasPicture={hasPicture}
      look={look}
      isSelected={isSelected}
      isDisabled={candidate.withdrawn}
      onChange={() => onToggle(index)}
    />
  );
});

/** One page of candidates; every card has the same size whatever is chosen. Other indexes begin at the first page. */
export function Candidates(props: CandidatesProps) {
  const { contest, choice, indexes, size, cardsOfPage, onToggle, isNarrow = false, look = 'row' } = props;
  const t = useStationTexts();
  const [turned, setTurned] = useState({ indexes, page: 1 });
  const perPage = cardsOfPage ?? (indexes.length <= SHOWN_WHOLE_MAX ? SHOWN_WHOLE_MAX : CARDS_OF_PAGE[size]);
  const pages = Math.max(1, Math.ceil(indexes.length / perPage));
  const at = Math.min(turned.indexes === indexes ? turned.page : 1, pages);
  const now = chosen(choice);
  return (
    <div className="st-stack">
      <ChoiceGrid label={t('contest.candidates')} look={look}>
        {indexes.slice((at - 1) * perPage, at * perPage).map((index, place) => {
          const candidate = contest.candidates[index];
          return candidate === undefined ? null : (
            <CandidateCard
              // biome-ignore lint/suspicious/noArrayIndexKey: a place on the page, in which another page writes others' names
              key={place}
              candidate={candidate}
              index={index}
              isSelected={now.includes(index)}
              hasPicture={hasPictures(contest)}
              look={look}
              onToggle={onToggle}
            />
          );
        })}
      </ChoiceGrid>
      {pages === 1 ? null : (
        <Pager
          page={at}
          pages={pages}
          {...(pages > PAGES_WITHOUT_LEAPS_MAX && !isNarrow ? { leap: PAGES_OF_LEAP } : {})}
          onChange={(page) => setTurned({ indexes, page })}
        />
      )}
    </div>
  );
}

/** By contest, so that it is made once for all voters: names do not change while the page stands. */
const indexes = new WeakMap<Contest, SearchIndex>();

export function searchIndexOf(contest: Contest): SearchIndex {
  const known = indexes.get(contest);
  if (known !== undefined) return known;
  const made = createSearchIndex(
    contest.candidates.map(({ code, name, list }) => `${name.fa} ${name.en} ${list ?? ''} ${code}`),
  );
  indexes.set(contest, made);
  return made;
}

/** Finding by name, as it is typed: Arabic and Persian letters, half-spaces and digits of all kinds are one. */
export function FindByName(props: Omit<CandidatesProps, 'indexes'>) {
  const { contest } = props;
  const t = useStationTexts();
  const [query, setQuery] = useState('');
  const found = useMemo(() => searchIndexOf(contest).find(query), [contest, query]);
  const add = useCallback((letter: string): void => setQuery((now) => now + letter), []);
  const correct = useCallback((): void => setQuery((now) => now.slice(0, -1)), []);
  return (
    <div className="st-by-code">
      <div className="st-stack">
        <SearchField
          label={t('find.name')}
          value={query}
          onChange={setQuery}
          result={query.trim() === '' ? t('find.name.hint') : t('find.name.found', { count: found.length })}
        />
        <Letters onLetter={add} onCorrection={correct} />
      </div>
      <div className="st-code-found">
        {found.length === 0 ? (
          <Notice kind="info" title={t('find.code.what')}>
            {t('find.code.what.lead')}
          </Notice>
        ) : (
          <Candidates {...props} indexes={found} cardsOfPage={CARDS_BESIDE_LETTERS[props.size]} isNarrow />
        )}
      </div>
    </div>
  );
}

/** Looking through the portraits of everyone, page by page, in the order of the codes. */
export const FindByPicture = (props: CandidatesProps) => (
  <div className="st-by-picture">
    <Candidates {...props} look="portrait" cardsOfPage={PORTRAITS_OF_PAGE[props.size]} />
  </div>
);

const EVERY_LIST = '';

interface ListsProps {
  readonly lists: readonly string[];
  readonly list: string;
  readonly onList: (list: string) => void;
}

const Lists = memo(({ lists, list, onList }: ListsProps) => {
  const t = useStationTexts();
  return (
    <SegmentedChoice
      label={t('find.lists')}
      isLabelHidden
      options={[
        { id: EVERY_LIST, label: t('find.lists.all') },
        ...lists.map((one) => ({ id: one, label: one })),
      ]}
      value={list}
      onChange={onList}
    />
  );
});

/** Going through everyone in the order of the codes; where candidates stand on lists, through one list alone. */
export function FindInList(props: Omit<CandidatesProps, 'indexes'>) {
  const { contest } = props;
  const [list, setList] = useState(EVERY_LIST);
  const lists = useMemo(
    () => [...new Set(contest.candidates.flatMap(({ list: one }) => (one === null ? [] : [one])))].sort(),
    [contest],
  );
  const hasLists = lists.length > 0 && lists.length <= LISTS_SHOWN_MAX;
  const shown = useMemo(
    () =>
      contest.candidates.flatMap((candidate, index) =>
        list === EVERY_LIST || candidate.list === list ? [index] : [],
      ),
    [contest, list],
  );
  return (
    <div className="st-stack">
      {hasLists ? <Lists lists={lists} list={list} onList={setList} /> : null}
      <Candidates
        {...props}
        indexes={shown}
        {...(hasLists ? { cardsOfPage: CARDS_UNDER_LISTS[props.size] } : {})}
      />
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
  const found = useMemo(() => (candidate === undefined ? [] : [candidate]), [candidate]);
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
          <Candidates contest={contest} choice={choice} indexes={found} size={size} onToggle={onToggle} />
        )}
      </div>
    </div>
  );
}
