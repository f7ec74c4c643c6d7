/** What must be true of a package beyond its shape, for whoever signs it and whoever reads it. Pure. */
import type { CandidateList, Package } from './generated.ts';
import { parseElectionId } from './identifiers.ts';
import { rasterItemCount } from './rasters.ts';
import type { RuleBreak } from './station-rules.ts';

const repeats = (values: readonly string[]): readonly number[] =>
  values.flatMap((value, i) => (values.indexOf(value) < i ? [i] : []));

function contestBreaks(election: Package): readonly RuleBreak[] {
  const breaks: RuleBreak[] = [];
  const ids = election.contests.map((contest) => contest.id);
  for (const i of repeats(ids))
    breaks.push({ code: 'id_repeated', at: `contests[${i}].id`, wanted: 'an id of its own' });
  election.contests.forEach((contest, i) => {
    const at = `contests[${i}]`;
    const demand = (holds: boolean, code: string, where: string, wanted: string): void => {
      if (!holds) breaks.push({ code, at: `${at}.${where}`, wanted });
    };
    demand(
      parseElectionId(contest.id) !== undefined,
      'id_malformed',
      'id',
      'lower-case letters, digits, hyphens',
    );
    demand(contest.seats > 0, 'seats_zero', 'seats', 'at least 1');
    demand(contest.choicesMax > 0, 'choices_zero', 'choicesMax', 'at least 1');
    demand(contest.candidatesCount > 0, 'candidates_missing', 'candidatesCount', 'at least 1 candidate');
    demand(contest.codeDigits > 0, 'code_digits_zero', 'codeDigits', 'at least 1');
  });
  return breaks;
}

function styleBreaks(election: Package): readonly RuleBreak[] {
  const breaks: RuleBreak[] = [];
  for (const i of repeats(election.styles.map((style) => style.id)))
    breaks.push({ code: 'id_repeated', at: `styles[${i}].id`, wanted: 'an id of its own' });
  election.styles.forEach((style, i) => {
    style.contests.forEach((contest, k) => {
      const at = `styles[${i}].contests[${k}]`;
      if (contest >= election.contests.length)
        breaks.push({ code: 'contest_unknown', at, wanted: `an index below ${election.contests.length}` });
      if (k > 0 && contest <= (style.contests[k - 1] as number))
        breaks.push({ code: 'contests_unordered', at, wanted: 'ascending contest indexes' });
    });
  });
  return breaks;
}

/** Everything that is wrong with a package; empty where nothing is. */
export function packageBreaks(election: Package): readonly RuleBreak[] {
  const breaks: RuleBreak[] = [...contestBreaks(election), ...styleBreaks(election)];
  const { rasters, settings } = election;
  if (rasters.widthDots === 0 || rasters.widthDots % 8 !== 0)
    breaks.push({ code: 'raster_width', at: 'rasters.widthDots', wanted: 'a positive multiple of 8' });
  if (rasters.heightDots === 0)
    breaks.push({ code: 'raster_height', at: 'rasters.heightDots', wanted: 'at least 1' });
  if (rasters.count !== rasterItemCount(election.contests))
    breaks.push({
      code: 'raster_count',
      at: 'rasters.count',
      wanted: `${rasterItemCount(election.contests)} items`,
    });
  if (settings.closesAt <= settings.opensAt)
    breaks.push({ code: 'hours_reversed', at: 'settings.closesAt', wanted: 'later than opensAt' });
  if (settings.timeBucketMinutes === 0)
    breaks.push({ code: 'bucket_zero', at: 'settings.timeBucketMinutes', wanted: 'at least 1 minute' });
  if (settings.pinTriesMax === 0)
    breaks.push({ code: 'pin_tries_zero', at: 'settings.pinTriesMax', wanted: 'at least 1' });
  if (election.stationsCount === 0)
    breaks.push({ code: 'stations_missing', at: 'stationsCount', wanted: 'at least 1 station' });
  return breaks;
}

/** Codes are unique strings of the contest's digits, so that a keyed code names one candidate without an end key. */
export function candidateListBreaks(
  contest: Package['contests'][number],
  list: CandidateList,
): readonly RuleBreak[] {
  const breaks: RuleBreak[] = [];
  if (list.contest !== contest.id)
    breaks.push({ code: 'contest_of_other', at: 'contest', wanted: contest.id });
  if (list.candidates.length !== contest.candidatesCount)
    breaks.push({
      code: 'candidates_count',
      at: 'candidates',
      wanted: `${contest.candidatesCount} candidates`,
    });
  const seen = new Map<string, number>();
  list.candidates.forEach((candidate, i) => {
    const at = `candidates[${i}].code`;
    if (!/^[0-9]+$/.test(candidate.code) || candidate.code.length !== contest.codeDigits)
      breaks.push({ code: 'code_digits', at, wanted: `${contest.codeDigits} digits` });
    const first = seen.get(candidate.code);
    if (first !== undefined)
      breaks.push({ code: 'code_repeated', at, wanted: `another than candidates[${first}].code` });
    else seen.set(candidate.code, i);
  });
  return breaks;
}
