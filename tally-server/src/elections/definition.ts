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

/** 48 mm at 203 dots an inch: the printing width of the narrowest thermal heads. */
export const RASTER_WIDTH_DOTS_DEFAULT = 384;
export const RASTER_HEIGHT_DOTS_DEFAULT = 40;
export const RASTER_WIDTH_DOTS_MAX = 832;
export const RASTER_HEIGHT_DOTS_MAX = 128;
/** The law asks for at least ten hours of voting. */
export const OPEN_MINUTES_DEFAULT = 600;
/** The election id `none` is the link's own (RECORDS.md). */
const RESERVED_IDS: readonly string[] = ['none'];

const nameBytes = (text: string): boolean => utf8(text).length <= NAME_BYTES_MAX;
const name = z
  .string()
  .min(1, 'must not be empty')
  .refine(nameBytes, `must be at most ${NAME_BYTES_MAX} bytes of UTF-8`)
  .refine((text) => !/\p{Cc}/u.test(text), 'must not contain control characters')
  .refine((text) => text.isWellFormed(), 'must be well-formed Unicode')
  .refine((text) => text.trim() === text, 'must not begin or end with a space');
const bilingual = z.strictObject({ fa: name, en: name });
const id = z
  .string()
  .refine(
    (text) => parseElectionId(text) !== undefined,
    `must be lower-case letters, digits and inner hyphens, at most ${ID_BYTES_MAX} bytes`,
  );
const whole = (min: number, max: number): z.ZodNumber => z.int().min(min).max(max);

/** Epoch seconds, or a date with its offset (RFC 3339). */
const instant = z
  .union([
    whole(0, Number.MAX_SAFE_INTEGER),
    z.iso.datetime({ offset: true }).transform((text) => Math.floor(Date.parse(text) / 1000)),
  ])
  .describe('epoch seconds or RFC 3339 with an offset');

const candidate = z.strictObject({
  code: z.string().regex(/^[0-9]{1,6}$/, 'must be 1 to 6 ASCII digits, in quotation marks'),
  name: bilingual,
  list: id.optional(),
});

export const LAW_RULES = [
  'plurality',
  'majles',
  'president',
  'experts',
  'city_council',
  'rural_council',
  'council_lists',
  'runoff',
] as const;

const contest = z.strictObject({
  id,
  title: bilingual,
  law: z.enum(LAW_RULES),
  seats: whole(1, 1024),
  choicesMax: whole(1, CHOICES_MAX),
  blankAllowed: z.boolean().default(true),
  thresholdPermille: whole(1, 1000).optional(),
  district: id.optional(),
  candidates: z
    .array(candidate)
    .min(1, 'must have at least one candidate')
    .max(CANDIDATES_MAX, `must have at most ${CANDIDATES_MAX} candidates`),
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
  voterTimeoutSeconds: whole(30, 3600).default(180),
  voterAlertSeconds: whole(10, 600).default(30),
  stampShenasnameh: z.boolean().default(false),
  denominator: z.enum(['all_votes', 'valid_votes']).default('all_votes'),
  partitionPolicy: z.enum(['admit', 'admit_with_stamp', 'refuse']).default('admit'),
  stationVotesMin: whole(0, 1000).default(0),
  utcOffsetMinutes: whole(0, 1440).default(IRAN_UTC_OFFSET_MINUTES),
  pinTriesMax: whole(1, 15).default(3),
});

export const electionDefinitionSchema = z.strictObject({
  id: id.refine((text) => !RESERVED_IDS.includes(text), 'is reserved'),
  version: whole(1, 65535).default(1),
  title: bilingual,
  demonstration: z.boolean().default(false),
  contests: z.array(contest).min(1).max(CONTESTS_MAX, `must have at most ${CONTESTS_MAX} contests`),
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

export interface DefinitionMistake {
  /** for example `contests[1].candidates[17].code` */
  readonly path: string;
  readonly message: string;
}

export interface ParsedDefinition {
  readonly definition: ElectionDefinition;
  /** lawful, but worth a second look before signing */
  readonly warnings: readonly DefinitionMistake[];
}

/** A person can read this many; the rest is counted. */
export const MISTAKES_MAX = 200;

const pathText = (path: readonly PropertyKey[]): string =>
  path.reduce<string>(
    (text, part) =>
      typeof part === 'number' ? `${text}[${part}]` : text === '' ? String(part) : `${text}.${String(part)}`,
    '',
  );

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

type Report = (path: string, message: string) => void;

function checkContests(definition: Parsed, mistake: Report, warning: Report): void {
  for (const [i, before] of repeated(definition.contests, (one) => one.id))
    mistake(`contests[${i}].id`, `repeats contests[${before}].id`);
  definition.contests.forEach((one, i) => {
    const digits = one.candidates[0]?.code.length;
    one.candidates.forEach((other, k) => {
      if (other.code.length !== digits)
        mistake(
          `contests[${i}].candidates[${k}].code`,
          `has ${other.code.length} digits, the first candidate's has ${digits}: all codes of a contest have the same`,
        );
    });
    for (const [k, before] of repeated(one.candidates, (other) => other.code))
      mistake(`contests[${i}].candidates[${k}].code`, `repeats the code of candidates[${before}]`);
    for (const [k, before] of repeated(one.candidates, (other) => other.name.fa))
      warning(
        `contests[${i}].candidates[${k}].name.fa`,
        `is the name of candidates[${before}] too: namesakes`,
      );
    if (one.choicesMax > one.candidates.length)
      warning(
        `contests[${i}].choicesMax`,
        `${one.choicesMax} choices, but only ${one.candidates.length} candidates`,
      );
    if (one.choicesMax > one.seats)
      warning(`contests[${i}].choicesMax`, `${one.choicesMax} choices for ${one.seats} seats`);
    if (one.law === 'council_lists' && !one.candidates.some((other) => other.list !== undefined))
      warning(`contests[${i}].candidates`, 'a contest of lists has no candidate on a list');
  });
}

function checkStyles(definition: Parsed, mistake: Report, warning: Report): void {
  const styles = definition.styles ?? [];
  const known = definition.contests.map((one) => one.id);
  for (const [i, before] of repeated(styles, (one) => one.id))
    mistake(`styles[${i}].id`, `repeats styles[${before}].id`);
  styles.forEach((one, i) => {
    one.contests.forEach((contestId, k) => {
      if (!known.includes(contestId))
        mistake(`styles[${i}].contests[${k}]`, `names the contest "${contestId}", which is not defined`);
    });
    for (const [k] of repeated(one.contests, (contestId) => contestId))
      mistake(`styles[${i}].contests[${k}]`, 'names a contest a second time');
  });
  if (styles.length > 0)
    known.forEach((contestId, i) => {
      if (!styles.some((one) => one.contests.includes(contestId)))
        warning(`contests[${i}]`, 'is on no ballot style: nobody could vote in it');
    });
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
  if (!parsed.success)
    return failure(
      parsed.error.issues
        .slice(0, MISTAKES_MAX)
        .map((issue) => ({ path: pathText(issue.path), message: issue.message })),
    );
  const mistakes: DefinitionMistake[] = [];
  const warnings: DefinitionMistake[] = [];
  const mistake: Report = (path, message) => mistakes.push({ path, message });
  const warning: Report = (path, message) => warnings.push({ path, message });
  checkContests(parsed.data, mistake, warning);
  checkStyles(parsed.data, mistake, warning);
  const definition = withDefaults(parsed.data, nowSeconds);
  // Only a definition that is sound otherwise is put to the law: its path is that of the law's own file.
  const law = mistakes.length === 0 ? lawFileBytes(definition) : undefined;
  if (law?.ok === false) mistake(law.fault.path.replace(/^\$\./, ''), law.fault.problem);
  if (definition.settings.closesAt <= definition.settings.opensAt)
    mistake('settings.closesAt', 'must be later than settings.opensAt');
  if (definition.settings.voterAlertSeconds >= definition.settings.voterTimeoutSeconds)
    mistake('settings.voterAlertSeconds', 'must be shorter than settings.voterTimeoutSeconds');
  return mistakes.length > 0
    ? failure(mistakes.slice(0, MISTAKES_MAX))
    : success({ definition, warnings: warnings.slice(0, MISTAKES_MAX) });
}
