/**
 * The planners' page in two languages. Its words are written by hand; what stands between `<!-- NAME -->` and
 * `<!-- /NAME -->` is reckoned and written by the command, so that no figure of it is anybody's memory.
 */
import { formatDecimal, formatInteger, type Locale } from '@sandoq/protocol/persian';
import { DESKS_ENOUGH, HELP_SHARE_USUAL, HELP_SHARES, KEPT_P95_MINUTES, QUEUE_SETTINGS } from './settings.ts';
import type { QueueTables } from './tables.ts';

type Heads = Readonly<Record<string, string>>;

/** Column heads and names come from the page's own list: `<!-- head boxes: صندوق -->`. */
function headsOf(page: string): Heads {
  return Object.fromEntries(
    [...page.matchAll(/<!-- head ([a-z0-9_]+): (.*?) -->/g)].map(([, key, text]) => [key, text]),
  );
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

export function parts(tables: QueueTables, heads: Heads, locale: Locale): Readonly<Record<string, string>> {
  const head = (key: string): string => {
    const text = heads[key];
    if (text === undefined) throw new Error(`the page has no head ${key}`);
    return text;
  };
  const whole = (value: number): string => formatInteger(value, locale);
  const tenth = (value: number): string =>
    value >= 100 ? whole(Math.round(value)) : formatDecimal(value, 1, locale);
  const usual = tables.by_boxes.filter(({ helped_share }) => helped_share === HELP_SHARE_USUAL);
  const boxes = [...new Set(tables.by_boxes.map((each) => each.boxes))];
  const percent = (share: number): string =>
    `${whole(Math.round(share * 100))}${locale === 'fa' ? '٪' : '%'}`;
  const needed = tables.by_ballot.find(({ ballot }) => ballot === 'two')?.boxes_needed ?? 0;
  return {
    voters: whole(QUEUE_SETTINGS.voters),
    hours: whole(QUEUE_SETTINGS.hours),
    promise: whole(KEPT_P95_MINUTES),
    desks: whole(DESKS_ENOUGH),
    helped: percent(HELP_SHARE_USUAL),
    needed: whole(needed),
    desks_table: table(
      ['desks', 'desk_p95', 'cards'].map(head),
      tables.by_desks.map((line) => [
        whole(line.desks),
        tenth(line.desk_p95_minutes),
        whole(line.cards_an_hour),
      ]),
    ),
    boxes_table: table(
      ['boxes', 'median', 'p95', 'rate', 'after', 'capacity'].map(head),
      usual.map((line) => [
        whole(line.boxes),
        tenth(line.median_minutes),
        tenth(line.p95_minutes),
        whole(line.voters_an_hour),
        tenth(line.after_close_minutes),
        whole(line.voters_within_promise),
      ]),
    ),
    help_table: table(
      [head('boxes'), ...HELP_SHARES.map(percent)],
      boxes.map((count) => [
        whole(count),
        ...HELP_SHARES.map((share) => {
          const line = tables.by_boxes.find((each) => each.boxes === count && each.helped_share === share);
          if (line === undefined) throw new Error('a line of the table is missing');
          return [
            `${tenth(line.median_minutes)} / ${tenth(line.p95_minutes)}`,
            `${whole(line.voters_an_hour)}`,
          ].join(' · ');
        }),
      ]),
    ),
    ballots_table: table(
      ['ballot', 'alone', 'needed'].map(head),
      tables.by_ballot.map((line) => [
        head(`ballot_${line.ballot}`),
        tenth(line.alone_median_minutes),
        whole(line.boxes_needed),
      ]),
    ),
  };
}

/** @throws where the page lacks the place of a part */
export function fill(page: string, tables: QueueTables, locale: Locale): string {
  let filled = page;
  for (const [name, text] of Object.entries(parts(tables, headsOf(page), locale))) {
    const place = new RegExp(`<!-- ${name} -->[\\s\\S]*?<!-- /${name} -->`, 'g');
    if (!place.test(filled)) throw new Error(`the page has no place for ${name}`);
    const isTable = name.endsWith('_table');
    const body = isTable ? `\n${text}\n` : text;
    filled = filled.replace(place, () => `<!-- ${name} -->${body}<!-- /${name} -->`);
  }
  return filled;
}
