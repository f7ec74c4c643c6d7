/** The election file (docs/LAW.md §2) into typed values, every cross-reference checked. */
import type { Result } from '../result.ts';
import { ARTICLES } from './articles.ts';
import * as law from './election.ts';
import {
  arrayOf,
  boolean,
  exactly,
  identifier,
  integer,
  nullable,
  ObjectFields,
  oneOf,
  type Read,
  text,
} from './json-fields.ts';
import { JsonText, type JsonValue, jsonFromPlain } from './json-text.ts';
import { attempt, pathTo, quoted, type Refusal, refuse } from './refusal.ts';

/** `bytes` is the text of an election file. */
export function readElection(bytes: Uint8Array): Result<law.Election, Refusal> {
  return attempt(() => election(new JsonText(bytes).document(), '$'));
}

/** The same from a plain value, for who builds an election in memory. */
export function electionFromValue(value: unknown): Result<law.Election, Refusal> {
  return attempt(() => election(jsonFromPlain(value), '$'));
}

function election(value: JsonValue, path: string): law.Election {
  const fields = new ObjectFields(value, path);
  fields.required('form', exactly(law.ELECTION_FORM));
  const id = fields.required('election', identifier);
  title(fields);
  const contests = fields.required('contests', arrayOf(law.CONTESTS_MAX, contest));
  fields.end();
  distinct(
    contests.map(({ id }) => id),
    pathTo(path, 'contests'),
    'contest',
  );
  return { election: id, contests };
}

/** For people who read the file; nothing is decided by it. */
function title(fields: ObjectFields): void {
  fields.optional('title', '', text(law.TEXT_LENGTH_MAX));
}

function contest(value: JsonValue, path: string): law.Contest {
  const fields = new ObjectFields(value, path);
  const id = fields.required('id', identifier);
  title(fields);
  const rule = fields.required('rule', oneOf(law.RULES));
  const seats = seatsOf(fields, rule);
  const choices = fields.optional('choices', seats, integer(1, law.CHOICES_MAX));
  if (rule === 'president' && choices !== 1)
    refuse(pathTo(path, 'choices'), 'expected 1 under rule "president"');
  const candidates = fields.required('candidates', arrayOf(law.CANDIDATES_MAX, candidate));
  const read: law.Contest = {
    id,
    rule,
    runoff_of: onlyFor(fields, 'runoff_of', rule === 'runoff', null, oneOf(law.RUNOFF_OF)),
    seats,
    choices,
    alternates: onlyFor(
      fields,
      'alternates',
      law.RULES_WITH_ALTERNATES.includes(rule),
      0,
      integer(0, law.ALTERNATES_MAX),
    ),
    candidates,
    ...ballotSettings(fields, rule),
    ...namesakeSettings(fields),
    ...roundSettings(fields, rule),
    ...listSettings(fields, rule),
    articles: fields.optional('articles', new Map<string, law.Article>(), articles),
  };
  fields.end();
  crossChecked(read, path);
  return read;
}

function seatsOf(fields: ObjectFields, rule: law.Rule): number {
  if (rule === 'president') return fields.optional('seats', 1, integer(1, 1));
  const seats = fields.required('seats', integer(1, law.SEATS_MAX));
  const legal =
    rule === 'rural_council'
      ? law.RURAL_COUNCIL_SEATS
      : rule === 'city_council' || rule === 'council_lists'
        ? law.CITY_COUNCIL_SEATS
        : null;
  if (legal !== null && !legal.includes(seats)) {
    const other = rule === 'council_lists' ? '' : '; for another number use rule "plurality"';
    refuse(pathTo(fields.path, 'seats'), `a ${rule} has ${legal.join(', ')} seats, found ${seats}${other}`);
  }
  return seats;
}

/** A setting that has a meaning under some rules only: elsewhere it is a mistake, not a default. */
function onlyFor<Value, Fallback>(
  fields: ObjectFields,
  key: string,
  applies: boolean,
  fallback: Fallback,
  read: Read<Value>,
): Value | Fallback {
  const value = fields.optional(key, undefined, (member, path) =>
    applies ? read(member, path) : refuse(path, 'this setting has no meaning under the rule of this contest'),
  );
  return value === undefined ? fallback : value;
}

function candidate(value: JsonValue, path: string): law.Candidate {
  const fields = new ObjectFields(value, path);
  const id = fields.required('id', identifier);
  title(fields);
  const withdrawn = fields.optional('withdrawn', null, nullable(oneOf(law.WITHDRAWALS)));
  fields.end();
  return { id, withdrawn };
}

function ballotSettings(
  fields: ObjectFields,
  rule: law.Rule,
): Pick<law.Contest, 'blank_allowed' | 'beyond_seats' | 'withdrawn_votes' | 'minimum_votes'> {
  const council = rule === 'city_council' || rule === 'rural_council' || rule === 'council_lists';
  return {
    blank_allowed: fields.optional('blank_allowed', true, boolean),
    beyond_seats: fields.optional(
      'beyond_seats',
      council ? 'fall_from_end' : 'extra_ignored',
      oneOf(law.BEYOND_SEATS),
    ),
    withdrawn_votes: fields.optional('withdrawn_votes', 'as_non_candidate', oneOf(law.WITHDRAWN_VOTES)),
    minimum_votes: fields.optional('minimum_votes', 1, integer(0, 1)) === 0 ? 0 : 1,
  };
}

function namesakeSettings(fields: ObjectFields): Pick<law.Contest, 'namesakes' | 'namesakes_without_votes'> {
  return {
    namesakes: fields.optional('namesakes', [], arrayOf(law.NAMESAKES_MAX, group)),
    namesakes_without_votes: fields.optional(
      'namesakes_without_votes',
      'equal_shares',
      oneOf(law.NAMESAKES_WITHOUT_VOTES),
    ),
  };
}

/** `{id, candidates}`: namesakes, or a list. */
function group(value: JsonValue, path: string): { id: string; candidates: string[] } {
  const fields = new ObjectFields(value, path);
  const id = fields.required('id', identifier);
  title(fields);
  const candidates = fields.required('candidates', arrayOf(law.CANDIDATES_MAX, identifier));
  fields.end();
  return { id, candidates };
}

const PRESIDENT_THRESHOLD: law.Threshold = {
  numerator: 1,
  denominator: 2,
  of: 'all_votes',
  comparison: 'more_than',
};

function roundSettings(fields: ObjectFields, rule: law.Rule): Pick<law.Contest, 'threshold' | 'runoff'> {
  const applies = law.RULES_WITH_THRESHOLD.includes(rule);
  const given = onlyFor(fields, 'threshold', applies, null, threshold);
  if (rule === 'majles' && given === null) {
    // The sources disagree on the denominator, so the law does not choose one silently.
    refuse(pathTo(fields.path, 'threshold'), 'expected this field, but it is missing');
  }
  const settings = onlyFor(fields, 'runoff', applies, null, runoffSettings);
  return {
    threshold: given ?? (rule === 'president' ? PRESIDENT_THRESHOLD : null),
    runoff:
      settings ?? (applies ? { per_seat: 2, replacement: 'next_in_rank', too_few: 'hold_runoff' } : null),
  };
}

function threshold(value: JsonValue, path: string): law.Threshold {
  const fields = new ObjectFields(value, path);
  const numerator = fields.required('numerator', integer(1, law.RATIO_MAX));
  const denominator = fields.required('denominator', integer(1, law.RATIO_MAX));
  const of = fields.required('of', oneOf(law.DENOMINATORS));
  const comparison = fields.optional('comparison', 'at_least', oneOf(law.COMPARISONS));
  fields.end();
  if (numerator > denominator)
    refuse(path, `expected a share of at most 1, found ${numerator}/${denominator}`);
  return { numerator, denominator, of, comparison };
}

function runoffSettings(value: JsonValue, path: string): law.RunoffSettings {
  const fields = new ObjectFields(value, path);
  const settings: law.RunoffSettings = {
    per_seat: fields.optional('per_seat', 2, integer(1, law.PER_SEAT_MAX)),
    replacement: fields.optional('replacement', 'next_in_rank', oneOf(law.REPLACEMENTS)),
    too_few: fields.optional('too_few', 'hold_runoff', oneOf(law.TOO_FEW)),
  };
  fields.end();
  return settings;
}

function listSettings(fields: ObjectFields, rule: law.Rule): Pick<law.Contest, 'proportional' | 'lists'> {
  const applies = rule === 'council_lists';
  const lists = onlyFor(fields, 'lists', applies, [], arrayOf(law.LISTS_MAX, group));
  const chosen = onlyFor(fields, 'proportional', applies, null, proportional);
  if (applies && chosen === null) {
    refuse(pathTo(fields.path, 'proportional'), 'expected this field, but it is missing');
  }
  return { proportional: chosen, lists };
}

/** No default at all: the formula of 1405 is unverified, so whoever authors the package names each part. */
function proportional(value: JsonValue, path: string): law.Proportional {
  const fields = new ObjectFields(value, path);
  const chosen: law.Proportional = {
    formula: fields.required('formula', oneOf(law.FORMULAS)),
    list_votes: fields.required('list_votes', oneOf(law.LIST_VOTES)),
    independents: fields.required('independents', oneOf(law.INDEPENDENTS)),
    within_list: fields.required('within_list', oneOf(law.WITHIN_LIST)),
  };
  fields.end();
  return chosen;
}

function articles(value: JsonValue, path: string): ReadonlyMap<string, law.Article> {
  const fields = new ObjectFields(value, path);
  const given = new Map<string, law.Article>();
  for (const key of ARTICLES.keys()) {
    const article = fields.optional(key, null, articleReference);
    if (article !== null) given.set(key, article);
  }
  fields.end();
  return given;
}

function articleReference(value: JsonValue, path: string): law.Article {
  const fields = new ObjectFields(value, path);
  const reference: law.Article = {
    law: fields.required('law', text(law.TEXT_LENGTH_MAX)),
    article: fields.required('article', nullable(text(law.TEXT_LENGTH_MAX))),
    confidence: fields.required('confidence', oneOf(law.CONFIDENCES)),
  };
  fields.end();
  return reference;
}

function crossChecked(contest: law.Contest, path: string): void {
  const ids = new Set<string>();
  const take = (id: string, idPath: string): void => {
    if (ids.has(id)) {
      refuse(
        idPath,
        `${quoted(id)} stands twice; candidates, names and lists of a contest share one set of ids`,
      );
    }
    ids.add(id);
  };
  contest.candidates.forEach((candidate, i) => {
    const candidatePath = pathTo(pathTo(path, 'candidates'), i);
    take(candidate.id, pathTo(candidatePath, 'id'));
    if (candidate.withdrawn === 'before_runoff' && contest.runoff === null) {
      refuse(pathTo(candidatePath, 'withdrawn'), '"before_runoff" has a meaning only in a first round');
    }
  });
  const known = new Set(ids);
  checkGroups(contest.namesakes, pathTo(path, 'namesakes'), 2, known, take);
  checkGroups(contest.lists, pathTo(path, 'lists'), 1, known, take);
  if (contest.rule === 'council_lists' && ids.has(law.INDEPENDENTS_PARTY)) {
    refuse(path, `the id "${law.INDEPENDENTS_PARTY}" is kept for the pool of independents`);
  }
}

function checkGroups(
  groups: readonly { readonly id: string; readonly candidates: readonly string[] }[],
  path: string,
  membersMin: number,
  candidates: ReadonlySet<string>,
  take: (id: string, idPath: string) => void,
): void {
  const members = new Set<string>();
  groups.forEach((group, i) => {
    const groupPath = pathTo(path, i);
    take(group.id, pathTo(groupPath, 'id'));
    const membersPath = pathTo(groupPath, 'candidates');
    if (group.candidates.length < membersMin)
      refuse(membersPath, `expected at least ${membersMin} candidates`);
    group.candidates.forEach((id, j) => {
      const memberPath = pathTo(membersPath, j);
      if (!candidates.has(id)) refuse(memberPath, `${quoted(id)} is not a candidate of this contest`);
      if (members.has(id)) refuse(memberPath, `${quoted(id)} already stands in this or another such group`);
      members.add(id);
    });
  });
}

function distinct(ids: readonly string[], path: string, what: string): void {
  const seen = new Set<string>();
  ids.forEach((id, i) => {
    if (seen.has(id)) refuse(pathTo(pathTo(path, i), 'id'), `the ${what} ${quoted(id)} stands twice`);
    seen.add(id);
  });
}
