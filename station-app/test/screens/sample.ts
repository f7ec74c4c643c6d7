/** An election and views to script screens with. All people are made up from lists of common names. */
import type { AdmissionView } from '../../src/contract/admission.ts';
import type { BallotView, OfficerView, VoterView } from '../../src/contract/voting.ts';

const FIRST: readonly (readonly [string, string])[] = [
  ['مریم', 'Maryam'],
  ['علی‌رضا', 'Alireza'],
  ['زهرا', 'Zahra'],
  ['حسین', 'Hossein'],
  ['نرگس', 'Narges'],
  ['محمدکاظم', 'Mohammad-Kazem'],
  ['شیرین', 'Shirin'],
  ['یوسف', 'Yousef'],
  ['آرش', 'Arash'],
  ['پروانه', 'Parvaneh'],
  ['کیان', 'Kian'],
  ['ثریا', 'Soraya'],
  ['بهرام', 'Bahram'],
  ['مینا', 'Mina'],
];
const LAST: readonly (readonly [string, string])[] = [
  ['کریمی', 'Karimi'],
  ['یزدانی', 'Yazdani'],
  ['میرزایی', 'Mirzaei'],
  ['صادقی‌نیا', 'Sadeghinia'],
  ['رستگار', 'Rastgar'],
  ['کوهستانی', 'Kouhestani'],
  ['دریایی', 'Daryaei'],
  ['فیروزآبادی', 'Firouzabadi'],
  ['نیک‌پی', 'Nikpey'],
  ['حکیمی', 'Hakimi'],
  ['سپهری', 'Sepehri'],
  ['جهانگیری‌فر', 'Jahangirifar'],
  ['عبدالملکی', 'Abdolmaleki'],
  ['گلستان', 'Golestan'],
];
const LISTS = ['فهرست آبادانی', 'فهرست شهر ما', null, null] as const;

type Candidate = BallotView['contests'][number]['candidates'][number];

const people = (count: number, firstCode: number, step: number, hasLists: boolean): Candidate[] =>
  Array.from({ length: count }, (_, index) => {
    const first = FIRST[index % FIRST.length] ?? ['', ''];
    const last = LAST[(index * 5 + Math.floor(index / FIRST.length)) % LAST.length] ?? ['', ''];
    return {
      code: String(firstCode + index * step),
      name: { fa: `${first[0]} ${last[0]}`, en: `${first[1]} ${last[1]}` },
      list: hasLists ? (LISTS[index % LISTS.length] ?? null) : null,
      withdrawn: false,
    };
  });

export const BALLOT: BallotView = {
  contests: [
    {
      id: 'president',
      title: { fa: 'ریاست جمهوری', en: 'President' },
      seats: 1,
      choices_max: 1,
      blank_allowed: true,
      code_digits: 2,
      candidates: people(4, 11, 11, false),
    },
    {
      id: 'majles',
      title: { fa: 'مجلس شورای اسلامی، حوزه مرکزی', en: 'Majles, central constituency' },
      seats: 5,
      choices_max: 5,
      blank_allowed: true,
      code_digits: 3,
      candidates: people(196, 101, 3, true),
    },
    {
      id: 'council',
      title: { fa: 'شورای اسلامی شهر', en: 'City council' },
      seats: 7,
      choices_max: 7,
      blank_allowed: false,
      code_digits: 2,
      candidates: people(60, 21, 1, false),
    },
  ],
};

export const HEAD = {
  election: {
    id: 'demo-1405',
    title: { fa: 'انتخابات نمایشی ۱۴۰۵', en: 'Demonstration election 1405' },
    demonstration: true,
  },
  station: { id: '0117', name: { fa: 'دبستان فردوسی', en: 'Ferdowsi primary school' } },
  mode: 'rehearsal',
} as const;

// Friday 7 Azar 1405 in Iran: 08:00 to 18:00.
export const NOW_MS = Date.UTC(2026, 10, 27, 8, 12);
const OPENS_AT = Date.UTC(2026, 10, 27, 4, 30) / 1000;
const CLOSES_AT = Date.UTC(2026, 10, 27, 14, 30) / 1000;

const READY: OfficerView['devices'] = [
  { id: 'box', state: 'connected', code: null },
  { id: 'role_reader', state: 'connected', code: null },
  { id: 'province', state: 'connected', code: null },
];

export const COUNTERS = {
  records: 1236,
  cards_spent: 412,
  papers_printed: 419,
  papers_in_bin: 412,
  papers_rejected: 6,
  papers_retained: 1,
  torn_slots: 0,
};

export const OFFICER: OfficerView = {
  ...HEAD,
  view: 'voting_officer',
  phase: 'open',
  public_count: 412,
  counters: COUNTERS,
  devices: READY,
  checklist: [],
  progress: null,
  voter: 'none',
  step: null,
  approvals: [],
  role_cards: [
    { slot: 'first', present: false, reading: false, role: null },
    { slot: 'second', present: false, reading: false, role: null },
  ],
  fault: null,
  next: { who: 'nobody', code: 'wait_for_voter' },
  zero_report: { records: 0, papers_printed: 0, slots: 9000 },
  slip: null,
  recount: 'not_done',
  outbox: { state: 'empty', tries: 0, code: null, receipt_digest: null },
  opens_at: OPENS_AT,
  closes_at: CLOSES_AT,
};

export const EMPTY_COUNTERS = {
  records: 0,
  cards_spent: 0,
  papers_printed: 0,
  papers_in_bin: 0,
  papers_rejected: 0,
  papers_retained: 0,
  torn_slots: 0,
};

/** The day's book on a busy afternoon. */
export const DAY_BOOK: NonNullable<OfficerView['day_book']> = {
  paused: null,
  attested: ['clock_right', 'power_ready', 'box_shown_empty', 'box_sealed'],
  cards: [
    { role: 'chief', tried: true },
    { role: 'executive', tried: true },
    { role: 'supervisor', tried: true },
    { role: 'governor_representative', tried: false },
    { role: 'council_representative', tried: false },
  ],
  seals: ['0071', '0072'],
  amendments: [
    {
      sequence: 1,
      kind: 'candidate_withdrawn',
      reason: { fa: 'انصراف کتبی نامزد به هیئت اجرایی', en: 'Written withdrawal to the executive board' },
      effective_at: 1_781_762_400,
      in_force: true,
      withdrawn: { contest: 0, candidate: 1 },
      closes_at: null,
    },
    {
      sequence: 2,
      kind: 'hours_changed',
      reason: { fa: 'تمدید به دستور وزیر کشور', en: 'Extended by order of the minister' },
      effective_at: 1_781_791_200,
      in_force: false,
      withdrawn: null,
      closes_at: 1_781_802_000,
    },
  ],
  reports: [
    {
      number: 1,
      role: 'candidate_representative',
      signed: false,
      text: 'صف از ساعت ده تا یازده بیرون از سرسرا بود و سایه نداشت.',
      bucket: 1_781_766_000,
    },
    {
      number: 2,
      role: 'supervisor',
      signed: true,
      text: 'پرده کنار صندوق کوتاه بود و با تذکر عوض شد.',
      bucket: 1_781_773_200,
    },
  ],
};

export const BEFORE_OPENING: OfficerView = {
  ...OFFICER,
  phase: 'set_up',
  mode: null,
  public_count: 0,
  counters: null,
  zero_report: null,
  day_book: { ...DAY_BOOK, seals: [], amendments: [], reports: [] },
};

export const ADMISSION: AdmissionView = {
  ...HEAD,
  view: 'admission',
  phase: 'open',
  devices: [{ id: 'admission_reader', state: 'connected', code: null }],
  slots: { document: false, tarefe: false, executive: true, supervisor: true },
  unlocked: { executive: true, supervisor: true },
  state: 'idle',
  person: null,
  refusal: null,
  approvals: { executive: false, supervisor: false },
  styles: [
    { id: 'all', name: { fa: 'سه برگه‌ای', en: 'All three contests' } },
    { id: 'visitor', name: { fa: 'مهمان: فقط ریاست جمهوری', en: 'Visitor: president only' } },
  ],
  ledger: {
    admitted: 418,
    local: 391,
    visiting: 27,
    issued: 420,
    returned: 1,
    spoiled: 2,
    abandoned: 1,
    code_only: 3,
    offline: 0,
    helped: 12,
  },
  rate_per_hour: 68,
  next: { who: 'executive', code: 'lay_document' },
};

export const PERSON: NonNullable<AdmissionView['person']> = {
  name: 'مینا کوهستانی',
  national_code: '0012345679',
  birth_date: '1989-07-03',
  document: 'national_card',
  style: 0,
  visiting: false,
};

export const VOTER: VoterView = {
  ...HEAD,
  view: 'voting_voter',
  phase: 'welcome',
  public_count: 412,
  code: null,
  contests: [],
  choices: [],
  idle_left_ms: null,
  alert: false,
  corrections_left: 3,
  key: null,
};

export const VOTING: VoterView = {
  ...VOTER,
  phase: 'choosing',
  contests: [0, 1, 2],
  choices: [
    { contest: 0, choice: null },
    { contest: 1, choice: null },
    { contest: 2, choice: null },
  ],
  idle_left_ms: 150_000,
};

const votes = (count: number, seed: number): number[] =>
  Array.from({ length: count }, (_, index) => Math.floor(((index * 7919 + seed) % 97) / (1 + (index % 13))));
const sum = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0);

const total = (contest: number): NonNullable<OfficerView['slip']>['totals'][number] => {
  const description = BALLOT.contests[contest];
  if (description === undefined) throw new Error('no such contest');
  const candidates = votes(description.candidates.length, contest * 31 + 5);
  const marks = sum(candidates);
  const valid = Math.ceil(marks / description.choices_max) + 3;
  return {
    contest,
    records: valid + 9,
    valid,
    blank: 9,
    invalid: 0,
    marks,
    undervotes: valid * description.choices_max - marks,
    candidates,
  };
};

export const SLIP: NonNullable<OfficerView['slip']> = {
  digest: '7c1d0f4b9a20e6335b8d41f07a9c2e5d6b3f8a10c4d7e9f2a5b8c1d4e7f0a3b6',
  totals: [0, 1, 2].map(total),
  tarefe: { issued: 416, cast: 412, returned: 1, spoiled: 2, abandoned: 1, outstanding: 0 },
  papers: { printed: 419, in_bin: 412, rejected: 6, retained: 1 },
  slots: { box: 1236, station: 1236, tallied: 1236 },
  disputed: false,
  faults: [],
  approvals: [],
};
