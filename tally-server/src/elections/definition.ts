/**
 * An *election definition*: what people write (JSON) before anything is signed. Field names are those of the Package
 * record; styles name contests by id. Every mistake is found here and named by its path; a signature comes later.
 */
import {
  CANDIDATES_MAX,
  CHOICES_MAX,
  CONTESTS_MAX,
  failure,
  ID_BYTES_MAX,
  lawFileBytes,
  NAME_BYTES_MAX,
  parseElectionId,
  type Result,
  STYLES_MAX,
  success,
  utf8,
} from '@sandoq/protocol';
import { IRAN_UTC_OFFSET_MINUTES } from '@sandoq/protocol/persian';
import { z } from 'zod';
import { LAW_RULES } from './law-rules.ts';
import { type DefinitionMistake, type Mistake, mistakeOfIssue, pathOf, told } from './mistakes.ts';

export type { DefinitionMistake } from './mistakes.ts';

/** 48 mm at 203 dots an inch: the printing width of the narrowest thermal heads. */
export const RASTER_WIDTH_DOTS_DEFAULT = 384;
export const RASTER_HEIGHT_DOTS_DEFAULT = 40;
export const RASTER_WIDTH_DOTS_MAX = 832;
export const RASTER_HEIGHT_DOTS_MAX = 128;
/** The law asks for at least ten hours of voting. */
export const OPEN_MINUTES_DEFAULT = 600;
/** A longer name is printed in letters below three millimetres on the narrowest head. */
const NAME_BYTES_LEGIBLE_MAX = 80;
/** The election id `none` is the link's own (RECORDS.md). */
const RESERVED_IDS: readonly string[] = ['none'];

const nameBytes = (text: string): boolean => utf8(text).length <= NAME_BYTES_MAX;
const name = z
  .string()
  .min(1)
  .refine(nameBytes, { params: { mistake: 'name_bytes', bound: NAME_BYTES_MAX } })
  .refine((text) => !/\p{Cc}/u.test(text), { params: { mistake: 'control_characters' } })
  .refine((text) => text.isWellFormed(), { params: { mistake: 'not_unicode' } })
  .refine((text) => text.trim() === text, { params: { mistake: 'outer_space' } });
const bilingual = z.strictObject({ fa: name, en: name });
const id = z.string().refine((text) => parseElectionId(text) !== undefined, {
  params: { mistake: 'id', bound: ID_BYTES_MAX },
});
const whole = (min: number, max: number): z.ZodNumber => z.int().min(min).max(max);

/** A plain file name: no path leads out of the folder of pictures. */
export const PICTURE_NAME = /^[A-Za-z0-9_-]{1,80}\.(png|jpg)$/;

/** Epoch seconds, or a date with its offset (RFC 3339). */
const instant = z
  .union([
    whole(0, Number.MAX_SAFE_INTEGER),
    z.iso.datetime({ offset: true }).transform((text) => Math.floor(Date.parse(text) / 1000)),
  ])
  .describe('epoch seconds or RFC 3339 with an offset');

const candidate = z.strictObject({
  code: z.string().regex(/^[0-9]{1,6}$/),
  name: bilingual,
  list: id.optional(),
  /** file in the folder of pictures that is given when the package is signed */
  picture: z.string().regex(PICTURE_NAME).optional(),
});

const contest = z.strictObject({
  id,
  title: bilingual,
  law: z.enum(LAW_RULES),
  seats: whole(1, 1024),
  choicesMax: whole(1, CHOICES_MAX),
  blankAllowed: z.boolean().default(true),
  thresholdPermille: whole(1, 1000).optional(),
  district: id.optional(),
  candidates: z.array(candidate).min(1).max(CANDIDATES_MAX),
});

const style = z.strictObject({
  id,
  name: bilingual,
  contests: z.array(id).min(1).max(CONTESTS_MAX),
});

const settings = z.strictObject({
  opensAt: instant.optional(),
  closesAt: instant.optional(),
  openMinutesMin: whole(0, 2880).optional(),
  correctionsMax: whole(0, 16).default(2),
  timeBucketMinutes: whole(1, 1440).default(60),
  /** VVSG 2.0, 7.2-P: two to five minutes without a sign of her, and an alert of 20 to 45 seconds before the end */
  voterTimeoutSeconds: whole(120, 300).default(180),
  voterAlertSeconds: whole(20, 45).default(30),
  stampShenasnameh: z.boolean().default(false),
  denominator: z.enum(['all_votes', 'valid_votes']).default('all_votes'),
  partitionPolicy: z.enum(['admit', 'admit_with_stamp', 'refuse']).default('admit'),
  stationVotesMin: whole(0, 1000).default(0),
  utcOffsetMinutes: whole(0, 1440).default(IRAN_UTC_OFFSET_MINUTES),
  pinTriesMax: whole(1, 15).default(3),
});

export const electionDefinitionSchema = z.strictObject({
  id: id.refine((text) => !RESERVED_IDS.includes(text), { params: { mistake: 'reserved' } }),
  version: whole(1, 65535).default(1),
  title: bilingual,
  demonstration: z.boolean().default(false),
  contests: z.array(contest).min(1).max(CONTESTS_MAX),
  styles: z.array(style).min(1).max(STYLES_MAX).optional(),
  settings: settings.prefault({}),
  rasters: z
    .strictObject({
      widthDots: whole(64, RASTER_WIDTH_DOTS_MAX).multipleOf(8).default(RASTER_WIDTH_DOTS_DEFAULT),
      heightDots: whole(16, RASTER_HEIGHT_DOTS_MAX).default(RASTER_HEIGHT_DOTS_DEFAULT),
    })
    .prefault({}),
});

/** What a person writes: everything with a default may be left out. */
export type ElectionDefinitionInput = z.input<typeof electionDefinitionSchema>;
type Parsed = z.output<typeof electionDefinitionSchema>;

/** A definition without mistakes: every default filled in. */
export interface ElectionDefinition extends Omit<Parsed, 'styles' | 'settings'> {
  readonly styles: readonly z.output<typeof style>[];
  readonly settings: Required<{
    readonly [Key in keyof Parsed['settings']]: NonNullable<Parsed['settings'][Key]>;
  }>;
}

export interface ParsedDefinition {
  readonly definition: ElectionDefinition;
  /** lawful, but worth a second look before signing */
  readonly warnings: readonly DefinitionMistake[];
}

/** A person can read this many; the rest is counted. */
export const MISTAKES_MAX = 200;

function repeated<Item>(
  items: readonly Item[],
  keyOf: (item: Item) => string,
): readonly (readonly [number, number])[] {
  const first = new Map<string, number>();
  return items.flatMap((item, i) => {
    const before = first.get(keyOf(item));
    if (before === undefined) {
      first.set(keyOf(item), i);
      return [];
    }
    return [[i, before] as const];
  });
}

type Report = (path: string, code: string, values?: Mistake['values']) => void;

function checkCandidates(
  one: Parsed['contests'][number],
  at: string,
  mistake: Report,
  warning: Report,
): void {
  const digits = one.candidates[0]?.code.length ?? 0;
  one.candidates.forEach((other, k) => {
    if (other.code.length !== digits)
      mistake(`${at}.candidates[${k}].code`, 'code_length', { length: other.code.length, digits });
  });
  for (const [k, before] of repeated(one.candidates, (other) => other.code))
    mistake(`${at}.candidates[${k}].code`, 'code_repeated', { number: before + 1 });
  for (const [k, before] of repeated(one.candidates, (other) => other.name.fa))
    warning(`${at}.candidates[${k}].name.fa`, 'namesake', { number: before + 1 });
  one.candidates.forEach((other, k) => {
    if (utf8(other.name.fa).length > NAME_BYTES_LEGIBLE_MAX)
      warning(`${at}.candidates[${k}].name.fa`, 'name_small', {});
    if (!/[\u0600-\u06ff]/.test(other.name.fa)) warning(`${at}.candidates[${k}].name.fa`, 'not_persian', {});
  });
}

function checkContests(definition: Parsed, mistake: Report, warning: Report): void {
  for (const [i, before] of repeated(definition.contests, (one) => one.id))
    mistake(`contests[${i}].id`, 'contest_repeated', { number: before + 1 });
  definition.contests.forEach((one, i) => {
    const at = `contests[${i}]`;
    checkCandidates(one, at, mistake, warning);
    const { choicesMax: choices, seats } = one;
    if (choices > one.candidates.length)
      warning(`${at}.choicesMax`, 'more_choices_than_candidates', {
        choices,
        candidates: one.candidates.length,
      });
    if (choices > seats) warning(`${at}.choicesMax`, 'more_choices_than_seats', { choices, seats });
    if (seats > one.candidates.length)
      warning(`${at}.seats`, 'more_seats_than_candidates', { seats, candidates: one.candidates.length });
    if (one.law === 'council_lists' && !one.candidates.some((other) => other.list !== undefined))
      warning(`${at}.candidates`, 'no_lists');
    if (one.law !== 'council_lists' && one.candidates.some((other) => other.list !== undefined))
      warning(`${at}.candidates`, 'lists_unused');
  });
}

function checkStyles(definition: Parsed, mistake: Report, warning: Report): void {
  const styles = definition.styles ?? [];
  const known = definition.contests.map((one) => one.id);
  for (const [i, before] of repeated(styles, (one) => one.id))
    mistake(`styles[${i}].id`, 'style_repeated', { number: before + 1 });
  styles.forEach((one, i) => {
    one.contests.forEach((contestId, k) => {
      if (!known.includes(contestId))
        mistake(`styles[${i}].contests[${k}]`, 'contest_unknown', { contest: contestId });
    });
    for (const [k] of repeated(one.contests, (contestId) => contestId))
      mistake(`styles[${i}].contests[${k}]`, 'contest_twice');
  });
  if (styles.length > 0)
    known.forEach((contestId, i) => {
      if (!styles.some((one) => one.contests.includes(contestId))) warning(`contests[${i}]`, 'on_no_style');
    });
}

function checkSettings(
  { settings: of, demonstration }: ElectionDefinition,
  mistake: Report,
  warning: Report,
): void {
  if (of.closesAt <= of.opensAt) mistake('settings.closesAt', 'closes_before_opening');
  else if ((of.closesAt - of.opensAt) / 60 < of.openMinutesMin)
    mistake('settings.openMinutesMin', 'open_longer_than_hours', {
      minutes: of.openMinutesMin,
      hours: Math.floor((of.closesAt - of.opensAt) / 60),
    });
  if (!demonstration && of.openMinutesMin < OPEN_MINUTES_DEFAULT)
    warning('settings.openMinutesMin', 'open_short', { minutes: OPEN_MINUTES_DEFAULT });
}

function withDefaults(parsed: Parsed, nowSeconds: number): ElectionDefinition {
  const { settings: given } = parsed;
  const opensAt = given.opensAt ?? nowSeconds;
  return {
    ...parsed,
    styles: parsed.styles ?? [
      {
        id: 'all',
        name: { fa: 'همهٔ رأی‌گیری‌ها', en: 'All contests' },
        contests: parsed.contests.map((one) => one.id),
      },
    ],
    settings: {
      ...given,
      opensAt,
      closesAt: given.closesAt ?? opensAt + OPEN_MINUTES_DEFAULT * 60,
      // A demonstration may be closed whenever its audience has seen enough.
      openMinutesMin: given.openMinutesMin ?? (parsed.demonstration ? 0 : OPEN_MINUTES_DEFAULT),
    },
  };
}

/**
 * Reads a definition. Total: any JSON value gives a definition with warnings, or every mistake (at most
 * MISTAKES_MAX) with its path.
 * @param nowSeconds epoch seconds: voting opens now where the definition says no hour
 */
export function parseElectionDefinition(
  json: unknown,
  nowSeconds: number,
): Result<ParsedDefinition, readonly DefinitionMistake[]> {
  const parsed = electionDefinitionSchema.safeParse(json);
  if (!parsed.success) {
    const found = parsed.error.issues.slice(0, MISTAKES_MAX).map((issue) => told(mistakeOfIssue(issue)));
    return failure(found);
  }
  const mistakes: DefinitionMistake[] = [];
  const warnings: DefinitionMistake[] = [];
  const into =
    (list: DefinitionMistake[]): Report =>
    (path, code, values = {}) =>
      list.push(told({ path: pathOf(path), code, values }));
  const [mistake, warning] = [into(mistakes), into(warnings)];
  checkContests(parsed.data, mistake, warning);
  checkStyles(parsed.data, mistake, warning);
  const definition = withDefaults(parsed.data, nowSeconds);
  // Only a definition that is sound otherwise is put to the law: its path is that of the law's own file.
  const law = mistakes.length === 0 ? lawFileBytes(definition) : undefined;
  if (law?.ok === false) mistake(law.fault.path.replace(/^\$\./, ''), 'law', { problem: law.fault.problem });
  checkSettings(definition, mistake, warning);
  return mistakes.length > 0
    ? failure(mistakes.slice(0, MISTAKES_MAX))
    : success({ definition, warnings: warnings.slice(0, MISTAKES_MAX) });
}
