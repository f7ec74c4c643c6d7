/** The revision log and the cross-tables, as pages for everyone. */
import type { Provisioning } from '@sandoq/protocol';
import type { CrossTable, CrossTablesJson } from '../publication/cross-tables.ts';
import type { RevisionLine } from '../publication/revisions.ts';
import { type Html, html } from '../web/html.ts';
import { otherLanguage, page } from '../web/page.ts';
import { drillHref } from './drill-page.ts';
import type { PageContext } from './results-page.ts';
import { type Words, wordsIn } from './words.ts';

function framed(
  context: PageContext,
  provisioning: Provisioning,
  title: string,
  body: Html,
  words: Words,
): Html {
  const root = `/elections/${provisioning.election}`;
  return page(
    {
      locale: context.locale,
      title: `${title} — ${words.say('page.site')}`,
      otherLanguageHref: otherLanguage(context.locale, context.path),
      homeHref: words.link('/'),
      rehearsal: provisioning.package.demonstration,
      eventsPath: context.eventsPath,
    },
    html`<div data-state="${context.state}"></div>
<nav class="crumbs" aria-label="${words.say('page.crumbs')}"><a href="${words.link(root)}">${words.name(provisioning.package.title)}</a> ‹ <bdi>${title}</bdi></nav>
<div class="head"><h1>${title}</h1></div>${body}`,
  );
}

/** Items of one revision that are named on the page; the whole list is in the JSON. */
const ITEMS_SHOWN_MAX = 12;

export function revisionsPage(
  context: PageContext,
  provisioning: Provisioning,
  lines: readonly RevisionLine[],
): Html {
  const words = wordsIn(context.locale, provisioning.package.settings.utcOffsetMinutes);
  const { election } = provisioning;
  const rows = lines.map(({ revision, at, received, missing, disputed, items, sha256 }) => {
    const named = items
      .slice(0, ITEMS_SHOWN_MAX)
      .map(
        ({ station, version }) =>
          html`<li><a href="${words.link(`/elections/${election}/slips/${station}`)}"><bdi>${provisioning.stations.get(station as never)?.name[context.locale] ?? station}</bdi></a>${version > 1 && html` (${words.say('revisions.correction', { version: words.number(version) })})`}</li>`,
      );
    const more = items.length - named.length;
    return html`<tr><th scope="row" class="number">${words.number(revision)}</th><td class="when">${words.instant(at)}</td><td class="number">${words.number(received)}</td><td class="number">${words.number(missing)}</td><td class="number">${words.number(disputed)}</td><td><ul class="items">${named}${more > 0 && html`<li>${words.say('revisions.more', { count: words.number(more) })}</li>`}</ul><details id="digest-${revision}"><summary>${words.say('revisions.digests')}</summary><dl class="digests">${(['json', 'csv', 'nist'] as const).map((kind) => html`<div><dt>${kind.toUpperCase()}</dt><dd><code dir="ltr">${sha256[kind]}</code></dd></div>`)}</dl></details></td></tr>`;
  });
  const body = html`<section class="panel"><p class="quiet">${words.say('revisions.note')}</p><div class="scroll"><table class="revisions"><thead><tr><th scope="col" class="number">${words.say('revisions.number')}</th><th scope="col">${words.say('revisions.at')}</th><th scope="col" class="number">${words.say('slips.received')}</th><th scope="col" class="number">${words.say('slips.missing')}</th><th scope="col" class="number">${words.say('slips.disputed')}</th><th scope="col">${words.say('revisions.items')}</th></tr></thead><tbody>${rows}</tbody></table></div>
<ul class="downloads"><li><a href="/api/elections/${election}/revisions">${words.say('revisions.as_json')}</a></li></ul></section>`;
  return framed(context, provisioning, words.say('page.revisions'), body, words);
}

function tableSection(words: Words, election: string, table: CrossTable): Html {
  const heading = (column: string): string =>
    words.term(table.table === 'documents' ? 'document' : 'assistance', column);
  const cell = (value: number | null): Html =>
    value === null
      ? html`<td class="number withheld" title="${words.say('tables.withheld')}"><span aria-label="${words.say('tables.withheld')}">•</span></td>`
      : html`<td class="number">${words.number(value)}</td>`;
  const rows = table.rows.map(
    ({ province, county, cells, total }) =>
      html`<tr><th scope="row"><a href="${words.link(`/elections/${election}/places/${encodeURIComponent(province)}/${encodeURIComponent(county)}`)}"><bdi>${county}</bdi></a></th>${cells.map(cell)}<td class="number"><a href="${words.link(drillHref('/elections', election, 'people', 'admitted', [province, county]))}">${words.number(total)}</a></td></tr>`,
  );
  const totals = table.totals.map((value) => html`<td class="number">${words.number(value)}</td>`);
  const whole = table.totals.reduce((sum, value) => sum + value, 0);
  return html`<section class="panel" aria-labelledby="table-${table.table}"><h2 id="table-${table.table}">${words.say(`tables.${table.table}`)}</h2><div class="scroll"><table><thead><tr><th scope="col">${words.say('places.place')}</th>${table.columns.map((column) => html`<th scope="col" class="number">${heading(column)}</th>`)}<th scope="col" class="number">${words.say('tables.total')}</th></tr></thead><tbody>${rows}<tr class="province"><th scope="row">${words.say('tables.total')}</th>${totals}<td class="number">${words.number(whole)}</td></tr></tbody></table></div></section>`;
}

export function tablesPage(context: PageContext, provisioning: Provisioning, tables: CrossTablesJson): Html {
  const words = wordsIn(context.locale, provisioning.package.settings.utcOffsetMinutes);
  const note =
    tables.small_cell_min > 1 &&
    html`<p class="quiet">${words.say('tables.note', { last: words.number(tables.small_cell_min - 1) })}</p>`;
  const body = html`${note}${tables.tables.map((table) => tableSection(words, provisioning.election, table))}`;
  return framed(context, provisioning, words.say('tables.title'), body, words);
}
