/** The page of an election, or of one of its provinces or counties. */
import type { Provisioning } from '@sandoq/protocol';
import type { Locale } from '@sandoq/protocol/persian';
import { isVotingOver } from '../publication/release.ts';
import type { Revision } from '../publication/results.ts';
import { PLACE_LEVELS, scopePath } from '../totals/totals.ts';
import { type Html, html } from '../web/html.ts';
import { otherLanguage, page } from '../web/page.ts';
import { drillHref, SLIP_MEASURES } from './drill-page.ts';
import { contestSection, type NumberLink, slipTiles, stationRow } from './parts.ts';
import type { ResultsView } from './view.ts';
import { type Words, wordsIn } from './words.ts';

export interface PageContext {
  readonly locale: Locale;
  /** the path that was asked for, without its query */
  readonly path: string;
  /** what the live events compare: changes with every slip */
  readonly state: string;
  /** of the publication that this page shows */
  readonly revision: Revision;
  /** everyone's pages, or officials': every link of a page stays among its own */
  readonly prefix: '/elections' | '/officials';
  /** the events that keep the page live */
  readonly eventsPath: string;
}

export const placeHref = (prefix: PageContext['prefix'], election: string, path: readonly string[]): string =>
  `${prefix}/${election}${path.length === 0 ? '' : `/places/${path.map(encodeURIComponent).join('/')}`}`;

/** From the nation down to where this page stands; the last one is here and no link. */
function crumbs(
  words: Words,
  { prefix }: PageContext,
  { provisioning, scope }: ResultsView,
): Html | undefined {
  const path = scopePath(scope);
  if (path.length === 0) return undefined;
  const steps = path.map((name, i) =>
    i === path.length - 1
      ? html` ‹ <bdi>${name}</bdi>`
      : html` ‹ <a href="${words.link(placeHref(prefix, provisioning.election, path.slice(0, i + 1)))}"><bdi>${name}</bdi></a>`,
  );
  return html`<nav class="crumbs" aria-label="${words.say('page.crumbs')}"><a href="${words.link(placeHref(prefix, provisioning.election, []))}">${words.name(provisioning.package.title)}</a>${steps}</nav>`;
}

/** Places shown below this one: one level down; for the whole election counties stand under their provinces. */
function placesSection(words: Words, { prefix }: PageContext, view: ResultsView): Html | undefined {
  const depth = scopePath(view.scope).length;
  const deepest = depth === 0 ? 2 : depth + 1;
  const below = view.places
    .map((place) => ({ place, path: scopePath(place) }))
    .filter(({ path }) => path.length > depth && path.length <= deepest);
  if (below.length < 2) return undefined;
  const rows = below.map(({ place: { sums }, path }) => {
    const number = (value: number, of: string, line: string): Html =>
      html`<td class="number${value === 0 ? ' none' : ''}"><a href="${words.link(drillHref(prefix, view.provisioning.election, of, line, path))}">${words.number(value)}</a></td>`;
    return html`<tr class="${path.length === 1 ? 'province' : 'county'}"><th scope="row"><a href="${words.link(placeHref(prefix, view.provisioning.election, path))}"><bdi>${path.at(-1)}</bdi></a></th>${SLIP_MEASURES.map((kind) => number(sums.slips[kind], 'slips', kind))}${(['cast', 'local', 'visiting'] as const).map((kind) => number(sums[kind], 'people', kind))}</tr>`;
  });
  const head = (['expected', 'received', 'missing', 'disputed'] as const).map(
    (kind) => html`<th scope="col" class="number">${words.say(`slips.${kind}`)}</th>`,
  );
  const people = (['local', 'visiting'] as const).map(
    (kind) => html`<th scope="col" class="number">${words.say(`people.${kind}`)}</th>`,
  );
  return html`<section class="panel" aria-labelledby="places"><h2 id="places">${words.say(`places.below_${(['nation', ...PLACE_LEVELS] as const)[Math.min(depth, 3)] as 'nation'}`)}</h2>
<div class="scroll"><table class="places"><thead><tr><th scope="col">${words.say('places.place')}</th>${head}<th scope="col" class="number">${words.say('stations.cast')}</th>${people}</tr></thead><tbody>${rows}</tbody></table></div></section>`;
}

function stationsSection(words: Words, { prefix }: PageContext, view: ResultsView): Html {
  const columns = (['name', 'county', 'state', 'cast', 'received_at'] as const).map(
    (key) =>
      html`<th scope="col" class="${key === 'cast' ? 'number' : ''}">${words.say(`stations.${key}`)}</th>`,
  );
  // What is missing or disputed comes first: that is what somebody has to act on.
  const order = { disputed: 0, missing: 1, received: 2 } as const;
  const rows = [...view.stations].sort((a, b) => order[a.state] - order[b.state]);
  return html`<section class="panel" aria-labelledby="stations"><h2 id="stations">${words.say('stations.title')}</h2>
<label class="filter" data-needs-script hidden>${words.say('stations.filter')} <input type="search" data-filter autocomplete="off"></label>
<div class="scroll"><table class="stations"><thead><tr>${columns}</tr></thead><tbody>${rows.map((one) => stationRow(words, `${prefix}/${view.provisioning.election}`, one))}</tbody></table></div></section>`;
}

function downloads(words: Words, { provisioning }: ResultsView): Html {
  const api = `/api/elections/${provisioning.election}`;
  const files = [
    ['results.json', 'results_json'],
    ['results.csv', 'results_csv'],
    ['results.nist.json', 'results_nist'],
    ['cross-tables.json', 'cross_tables'],
    ['totals', 'totals_json'],
    ['totals.csv', 'totals_csv'],
    ['stations', 'stations_json'],
  ] as const;
  return html`<section class="panel downloads" aria-labelledby="data"><h2 id="data">${words.say('data.title')}</h2><p class="quiet">${words.say('data.note')}</p>
<ul>${files.map(([file, key]) => html`<li><a href="${api}/${file}">${words.say(`data.${key}`)}</a></li>`)}<li><a href="/schemas/results-1.json">${words.say('data.results_schema')}</a></li></ul></section>`;
}

/** @param before what officials have to look at first; everyone's page has none */
export function resultsPage(context: PageContext, view: ResultsView, before?: Html): Html {
  const { provisioning, sums } = view;
  const words = wordsIn(context.locale, provisioning.package.settings.utcOffsetMinutes);
  const title = words.name(provisioning.package.title);
  const people = [
    ['cast', sums.cast],
    ['admitted', sums.admitted],
    ['local', sums.local],
    ['visiting', sums.visiting],
  ] as const;
  const number: NumberLink = (of, line, value) =>
    html`<a href="${words.link(drillHref(context.prefix, provisioning.election, of, line, scopePath(view.scope)))}">${words.number(value)}</a>`;
  const body = html`<div data-state="${context.state}"></div>
${crumbs(words, context, view)}
<div class="head"><h1>${title}</h1>
<p class="quiet" data-key="latest">${view.latestAt === undefined ? words.say('page.no_slip_yet') : words.say('page.latest', { when: words.instant(view.latestAt) })}</p>
<p class="quiet"><a href="${words.link(`/elections/${provisioning.election}/revisions`)}">${words.say('page.revision', { revision: words.number(context.revision.number), when: words.instant(context.revision.at) })}</a> · <a href="${words.link(`/elections/${provisioning.election}/tables`)}">${words.say('tables.title')}</a></p></div>
${!isVotingOver(provisioning, context.revision.at) && html`<p class="partial" role="note">${words.say('page.not_yet')}</p>`}
${slipTiles(words, sums.slips, number)}
${before}
<dl class="people">${people.map(([kind, value]) => html`<div><dt>${words.say(`people.${kind}`)}</dt><dd data-key="people-${kind}">${number('people', kind, value)}</dd></div>`)}</dl>
${sums.slips.missing > 0 && sums.slips.received > 0 && html`<p class="partial" role="note">${words.say('page.partial', { received: words.number(sums.slips.received), expected: words.number(sums.slips.expected) })}</p>`}
<div class="contests">${view.contests.map((contest) => contestSection(words, contest, sums.slips, number))}</div>
${placesSection(words, context, view)}
${stationsSection(words, context, view)}
${downloads(words, view)}`;
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

/** The list of elections, where the province counts none or several. */
export function electionsPage(locale: Locale, elections: readonly Provisioning[]): Html {
  const words = wordsIn(locale, 0);
  const items = elections.map(
    (one) =>
      html`<li><a href="${words.link(`/elections/${one.election}`)}">${words.name(one.package.title)}</a> ${one.package.demonstration && html`<span class="pill rehearsal-pill">${words.say('page.rehearsal')}</span>`}</li>`,
  );
  return page(
    {
      locale,
      title: words.say('page.site'),
      otherLanguageHref: otherLanguage(locale, '/'),
      homeHref: words.link('/'),
      rehearsal: false,
    },
    html`<section class="panel"><h1>${words.say('page.elections')}</h1>${elections.length === 0 ? html`<p>${words.say('page.no_election')}</p>` : html`<ul class="elections">${items}</ul>`}</section>`,
  );
}
