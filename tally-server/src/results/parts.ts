/** Pieces of the results pages. */

import type { Certificate, CitedArticle } from '@sandoq/protocol/law';
import { countsIn } from '../intake/held.ts';
import type { SlipCount, StationStanding, StationState } from '../totals/totals.ts';
import { type Html, html } from '../web/html.ts';
import type { CandidateLine, ContestView } from './view.ts';
import type { Words } from './words.ts';

/** A number of a page as a link to where it comes from. */
export type NumberLink = (of: string, line: string, value: number) => Html;

const BAR_UNITS = 1000;

/** A bar drawn with attributes, because the pages allow no inline style. */
export const bar = (share: number, kind: string): Html => {
  const width = Math.max(0, Math.min(BAR_UNITS, Math.round(share * BAR_UNITS)));
  return html`<svg class="bar ${kind}" viewBox="0 0 ${BAR_UNITS} 10" preserveAspectRatio="none" aria-hidden="true" focusable="false"><rect class="track" width="${BAR_UNITS}" height="10"></rect><rect class="fill" width="${width}" height="10"></rect></svg>`;
};

export function slipTiles(words: Words, slips: SlipCount, number: NumberLink): Html {
  const share = (value: number): number => (slips.expected === 0 ? 0 : value / slips.expected);
  const tile = (kind: 'expected' | 'received' | 'missing' | 'disputed', value: number): Html => html`
<div class="tile ${kind}${value === 0 ? ' none' : ''}">
  <dt>${words.say(`slips.${kind}`)}</dt>
  <dd data-key="slips-${kind}">${number('slips', kind, value)}</dd>
  ${kind !== 'expected' && bar(share(value), kind)}
</div>`;
  return html`<dl class="tiles">${tile('expected', slips.expected)}${tile('received', slips.received)}${tile('missing', slips.missing)}${tile('disputed', slips.disputed)}</dl>`;
}

export const statePill = (words: Words, state: StationState): Html =>
  html`<span class="pill ${state}">${words.say(`state.${state}`)}</span>`;

/** Why a slip is disputed, in sentences. */
export const disputeList = (words: Words, disputes: readonly string[]): Html =>
  html`<ul class="disputes">${disputes.map((code) => html`<li>${words.term(code === 'minutes_refused' ? 'dispute' : 'refusal', code)}</li>`)}</ul>`;

function candidateRow(words: Words, contest: ContestView, line: CandidateLine, number: NumberLink): Html {
  return html`<tr class="${line.fate ?? ''}">
  <th scope="row"><span class="code" title="${words.say('contest.code')}">${words.code(line.code)}</span><span class="who">${words.name(line.name)}${line.fate !== undefined && html` <span class="fate ${line.fate}">${words.say(`fate.${line.fate}`)}</span>`}</span></th>
  <td class="bars">${bar(line.bar, 'votes')}</td>
  <td class="number" data-key="${contest.id}-${line.code}">${number(contest.id, line.code, line.votes)}</td>
  <td class="number share">${words.percent(line.share)}</td>
</tr>`;
}

const articleText = (words: Words, { key, article }: CitedArticle): Html =>
  html`<li>${words.term('article', key)}${article === null && html` <small>(${words.say('article.unverified')})</small>`}</li>`;

/** What the law makes of the sums, with its articles; provisional while slips are missing. */
function verdict(words: Words, certificate: Certificate, slips: SlipCount): Html {
  const { elected, runoff, vacant, undecided } = certificate;
  const lines = [
    elected.length > 0 &&
      words.say('outcome.elected', {
        count: words.number(elected.length),
        seats: words.number(certificate.seats),
      }),
    runoff !== null &&
      words.say('outcome.runoff', { seats: words.number(runoff.seats), places: words.number(runoff.places) }),
    undecided > 0 && words.say('outcome.tied', { seats: words.number(undecided) }),
    vacant.length > 0 &&
      words.say('outcome.vacant', { seats: words.number(vacant.reduce((sum, { seats }) => sum + seats, 0)) }),
  ].filter((line) => line !== false);
  const thresholds = certificate.thresholds.map((report) =>
    words.say('outcome.threshold', {
      base: words.say(`denominator.${report.of}`),
      needed: words.number(report.needed),
      applied: report.applied ? words.say('outcome.applied') : words.say('outcome.beside'),
    }),
  );
  const open = slips.missing > 0 || slips.disputed > 0;
  return html`<div class="verdict">
  <p><strong>${open ? words.say('outcome.provisional') : words.say('outcome.complete')}</strong> ${lines.join(' ')}</p>
  <details id="law-${certificate.contest}"><summary>${words.say('outcome.why')}</summary><ul>${thresholds.map((line) => html`<li>${line}</li>`)}${certificate.articles.map((article) => articleText(words, article))}</ul></details>
</div>`;
}

export function contestSection(
  words: Words,
  contest: ContestView,
  slips: SlipCount,
  number: NumberLink,
): Html {
  const { sum } = contest;
  const first = contest.lines.slice(0, contest.shown);
  const rest = contest.lines.slice(contest.shown);
  const table = (lines: readonly CandidateLine[], caption: string): Html => html`<table class="candidates">
<caption class="hidden">${caption}</caption>
<thead><tr><th scope="col">${words.say('contest.candidate')}</th><td></td><th scope="col" class="number">${words.say('contest.votes')}</th><th scope="col" class="number">${words.say('contest.share')}</th></tr></thead>
<tbody>${lines.map((line) => candidateRow(words, contest, line, number))}</tbody></table>`;
  const counts = [
    ['records', sum.records],
    ['valid', sum.valid],
    ['blank', sum.blank],
    ['invalid', sum.invalid],
  ] as const;
  return html`<section class="panel contest" id="contest-${contest.id}" aria-labelledby="title-${contest.id}">
<h2 id="title-${contest.id}">${words.name(contest.title)}</h2>
<p class="quiet">${words.term('law', contest.law)} · ${words.say('contest.seats', { seats: words.number(contest.seats), choices: words.number(contest.choicesMax) })} · ${words.say('contest.base', { base: words.say(`denominator.${contest.denominator}`) })}</p>
<dl class="counts">${counts.map(([kind, value]) => html`<div><dt>${words.say(`count.${kind}`)}</dt><dd data-key="${contest.id}-${kind}">${number(contest.id, kind, value)}</dd></div>`)}</dl>
${table(first, words.name(contest.title))}
${rest.length > 0 && html`<details class="rest" id="rest-${contest.id}"><summary>${words.say('contest.more', { count: words.number(rest.length) })}</summary>${table(rest, words.name(contest.title))}</details>`}
${contest.certificate !== undefined && verdict(words, contest.certificate, slips)}
</section>`;
}

/** @param base where the election's pages begin */
export function stationRow(words: Words, base: string, { station, state, slip }: StationStanding): Html {
  const path = `${base}/slips/${station.id}`;
  const { place } = station;
  const search = [
    station.id,
    station.name.fa,
    station.name.en,
    place.province,
    place.county,
    place.district,
    words.say(`state.${state}`),
  ]
    .join(' ')
    .toLowerCase();
  return html`<tr class="${state}" data-search="${search}">
  <th scope="row">${slip === undefined ? html`<span>${words.name(station.name)}</span>` : html`<a href="${words.link(path)}">${words.name(station.name)}</a>`}<small class="id" dir="ltr">${station.id}</small></th>
  <td class="place" dir="ltr">${place.county}</td>
  <td>${statePill(words, state)}${slip !== undefined && slip.disputes.length > 0 && disputeList(words, slip.disputes)}</td>
  <td class="number" data-key="cast-${station.id}">${slip === undefined ? '—' : html`<a href="${words.link(path)}">${words.number(countsIn(slip.checked)[0] as number)}</a>`}</td>
  <td class="when">${slip === undefined ? '—' : words.instant(slip.receivedAt)}</td>
</tr>`;
}
