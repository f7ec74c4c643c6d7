/** The page of one slip: its totals, every ledger worked out, its signers, its digests, and the bytes themselves. */
import { type Provisioning, type records, toHex } from '@sandoq/protocol';
import { correctionOf, type HeldSlip } from '../intake/intake.ts';
import { type Html, html } from '../web/html.ts';
import { otherLanguage, page } from '../web/page.ts';
import { disputeList, statePill } from './parts.ts';
import type { PageContext } from './results-page.ts';
import { type Words, wordsIn } from './words.ts';

interface Term {
  readonly label: string;
  readonly value: number;
}

/** One ledger as a sum: a left side, and the terms that it must equal. */
function ledger(words: Words, title: string, left: Term, terms: readonly Term[], holds: boolean): Html {
  const cell = ({ label, value }: Term): Html =>
    html`<span class="term"><b>${words.number(value)}</b><small>${label}</small></span>`;
  return html`<li class="${holds ? 'holds' : 'broken'}"><h3>${title}</h3><p class="equation">${cell(left)}<i>=</i>${terms.map((term, i) => html`${i > 0 && html`<i>+</i>`}${cell(term)}`)}<span class="mark" role="img" aria-label="${words.say(holds ? 'ledger.holds' : 'ledger.broken')}">${holds ? '✓' : '✗'}</span></p></li>`;
}

const total = (terms: readonly Term[]): number => terms.reduce((sum, { value }) => sum + value, 0);

function ledgers(words: Words, election: records.Package, slip: records.Slip): Html {
  const term = (key: Parameters<Words['say']>[0], value: number): Term => ({ label: words.say(key), value });
  const one = (title: string, left: Term, terms: readonly Term[]): Html =>
    ledger(words, title, left, terms, left.value === total(terms));
  const { tarefe, papers, slots, admissions } = slip;
  const contests = slip.totals.flatMap((sum, i) => {
    const contest = election.contests[i];
    if (contest === undefined) return [];
    const title = words.name(contest.title);
    return [
      one(words.say('ledger.contest_records', { contest: title }), term('count.records', sum.records), [
        term('count.valid', sum.valid),
        term('count.blank', sum.blank),
        term('count.invalid', sum.invalid),
      ]),
      one(
        words.say('ledger.contest_marks', { contest: title }),
        {
          label: words.say('ledger.valid_times', { choices: words.number(contest.choicesMax) }),
          value: sum.valid * contest.choicesMax,
        },
        [term('count.marks', sum.marks), term('count.undervotes', sum.undervotes)],
      ),
    ];
  });
  return html`<ul class="ledgers">
${one(words.say('ledger.tarefe'), term('tarefe.issued', tarefe.issued), [
  term('tarefe.cast', tarefe.cast),
  term('tarefe.returned', tarefe.returned),
  term('tarefe.spoiled', tarefe.spoiled),
  term('tarefe.abandoned', tarefe.abandoned),
  term('tarefe.outstanding', tarefe.outstanding),
])}
${one(words.say('ledger.papers'), term('papers.printed', papers.printed), [
  term('papers.in_bin', papers.inBin),
  term('papers.rejected', papers.rejected),
  term('papers.retained', papers.retained),
])}
${contests}
${one(words.say('ledger.slots_station'), term('slots.box', slots.box), [term('slots.station', slots.station)])}
${one(words.say('ledger.slots_tallied'), term('slots.box', slots.box), [term('slots.tallied', slots.tallied)])}
${one(words.say('ledger.admissions'), term('people.admitted', admissions.admitted), [
  term('people.local', admissions.local),
  term('people.visiting', admissions.visiting),
])}
${one(
  words.say('ledger.documents'),
  term('people.admitted', admissions.admitted),
  admissions.byDocument.map(({ document, count }) => term(`document.${document}`, count)),
)}
</ul>`;
}

/** Lines shown at once: who follows a number down here looks for the first ones. */
const LINES_SHOWN = 12;

interface VoteLine {
  readonly candidate: records.Candidate;
  readonly votes: number;
}

function voteTable(words: Words, lines: readonly VoteLine[]): Html {
  const rows = lines.map(
    ({ candidate, votes }) =>
      html`<tr><th scope="row"><span class="code">${words.code(candidate.code)}</span><span class="who">${words.name(candidate.name)}</span></th><td class="number">${words.number(votes)}</td></tr>`,
  );
  return html`<table class="candidates"><thead><tr><th scope="col">${words.say('contest.candidate')}</th><th scope="col" class="number">${words.say('contest.votes')}</th></tr></thead><tbody>${rows}</tbody></table>`;
}

function totals(words: Words, provisioning: Provisioning, slip: records.Slip): readonly Html[] {
  return slip.totals.map((sum, i) => {
    const lines = (provisioning.candidateLists[i]?.candidates ?? [])
      .map((candidate, k) => ({ candidate, votes: sum.candidates[k] ?? 0, k }))
      .sort((a, b) => b.votes - a.votes || a.k - b.k);
    const rest = lines.slice(LINES_SHOWN);
    const contest = provisioning.package.contests[i];
    if (contest === undefined) throw new Error('a held slip with a contest that the package does not have');
    const counts = (['records', 'valid', 'blank', 'invalid'] as const).map(
      (kind) => html`<div><dt>${words.say(`count.${kind}`)}</dt><dd>${words.number(sum[kind])}</dd></div>`,
    );
    return html`<section class="panel"><h2>${words.name(contest.title)}</h2>
<dl class="counts">${counts}</dl>
${voteTable(words, lines.slice(0, LINES_SHOWN))}
${rest.length > 0 && html`<details class="rest" id="rest-${contest.id}"><summary>${words.say('contest.more', { count: words.number(rest.length) })}</summary>${voteTable(words, rest)}</details>`}</section>`;
  });
}

function signers(words: Words, held: HeldSlip): Html {
  const rows = held.checked.approvals.map(
    ({ signer, role, refused, remark }) =>
      html`<tr class="${refused ? 'disputed' : ''}"><th scope="row">${words.say(`role.${role}`)}</th><td><code dir="ltr">${signer}</code></td><td>${words.say(refused ? 'slip.signed_refusing' : 'slip.signed')}${remark !== undefined && html`<q>${remark}</q>`}</td></tr>`,
  );
  return html`<section class="panel"><h2>${words.say('slip.signers')}</h2><p class="quiet">${words.say('slip.signers_note')}</p><div class="scroll"><table class="signers"><tbody>${rows}</tbody></table></div></section>`;
}

function digests(words: Words, held: HeldSlip, base: string): Html {
  const { checked } = held;
  const lines = [
    ['slip.digest_slip', toHex(checked.slipDigest)],
    ['slip.digest_bundle', toHex(held.bundleDigest)],
    ['slip.digest_package', toHex(checked.slip.packageDigest)],
    ...checked.sessions.map(({ sessionId }) => ['slip.session', toHex(sessionId)] as const),
    ...checked.commitments.map(({ setRoot }) => ['slip.set_root', toHex(setRoot)] as const),
  ] as const;
  return html`<section class="panel"><h2>${words.say('slip.digests')}</h2><dl class="digests">${lines.map(([key, text]) => html`<div><dt>${words.say(key)}</dt><dd><code dir="ltr">${text}</code></dd></div>`)}</dl>
<ul class="downloads"><li><a href="${base}/bundle" download>${words.say('slip.download_bundle')}</a></li><li><a href="${base}/receipt" download>${words.say('slip.download_receipt')}</a></li><li><a href="${base}">${words.say('slip.as_json')}</a></li></ul></section>`;
}

/** Every version of the result, the one that stands last: nothing that was published goes away. */
function versions(words: Words, held: HeldSlip, base: string): Html | undefined {
  if (held.versions.length === 1) return undefined;
  const rows = held.versions.map((one) => {
    const corrected = correctionOf(one);
    const what =
      corrected === undefined ? words.say('slip.first_version') : words.name(corrected.correction.reason);
    return html`<tr><th scope="row">${words.number(one.version)}</th><td>${what}${corrected !== undefined && html`<small class="quiet">${words.say('slip.boards')}</small>`}</td><td class="when">${words.instant(one.receivedAt)}</td><td><a href="${base}/bundle?version=${one.version}" download>${words.say('slip.download_bundle')}</a></td></tr>`;
  });
  return html`<section class="panel" id="versions"><h2>${words.say('slip.versions')}</h2><p class="quiet">${words.say('slip.versions_note')}</p><div class="scroll"><table class="signers"><tbody>${rows}</tbody></table></div></section>`;
}

export function slipPage(context: PageContext, provisioning: Provisioning, held: HeldSlip): Html {
  const { checked } = held;
  const { station, slip } = checked;
  const words = wordsIn(context.locale, provisioning.package.settings.utcOffsetMinutes);
  const root = `${context.prefix}/${provisioning.election}`;
  const base = `/api/elections/${provisioning.election}/slips/${station.id}`;
  const facts = [
    ['slip.closed_at', words.instant(slip.closedAt)],
    ['slip.received_at', words.instant(held.receivedAt)],
    [
      'slip.powered',
      checked.commitments.map(({ poweredMinutes }) => words.number(poweredMinutes)).join('، '),
    ],
  ] as const;
  const body = html`<nav class="crumbs" aria-label="${words.say('page.crumbs')}"><a href="${words.link(root)}">${words.name(provisioning.package.title)}</a> ‹ <a href="${words.link(`${root}/places/${station.place.province}/${station.place.county}`)}"><bdi>${station.place.county}</bdi></a></nav>
<div class="head"><h1>${words.name(station.name)} ${statePill(words, held.disputes.length > 0 ? 'disputed' : 'received')}</h1>
<p class="quiet">${words.say('slip.station')} <code dir="ltr">${station.id}</code></p></div>
${held.version > 1 && html`<p class="partial" role="note">${words.say('slip.corrected', { version: words.number(held.version) })}</p>`}
${held.disputes.length > 0 && html`<section class="panel disputed-note"><h2>${words.say('slip.disputed_title')}</h2>${disputeList(words, held.disputes)}</section>`}
<dl class="people">${facts.map(([key, text]) => html`<div><dt>${words.say(key)}</dt><dd>${text}</dd></div>`)}</dl>
<div class="contests">${totals(words, provisioning, slip)}</div>
<section class="panel"><h2>${words.say('slip.ledgers')}</h2><p class="quiet">${words.say('slip.ledgers_note')}</p>${ledgers(words, provisioning.package, slip)}</section>
${versions(words, held, base)}
${signers(words, held)}
${digests(words, held, base)}`;
  return page(
    {
      locale: context.locale,
      title: `${words.name(station.name)} — ${words.say('page.site')}`,
      otherLanguageHref: otherLanguage(context.locale, context.path),
      homeHref: words.link('/'),
      rehearsal: slip.mode === 'rehearsal',
    },
    body,
  );
}
