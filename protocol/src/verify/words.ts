/** A verdict in words, Persian or English: for the reader who does not read JSON. Pure. */
import type { Certificate } from '../law/outcome.ts';
import { formatInteger, localizeDigits } from '../persian/digits.ts';
import { joinList } from '../persian/list.ts';
import type { Locale } from '../persian/locale.ts';
import type { Fault } from './publication.ts';
import { isTextKey, type TextKey, textOf } from './texts.ts';
import type { Verdict, Verified } from './verdict.ts';

type Package = NonNullable<Verified['provisioning']>;

/** Lists longer than this are cut, with the rest counted; the JSON has all. */
export const LISTED_MAX = 20;

/** Codes and paths run from left to right in any text: isolated by U+2068 and U+2069. */
const isolated = (text: string): string => `\u2068${text}\u2069`;
/** Text from files, safe to show in a terminal: no control or direction characters, cut short. */
const SHOWN_MAX = 200;
export const plain = (text: string): string =>
  text
    .slice(0, SHOWN_MAX)
    .replace(
      /[\p{Cc}\u200e\u200f\u2028-\u202e\u2066-\u2069]/gu,
      (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
    );

const GROUPS: readonly (readonly [RegExp, TextKey])[] = [
  [/^(ledger|segment)_/, 'fault.of_ledger'],
  [/^approval_/, 'fault.of_approval'],
  [/^(checkpoint|tile|entry|root)_/, 'fault.of_bulletin'],
];

function whatOf({ code }: Fault, locale: Locale): string {
  const own = `fault.${code}`;
  if (isTextKey(own)) return textOf(locale, own);
  const group = GROUPS.find(([pattern]) => pattern.test(code))?.[1] ?? 'fault.of_record';
  return textOf(locale, group, { code: isolated(code) });
}

function whoseOf({ whose }: Fault, locale: Locale): string {
  if (whose === 'publisher') return textOf(locale, 'whose.publisher');
  if (whose === 'authority') return textOf(locale, 'whose.authority');
  if (whose === 'province/intake') return textOf(locale, 'whose.intake');
  return isolated(plain(whose));
}

function faultLine(fault: Fault, locale: Locale): string {
  const place = [fault.file, fault.at].filter((part) => part !== '').join(': ');
  return textOf(locale, 'verify.fault', {
    where: place === '' ? textOf(locale, 'verify.folder') : isolated(plain(place)),
    what: whatOf(fault, locale),
    whose: whoseOf(fault, locale),
    wanted: isolated(plain(fault.wanted)),
  });
}

function listed(items: readonly string[], locale: Locale): string {
  const shown = items.slice(0, LISTED_MAX).map((item) => isolated(plain(item)));
  const rest = items.length - shown.length;
  if (rest > 0) shown.push(textOf(locale, 'verify.more', { count: formatInteger(rest, locale) }));
  return joinList(shown, locale);
}

/** Laws that the code itself cites have their Persian names; another from the package stands as it is written. */
const LAW_KEYS: readonly TextKey[] = [
  'law.package',
  'law.constitution',
  'law.majles',
  'law.president',
  'law.experts',
  'law.councils',
];

function articleLine({ law, article }: Certificate['articles'][number], locale: Locale): string {
  const key = LAW_KEYS.find((known) => textOf('en', known) === law);
  const name = key === undefined ? isolated(plain(law)) : textOf(locale, key);
  if (article === null) return textOf(locale, 'verify.article', { law: name });
  const note = textOf(locale, 'verify.note', {});
  const number = localizeDigits(plain(article).replace(', note ', note), locale);
  return textOf(locale, 'verify.article_numbered', { law: name, article: number });
}

function contestLines(
  provisioning: Package,
  certificate: Certificate,
  index: number,
  locale: Locale,
): readonly string[] {
  const number = (value: number): string => formatInteger(value, locale);
  const contest = provisioning.package.contests[index];
  const candidates = provisioning.candidateLists[index]?.candidates ?? [];
  const nameOf = (id: string): string =>
    plain(candidates.find(({ code }) => code === id)?.name[locale] ?? id);
  const person = (one: { readonly candidate: string; readonly votes: number }) => ({
    name: nameOf(one.candidate),
    code: localizeDigits(one.candidate, locale),
    votes: number(one.votes),
  });
  const { counts, seats, elected, alternates, runoff, vacant, undecided, articles } = certificate;
  const lines = [
    textOf(locale, 'verify.contest', {
      title: plain(contest?.title[locale] ?? certificate.contest),
      valid: number(counts.valid),
      blank: number(counts.blank),
      invalid: number(counts.invalid),
      seats: number(seats),
    }),
    ...elected.map((one) =>
      textOf(locale, one.by === 'lot' ? 'verify.elected_by_lot' : 'verify.elected', person(one)),
    ),
    ...alternates.map((one) =>
      textOf(locale, 'verify.alternate', { place: number(one.place), ...person(one) }),
    ),
  ];
  if (runoff !== null)
    lines.push(
      textOf(locale, 'verify.runoff', {
        seats: number(runoff.seats),
        candidates: joinList(
          runoff.candidates.map(({ candidate }) => nameOf(candidate)),
          locale,
        ),
      }),
    );
  for (const one of vacant) lines.push(textOf(locale, 'verify.vacant', { seats: number(one.seats) }));
  if (undecided > 0) lines.push(textOf(locale, 'verify.undecided', { seats: number(undecided) }));
  for (const { order, between } of certificate.ties)
    if (order === null)
      lines.push(textOf(locale, 'verify.tie', { between: joinList(between.map(nameOf), locale) }));
  lines.push(...new Set(articles.map((cited) => articleLine(cited, locale))));
  return lines;
}

function slipLines(verdict: Verdict, locale: Locale): readonly string[] {
  const number = (value: number): string => formatInteger(value, locale);
  const { slips, missing, disputed, corrected } = verdict;
  if (slips === null) return [];
  const lines = [
    textOf(locale, 'verify.slips', {
      expected: number(slips.expected),
      received: number(slips.received),
      missing: number(slips.missing),
      disputed: number(slips.disputed),
    }),
  ];
  if (missing.length > 0) lines.push(textOf(locale, 'verify.missing', { stations: listed(missing, locale) }));
  for (const { station, reasons } of disputed.slice(0, LISTED_MAX))
    lines.push(
      textOf(locale, 'verify.disputed', { station: isolated(station), reasons: listed(reasons, locale) }),
    );
  for (const { station, version } of corrected.slice(0, LISTED_MAX))
    lines.push(textOf(locale, 'verify.corrected', { station: isolated(station), version: number(version) }));
  return lines;
}

function bulletinLines({ bulletin }: Verdict, locale: Locale): readonly string[] {
  if (bulletin === null) return [];
  const { size, root, witnesses, seen } = bulletin;
  const lines = [
    textOf(locale, 'verify.bulletin', { size: formatInteger(size, locale), root: isolated(root) }),
    ...witnesses.map(({ name }) => textOf(locale, 'verify.witness', { name: isolated(plain(name)) })),
  ];
  if (seen > 0) lines.push(textOf(locale, 'verify.seen', { count: formatInteger(seen, locale) }));
  return lines;
}

/** The verdict, line by line. */
export function verdictLines(
  verdict: Verdict,
  provisioning: Package | undefined,
  locale: Locale,
): readonly string[] {
  const text = (key: TextKey, values?: Readonly<Record<string, string>>): string =>
    textOf(locale, key, values);
  const lines: string[] = [];
  if (provisioning === undefined) lines.push(text('verify.no_election'));
  else {
    const title = plain(provisioning.package.title[locale]);
    lines.push(text('verify.title', { title, election: isolated(provisioning.election) }));
    if (verdict.mode === 'rehearsal') lines.push(text('verify.rehearsal'));
    lines.push(text('verify.key', { key: isolated(verdict.authority_key ?? '') }));
  }
  lines.push(
    text('verify.checked', {
      signatures: formatInteger(verdict.checked.signatures, locale),
      files: formatInteger(verdict.checked.files, locale),
    }),
    ...slipLines(verdict, locale),
    ...bulletinLines(verdict, locale),
  );
  if (verdict.only_bound.length > 0)
    lines.push(text('verify.only_bound', { files: listed(verdict.only_bound, locale) }));
  if (verdict.outcome !== null && provisioning !== undefined) {
    lines.push(text('verify.outcome'));
    verdict.outcome.contests.forEach((certificate, i) => {
      lines.push(...contestLines(provisioning, certificate, i, locale));
    });
  }
  const { faults, faults_unnamed } = verdict;
  if (faults.length > 0) {
    const count = formatInteger(faults.length + faults_unnamed, locale);
    lines.push(text('verify.faults', { count }));
    lines.push(...faults.slice(0, LISTED_MAX).map((fault) => faultLine(fault, locale)));
    const rest = faults.length + faults_unnamed - LISTED_MAX;
    if (rest > 0) lines.push(text('verify.more', { count: formatInteger(rest, locale) }));
  }
  lines.push(text('verify.not_shown'));
  lines.push(...verdict.not_shown.map((caveat) => `- ${text(`caveat.${caveat}`)}`));
  lines.push(text(verdict.ok ? 'verify.ok' : 'verify.not_ok'));
  return lines;
}
