/** The results file (docs/LAW.md §3), box by box: each is added to the count and let go, so that memory stays small. */
import { type Result, success } from '../result.ts';
import { type Count, createCount } from './count.ts';
import { BOXES_MAX, type Election, RESULTS_FORM, TEXT_LENGTH_MAX } from './election.ts';
import { arrayOf, described, exactly, identifier, ObjectFields, type Read, text } from './json-fields.ts';
import { JsonText, type JsonValue, OtherNumber } from './json-text.ts';
import { attempt, pathTo, type Refusal, refuse } from './refusal.ts';
import { type Box, COUNTS, type ContestSums, type Counts, countMax } from './sums.ts';

/** Reads results and counts them; the count is then asked for its outcome. */
export function readResults(election: Election, bytes: Uint8Array): Result<Count, Refusal> {
  const count = createCount(election);
  const read = eachBox(election, bytes, (box, path) => {
    const added = count.add(box, path);
    if (!added.ok) refuse(added.fault.path, added.fault.problem);
  });
  return read.ok ? success(count) : read;
}

/** The boxes themselves, for who keeps them, as a recount or `checkOutcome` does. */
export function readBoxes(election: Election, bytes: Uint8Array): Result<Box[], Refusal> {
  const boxes: Box[] = [];
  const read = eachBox(election, bytes, (box) => {
    boxes.push(box);
  });
  return read.ok ? success(boxes) : read;
}

function eachBox(
  election: Election,
  bytes: Uint8Array,
  take: (box: Box, path: string) => void,
): Result<void, Refusal> {
  return attempt(() => {
    const reader = new JsonText(bytes);
    const members = new Map<string, JsonValue>();
    let boxesSeen = false;
    reader.object(
      (key) => {
        if (key !== 'boxes') {
          members.set(key, reader.value());
          return;
        }
        boxesSeen = true;
        reader.array((i) => {
          const path = pathTo('$.boxes', i);
          if (i >= BOXES_MAX) refuse('$.boxes', `expected at most ${BOXES_MAX} boxes`);
          take(box(reader.value(), path), path);
        });
      },
      { has: (key) => members.has(key) || (key === 'boxes' && boxesSeen) },
    );
    reader.end();
    const fields = new ObjectFields(members, '$');
    fields.required('form', exactly(RESULTS_FORM));
    fields.required('election', (value, path) => {
      const id = identifier(value, path);
      if (id !== election.election) {
        refuse(path, `the results are of another election: expected ${JSON.stringify(election.election)}`);
      }
    });
    fields.optional('title', '', text(TEXT_LENGTH_MAX));
    if (!boxesSeen) refuse('$.boxes', 'expected this field, but it is missing');
    fields.end();
  });
}

function box(value: JsonValue, path: string): Box {
  const fields = new ObjectFields(value, path);
  const id = fields.required('id', identifier);
  fields.optional('title', '', text(TEXT_LENGTH_MAX));
  const contests = fields.required('contests', arrayOf(BOXES_MAX, contestSums));
  fields.end();
  return { id, contests };
}

function contestSums(value: JsonValue, path: string): ContestSums {
  const fields = new ObjectFields(value, path);
  const contest = fields.required('contest', identifier);
  const counts = {} as Counts;
  for (const name of COUNTS) counts[name] = fields.required(name, countUpTo(countMax(name)));
  const votes = fields.required('votes', votesById);
  const name_votes = fields.optional('name_votes', new Map<string, number>(), votesById);
  const list_votes = fields.optional('list_votes', new Map<string, number>(), votesById);
  fields.end();
  return { contest, ...counts, votes, name_votes, list_votes };
}

function countUpTo(max: number): Read<number> {
  return (value, path) => {
    if (typeof value === 'number' && value >= 0 && value <= max) return value;
    const negative =
      typeof value === 'number' ? value < 0 : value instanceof OtherNumber && value.text.startsWith('-');
    const wanted = `expected an integer from 0 to ${max}, written in digits`;
    return refuse(path, `${wanted}; found ${described(value)}${negative ? ', which is negative' : ''}`);
  };
}

const readCount = countUpTo(countMax('records'));

/** The map that the reader made is the map that is returned: these are the millions of a large election. */
function votesById(value: JsonValue, path: string): ReadonlyMap<string, number> {
  if (!(value instanceof Map))
    return refuse(path, `expected an object of counts by id, found ${described(value)}`);
  for (const [id, count] of value) {
    if (typeof count !== 'number' || count < 0) readCount(count, pathTo(path, id));
  }
  return value as ReadonlyMap<string, number>;
}
