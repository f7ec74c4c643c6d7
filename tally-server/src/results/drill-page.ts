/**
 * One number followed down: where it comes from, place by place, each part a link to its own parts, down to the signed
 * slips. The parts are summed anew, and they must make the number.
 */
import type { Provisioning } from '@sandoq/protocol';
import { type StationStanding, type Sums, scopePath, sumOf, sumsByPlace } from '../totals/totals.ts';
import { type Html, html } from '../web/html.ts';
import { otherLanguage, page } from '../web/page.ts';
import type { PageContext } from './results-page.ts';
import type { ResultsView } from './view.ts';
import { type Words, wordsIn } from './words.ts';

export const SLIP_MEASURES = ['expected', 'received', 'missing', 'disputed'] as const;
export const PEOPLE_MEASURES = ['cast', 'admitted', 'local', 'visiting'] as const;
export const CONTEST_MEASURES = ['records', 'valid', 'blank', 'invalid', 'marks', 'undervotes'] as const;

/** `slips/received`, `people/local`, or a contest's id and one of its counts or a candidate's code. */
export interface Measure {
  readonly of: string;
  readonly line: string;
  readonly title: (words: Words) => string;
  readonly value: (sums: Sums) => number;
}

const among = <Name extends string>(names: readonly Name[], text: string): Name | undefined =>
  names.find((name) => name === text);

/** @returns undefined for a number that no page shows */
export function measureOf(provisioning: Provisioning, of: string, line: string): Measure | undefined {
  if (of === 'slips') {
    const kind = among(SLIP_MEASURES, line);
    return (
      kind && { of, line, title: (words) => words.say(`slips.${kind}`), value: ({ slips }) => slips[kind] }
    );
  }
  if (of === 'people') {
    const kind = among(PEOPLE_MEASURES, line);
    return kind && { of, line, title: (words) => words.say(`people.${kind}`), value: (sums) => sums[kind] };
  }
  const contest = provisioning.package.contests.findIndex(({ id }) => id === of);
  const name = provisioning.package.contests[contest]?.title;
  if (name === undefined) return undefined;
  const kind = among(CONTEST_MEASURES, line);
  if (kind !== undefined)
    return {
      of,
      line,
      title: (words) => `${words.name(name)}: ${words.say(`count.${kind}`)}`,
      value: ({ contests }) => contests[contest]?.[kind] ?? 0,
    };
  const index = provisioning.candidateLists[contest]?.candidates.findIndex(({ code }) => code === line) ?? -1;
  const candidate = provisioning.candidateLists[contest]?.candidates[index];
  return (
    candidate && {
      of,
      line,
      title: (words) => `${words.name(name)}: ${words.name(candidate.name)} (${words.code(candidate.code)})`,
      value: ({ contests }) => contests[contest]?.candidates[index] ?? 0,
    }
  );
}

/** The address of a number at a place. */
export const drillHref = (
  prefix: PageContext['prefix'],
  election: string,
  of: string,
  line: string,
  path: readonly string[] = [],
): string => `${prefix}/${election}/numbers/${[of, line, ...path].map(encodeURIComponent).join('/')}`;

const stationValue = (provisioning: Provisioning, measure: Measure, standing: StationStanding): number =>
  measure.value(sumOf(provisioning.package, [standing]));

function partsOf(
  view: ResultsView,
  measure: Measure,
  prefix: PageContext['prefix'],
  words: Words,
): readonly Html[] {
  const { provisioning, stations } = view;
  const { election } = provisioning;
  const depth = scopePath(view.scope).length;
  const row = (name: Html | string, href: string | undefined, value: number): Html =>
    html`<tr><th scope="row">${name}</th><td class="number">${href === undefined ? words.number(value) : html`<a href="${words.link(href)}">${words.number(value)}</a>`}</td></tr>`;
  if (depth < 4)
    return sumsByPlace(provisioning.package, stations)
      .map(({ sums, ...place }) => ({ path: scopePath(place), sums }))
      .filter(({ path }) => path.length === depth + 1)
      .map(({ path, sums }) =>
        row(
          html`<bdi>${path.at(-1)}</bdi>`,
          drillHref(prefix, election, measure.of, measure.line, path),
          measure.value(sums),
        ),
      );
  return stations.map((standing) =>
    row(
      words.name(standing.station.name),
      standing.slip === undefined ? undefined : `${prefix}/${election}/slips/${standing.station.id}`,
      stationValue(provisioning, measure, standing),
    ),
  );
}

export function drillPage(context: PageContext, view: ResultsView, measure: Measure): Html {
  const { provisioning, scope } = view;
  const { election } = provisioning;
  const words = wordsIn(context.locale, provisioning.package.settings.utcOffsetMinutes);
  const title = measure.title(words);
  const path = scopePath(scope);
  const crumb = (i: number): Html =>
    html` ‹ <a href="${words.link(drillHref(context.prefix, election, measure.of, measure.line, path.slice(0, i)))}"><bdi>${i === 0 ? words.say('drill.nation') : path[i - 1]}</bdi></a>`;
  const rows = partsOf(view, measure, context.prefix, words);
  const body = html`<div data-state="${context.state}"></div>
<nav class="crumbs" aria-label="${words.say('page.crumbs')}"><a href="${words.link(`${context.prefix}/${election}`)}">${words.name(provisioning.package.title)}</a>${Array.from({ length: path.length + 1 }, (_, i) => crumb(i))}</nav>
<div class="head"><h1>${title}</h1><p class="total"><b data-key="drill-total">${words.number(measure.value(view.sums))}</b></p><p class="quiet">${words.say(path.length < 4 ? 'drill.note' : 'drill.note_stations')}</p></div>
<section class="panel"><div class="scroll"><table class="drill"><thead><tr><th scope="col">${words.say(path.length < 4 ? 'places.place' : 'stations.name')}</th><th scope="col" class="number">${words.say('drill.part')}</th></tr></thead><tbody>${rows}</tbody></table></div></section>`;
  return page(
    {
      locale: context.locale,
      title: `${title} — ${words.say('page.site')}`,
      otherLanguageHref: otherLanguage(context.locale, context.path),
      homeHref: words.link('/'),
      rehearsal: provisioning.package.demonstration,
      eventsPath: context.eventsPath,
    },
    body,
  );
}
