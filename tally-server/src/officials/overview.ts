/** What an official looks at first: what is missing, what disagrees and why, what may be worth a call. */
import type { Provisioning } from '@sandoq/protocol';
import { type PublicationRules, signaturesMissing } from '../publication/release.ts';
import type { Finding } from '../reconciliation/reconcile.ts';
import { findingSentence } from '../reconciliation/sentences.ts';
import { SLIP_EQUATIONS, type SlipReconciliation } from '../reconciliation/slips.ts';
import { disputeList } from '../results/parts.ts';
import type { Words } from '../results/words.ts';
import type { Hints } from '../totals/hints.ts';
import type { StationStanding } from '../totals/totals.ts';
import { type Html, html } from '../web/html.ts';

/** Lines shown of each list; how many more there are is said. */
export const LINES_SHOWN_MAX = 40;

export interface Overview {
  readonly provisioning: Provisioning;
  readonly rules: PublicationRules;
  readonly standings: readonly StationStanding[];
  readonly lastSeen: (station: string) => number | undefined;
  readonly reconciliation: SlipReconciliation;
  readonly hints: Hints;
  /** stations with a paper count that waits for its second entry, or whose entries differ */
  readonly paperWaiting: readonly {
    readonly station: string;
    readonly state: 'waiting' | 'differ' | 'agreed';
  }[];
}

const more = (words: Words, all: number): Html | undefined =>
  all > LINES_SHOWN_MAX
    ? html`<p class="quiet">${words.say('official.more', { count: words.number(all - LINES_SHOWN_MAX) })}</p>`
    : undefined;

const stationLink = (words: Words, provisioning: Provisioning, { station, slip }: StationStanding): Html =>
  slip === undefined
    ? html`<span>${words.name(station.name)}</span> <small class="id" dir="ltr">${station.id}</small>`
    : html`<a href="${words.link(`/officials/${provisioning.election}/slips/${station.id}`)}">${words.name(station.name)}</a> <small class="id" dir="ltr">${station.id}</small>`;

const section = (id: string, title: string, note: string, body: Html): Html =>
  html`<section class="panel official" aria-labelledby="${id}"><h2 id="${id}">${title}</h2><p class="quiet">${note}</p>${body}</section>`;

function missing(words: Words, { provisioning, standings, lastSeen }: Overview): Html {
  const all = standings.filter(({ state }) => state === 'missing');
  const rows = all.slice(0, LINES_SHOWN_MAX).map((one) => {
    const { province, county } = one.station.place;
    const seen = lastSeen(one.station.id);
    const paper = `/officials/${provisioning.election}/paper/${one.station.id}`;
    return html`<tr><th scope="row">${stationLink(words, provisioning, one)}</th><td><bdi>${province}</bdi> ‹ <bdi>${county}</bdi></td><td class="when">${seen === undefined ? words.say('official.never_seen') : words.instant(seen)}</td><td><a href="${words.link(paper)}">${words.say('official.paper')}</a></td></tr>`;
  });
  return section(
    'missing',
    words.say('official.missing', { count: words.number(all.length) }),
    words.say('official.missing_note'),
    html`<p><a href="${words.link(`/officials/${provisioning.election}/reading`)}">${words.say('official.reading')}</a></p>${
      all.length === 0
        ? html`<p>${words.say('official.none_missing')}</p>`
        : html`<div class="scroll"><table><thead><tr><th scope="col">${words.say('stations.name')}</th><th scope="col">${words.say('places.place')}</th><th scope="col">${words.say('official.last_seen')}</th><td></td></tr></thead><tbody>${rows}</tbody></table></div>${more(words, all.length)}`
    }`,
  );
}

function findings(words: Words, of: readonly Finding[]): Html {
  const said = of.map((finding) => {
    const named =
      finding.kind === 'equation'
        ? { ...finding, equation: words.term('equation', finding.equation) }
        : finding;
    return html`<li>${findingSentence(words.locale, [], named)}</li>`;
  });
  return html`<ul class="disputes">${said}</ul>`;
}

function disagreeing(words: Words, overview: Overview): Html {
  const { provisioning, standings, rules, reconciliation, paperWaiting } = overview;
  const paper = new Map(paperWaiting.map(({ station, state }) => [station, state]));
  const all = standings.flatMap((one) => {
    const unsigned = one.slip === undefined ? [] : signaturesMissing(rules, one.slip);
    const disputes = one.slip?.disputes ?? [];
    const own = reconciliation.byStation.get(one.station.id) ?? [];
    const state = paper.get(one.station.id);
    const nothing = disputes.length + unsigned.length + own.length === 0 && state === undefined;
    return nothing ? [] : [{ one, unsigned, disputes, own, state }];
  });
  const rows = all
    .slice(0, LINES_SHOWN_MAX)
    .map(
      ({ one, unsigned, disputes, own, state }) =>
        html`<tr class="disputed"><th scope="row">${stationLink(words, provisioning, one)}</th><td>${disputes.length > 0 && disputeList(words, disputes)}${own.length > 0 && findings(words, own)}${unsigned.length > 0 && html`<p>${words.say('official.unsigned', { roles: unsigned.map((role) => words.term('role', role)).join('، ') })}</p>`}${state !== undefined && html`<p><a href="${words.link(`/officials/${provisioning.election}/paper/${one.station.id}`)}">${words.say(`official.paper_${state}`)}</a></p>`}</td></tr>`,
    );
  const places = reconciliation.places.slice(0, LINES_SHOWN_MAX);
  return section(
    'disagreeing',
    words.say('official.disagreeing', { count: words.number(all.length + places.length) }),
    words.say('official.disagreeing_note', { count: words.number(SLIP_EQUATIONS.length) }),
    html`${all.length + places.length === 0 ? html`<p>${words.say('official.none_disagreeing')}</p>` : html`<div class="scroll"><table><tbody>${rows}</tbody></table></div>`}${places.length > 0 && findings(words, places)}${more(words, all.length)}`,
  );
}

function hints(words: Words, { provisioning, hints: found, standings }: Overview): Html {
  const value = (kind: string, one: number): string =>
    kind === 'rate' ? words.number(Math.round(one)) : words.percent(one);
  const byId = new Map(standings.map((one) => [one.station.id, one]));
  const rows = found.stations.map(({ kind, station, contest, value: own, usual }) => {
    const title = contest === undefined ? undefined : provisioning.package.contests[contest]?.title;
    return html`<tr><th scope="row">${stationLink(words, provisioning, byId.get(station.id) ?? { station, state: 'missing' })}</th><td>${words.say(`hint.${kind}`)}${title !== undefined && html` <small>${words.name(title)}</small>`}</td><td class="number">${value(kind, own)}</td><td class="number">${value(kind, usual)}</td></tr>`;
  });
  const digits = found.digits.map(
    ({ province, county, numbers, chiSquare }) =>
      html`<li>${words.say('hint.last_digit', { place: `${province} ‹ ${county}`, numbers: words.number(numbers), value: words.number(Math.round(chiSquare)) })}</li>`,
  );
  const none = rows.length + digits.length === 0;
  return section(
    'hints',
    words.say('official.hints'),
    words.say('official.hints_note'),
    none
      ? html`<p>${words.say(found.compared ? 'official.no_hints' : 'official.too_few')}</p>`
      : html`${rows.length > 0 && html`<div class="scroll"><table><thead><tr><th scope="col">${words.say('stations.name')}</th><th scope="col">${words.say('official.what')}</th><th scope="col" class="number">${words.say('official.here')}</th><th scope="col" class="number">${words.say('official.usual')}</th></tr></thead><tbody>${rows}</tbody></table></div>`}${digits.length > 0 && html`<ul>${digits}</ul>`}`,
  );
}

export const overviewSections = (words: Words, overview: Overview): Html =>
  html`<div class="officials">${missing(words, overview)}${disagreeing(words, overview)}${hints(words, overview)}</div>`;
