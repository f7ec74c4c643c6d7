/** Every state of the officers' and the voter's screens, as the cores would say it, and where needed one deed on top. */
import type { Page } from 'playwright-core';
import type { AdmissionView } from '../../src/contract/admission.ts';
import type { ScreenRole } from '../../src/contract/contract.ts';
import type { OfficerView, VoterView } from '../../src/contract/voting.ts';
import {
  ADMISSION,
  BEFORE_OPENING,
  COUNTERS,
  DAY_BOOK,
  EMPTY_COUNTERS,
  OFFICER,
  PERSON,
  SLIP,
  VOTER,
  VOTING,
} from './sample.ts';

export interface ScreenState {
  readonly name: string;
  readonly role: ScreenRole;
  readonly officer?: OfficerView;
  readonly admission?: AdmissionView;
  readonly voter?: VoterView;
  /** The first-level heading that says that the state is shown. */
  readonly heading: string;
  readonly act?: (page: Page) => Promise<void>;
  /** right to left, unless the deed changed the language */
  readonly dir?: 'ltr';
}

const press = (name: string) => async (page: Page) => {
  await page.getByRole('button', { name, exact: true }).click();
};
const tab = (name: string) => async (page: Page) => {
  await page.getByRole('tab', { name }).click();
};
/** The voter's own choice of language, size and colours. */
const look =
  (wanted: { readonly language?: string; readonly size?: string; readonly theme?: string }) =>
  async (page: Page) => {
    await page.getByRole('button', { name: /Language/ }).click();
    for (const name of [wanted.size, wanted.theme, wanted.language]) {
      if (name !== undefined) await page.getByRole('radio', { name, exact: true }).click();
    }
    await page.getByRole('dialog').getByRole('button').last().click();
    await page.getByRole('dialog').waitFor({ state: 'detached' });
  };
const CLOSED_DESK: AdmissionView = {
  ...ADMISSION,
  next: { who: 'both', code: 'open_admission' },
  phase: 'set_up',
  unlocked: { executive: false, supervisor: false },
};
const BOTH_CARDS: OfficerView['role_cards'] = [
  { slot: 'first', present: true, reading: false, role: 'executive' },
  { slot: 'second', present: true, reading: false, role: 'supervisor' },
];
const CLOSING_CARDS: OfficerView['role_cards'] = [
  { slot: 'first', present: true, reading: false, role: 'governor_representative' },
  { slot: 'second', present: true, reading: false, role: 'council_representative' },
];
const WITH_PERSON: AdmissionView = {
  ...ADMISSION,
  slots: { ...ADMISSION.slots, document: true },
  person: PERSON,
};
const checklist = (...done: readonly ('done' | 'waiting' | 'fault')[]): OfficerView['checklist'] =>
  (['package_checked', 'box_connected', 'role_reader_connected', 'paper_ready', 'box_loaded'] as const).map(
    (id, index) => ({
      id,
      state: done[index] ?? 'waiting',
      code: done[index] === 'fault' ? 'paper_out' : null,
    }),
  );
const CLOSED: OfficerView = { ...OFFICER, phase: 'closed', role_cards: CLOSING_CARDS };
const COUNTED: OfficerView = { ...CLOSED, phase: 'counted', slip: SLIP };
const SIGNED = {
  ...SLIP,
  approvals: [
    { role: 'chief', refused: false, remark: null },
    { role: 'executive', refused: false, remark: null },
    { role: 'supervisor', refused: true, remark: 'یک کارت رهاشده بی‌حضور ناظر برداشته شد.' },
    { role: 'governor_representative', refused: false, remark: null },
    { role: 'council_representative', refused: false, remark: 'با توضیح ناظر.' },
  ],
};

const OFFICER_STATES: readonly ScreenState[] = [
  {
    name: 'officer-01-set-up',
    role: 'executive',
    heading: 'آماده‌سازی شعبه',
    officer: {
      ...BEFORE_OPENING,
      checklist: checklist('done', 'done', 'done', 'fault'),
      next: { who: 'both', code: 'refill_paper' },
    },
    admission: CLOSED_DESK,
  },
  {
    name: 'officer-02-loading',
    role: 'executive',
    heading: 'آماده‌سازی شعبه',
    officer: {
      ...BEFORE_OPENING,
      next: { who: 'nobody', code: 'wait_for_loading' },
      checklist: checklist('done', 'done', 'done', 'done'),
      progress: { code: 'loading', permille: 437 },
    },
    admission: CLOSED_DESK,
  },
  {
    name: 'officer-03-opening-form',
    role: 'executive',
    heading: 'گشایش شعبه',
    officer: {
      ...BEFORE_OPENING,
      next: { who: 'both', code: 'begin_opening' },
      phase: 'loaded',
      counters: EMPTY_COUNTERS,
      role_cards: BOTH_CARDS,
    },
    admission: CLOSED_DESK,
    act: async (page) => {
      await page.getByLabel('شماره پلمب').first().fill('۴۰۷۱۱۸');
      await page.getByRole('button', { name: 'افزودن پلمب' }).click();
    },
  },
  {
    name: 'officer-04-opening-approvals',
    role: 'supervisor',
    heading: 'گشایش با دو کارت',
    officer: {
      ...BEFORE_OPENING,
      next: { who: 'both', code: 'approve_opening' },
      mode: 'rehearsal',
      phase: 'opening',
      step: 'opening',
      counters: EMPTY_COUNTERS,
      role_cards: BOTH_CARDS,
      approvals: [{ role: 'executive' }],
    },
    admission: CLOSED_DESK,
  },
  {
    name: 'officer-05-zero-report',
    role: 'executive',
    heading: 'رأی‌گیری',
    officer: {
      ...OFFICER,
      public_count: 0,
      counters: EMPTY_COUNTERS,
      papers: [{ form: 'zero_report', copies: 1 }],
    },
    admission: {
      ...CLOSED_DESK,
      ledger: { ...ADMISSION.ledger, admitted: 0, issued: 0, returned: 0, spoiled: 0, abandoned: 0 },
    },
  },
  { name: 'officer-06-desk', role: 'executive', heading: 'رأی‌گیری' },
  {
    name: 'officer-07-desk-by-hand',
    role: 'executive',
    heading: 'رأی‌گیری',
    act: async (page) => {
      await press('مدرک بی‌تراشه، یا فقط کد ملی')(page);
      await page.getByLabel('کد ملی').first().fill('۰۰۱۲۳۴۵۶۷۸');
    },
  },
  {
    name: 'officer-08-desk-proof',
    role: 'executive',
    heading: 'رأی‌گیری',
    admission: {
      ...WITH_PERSON,
      next: { who: 'voter', code: 'prove_holder' },
      state: 'needs_proof',
    },
  },
  {
    name: 'officer-09-desk-identified',
    role: 'executive',
    heading: 'رأی‌گیری',
    admission: {
      ...WITH_PERSON,
      next: { who: 'both', code: 'lay_tarefe' },
      state: 'identified',
      slots: { ...WITH_PERSON.slots, tarefe: false },
    },
  },
  {
    name: 'officer-10-desk-second-press',
    role: 'supervisor',
    heading: 'رأی‌گیری',
    officer: { ...OFFICER, voter: 'choosing' },
    admission: {
      ...WITH_PERSON,
      next: { who: 'supervisor', code: 'approve_arming_supervisor' },
      state: 'awaiting_approvals',
      slots: { ...WITH_PERSON.slots, tarefe: true },
      approvals: { executive: true, supervisor: false },
      person: { ...PERSON, visiting: true, style: 1 },
    },
  },
  {
    name: 'officer-11-desk-armed',
    role: 'executive',
    heading: 'رأی‌گیری',
    admission: {
      ...WITH_PERSON,
      next: { who: 'both', code: 'hand_over_tarefe' },
      state: 'armed',
      slots: { ...WITH_PERSON.slots, tarefe: true },
      approvals: { executive: true, supervisor: true },
    },
  },
  {
    name: 'officer-12-desk-refused',
    role: 'executive',
    heading: 'رأی‌گیری',
    admission: {
      ...ADMISSION,
      next: { who: 'both', code: 'turn_person_away' },
      state: 'refused',
      slots: { ...ADMISSION.slots, document: true },
      refusal: { code: 'amayesh_card', detail: null },
    },
  },
  {
    name: 'officer-13-card-came-back',
    role: 'executive',
    heading: 'رأی‌گیری',
    act: press('کارتی برگشت…'),
  },
  {
    name: 'officer-14-locked-card',
    role: 'supervisor',
    heading: 'رأی‌گیری',
    admission: {
      ...ADMISSION,
      next: { who: 'both', code: 'unlock_role_cards' },
      unlocked: { executive: true, supervisor: false },
    },
  },
  {
    name: 'officer-15-paper-jam',
    role: 'executive',
    heading: 'رأی‌گیری',
    officer: {
      ...OFFICER,
      voter: 'officer_needed',
      fault: { code: 'paper_jammed' },
      counters: { ...COUNTERS, papers_printed: 420 },
      devices: [
        { id: 'box', state: 'fault', code: 'paper_jammed' },
        { id: 'role_reader', state: 'connected', code: null },
        { id: 'province', state: 'lost', code: 'province_unreachable' },
      ],
      next: { who: 'both', code: 'clear_jam' },
    },
  },
  {
    name: 'officer-15b-card-unburnt',
    role: 'executive',
    heading: 'رأی‌گیری',
    officer: {
      ...OFFICER,
      voter: 'officer_needed',
      fault: { code: 'card_unburnt' },
      next: { who: 'both', code: 'lay_unburnt_card' },
    },
  },
  {
    name: 'officer-16-abandoned-ballot',
    role: 'executive',
    heading: 'رأی نیمه‌کاره',
    officer: {
      ...OFFICER,
      next: { who: 'both', code: 'approve_abandon' },
      step: 'abandon',
      voter: 'officer_needed',
      role_cards: BOTH_CARDS,
    },
  },
  {
    name: 'officer-17-close-doors',
    role: 'executive',
    heading: 'رأی‌گیری',
    act: press('بستن درها…'),
  },
  {
    name: 'officer-18-doors-closed',
    role: 'executive',
    heading: 'درها بسته است',
    officer: {
      ...OFFICER,
      phase: 'doors_closed',
      voter: 'in_window',
      counters: { ...COUNTERS, papers_printed: 420 },
    },
    admission: { ...ADMISSION, next: { who: 'both', code: 'admit_people_inside' }, phase: 'doors_closed' },
  },
  {
    name: 'officer-19-end-voting',
    role: 'executive',
    heading: 'درها بسته است',
    officer: { ...OFFICER, phase: 'doors_closed' },
    admission: { ...ADMISSION, phase: 'doors_closed' },
    act: press('پایان رأی‌گیری…'),
  },
  {
    name: 'officer-20-closing-approvals',
    role: 'executive',
    heading: 'پایان رأی‌گیری با دو کارت',
    officer: {
      ...OFFICER,
      next: { who: 'closing_representatives', code: 'approve_closing' },
      phase: 'closing',
      step: 'closing',
      role_cards: CLOSING_CARDS,
    },
    admission: { ...ADMISSION, phase: 'closed' },
  },
  {
    name: 'officer-21-count',
    role: 'executive',
    heading: 'شمارش رأی‌ها',
    officer: { ...CLOSED, next: { who: 'closing_representatives', code: 'run_count' } },
    admission: { ...ADMISSION, phase: 'closed' },
  },
  {
    name: 'officer-22-counting',
    role: 'executive',
    heading: 'شمارش رأی‌ها',
    officer: {
      ...CLOSED,
      next: { who: 'nobody', code: 'wait_for_count' },
      phase: 'counting',
      progress: { code: 'counting', permille: 612 },
    },
    admission: { ...ADMISSION, phase: 'closed' },
  },
  {
    name: 'officer-23-slip',
    role: 'executive',
    heading: 'نتیجه و صورت‌جلسه',
    officer: { ...COUNTED, next: { who: 'both', code: 'sign_slip' }, recount: 'agreed' },
    admission: { ...ADMISSION, phase: 'closed' },
    act: tab('شورای اسلامی شهر'),
  },
  {
    name: 'officer-24-slip-disputed',
    role: 'executive',
    heading: 'نتیجه و صورت‌جلسه',
    officer: {
      ...COUNTED,
      next: { who: 'both', code: 'recount_disagreed' },
      recount: 'disagreed',
      slip: {
        ...SLIP,
        disputed: true,
        faults: ['sets_differ', 'ledger_slots'],
        slots: { box: 1236, station: 1233, tallied: 1233 },
      },
    },
    admission: { ...ADMISSION, phase: 'closed' },
  },
  {
    name: 'officer-25-signing',
    role: 'executive',
    heading: 'امضای صورت‌جلسه',
    officer: {
      ...COUNTED,
      next: { who: 'both', code: 'sign_slip' },
      step: 'slip',
      slip: SIGNED,
      approvals: SIGNED.approvals.map(({ role }) => ({ role })),
      role_cards: [
        { slot: 'first', present: true, reading: false, role: 'deputy' },
        { slot: 'second', present: false, reading: false, role: null },
      ],
    },
    admission: { ...ADMISSION, phase: 'closed' },
    act: async (page) => {
      await page.getByRole('radio', { name: 'نمی‌پذیرم' }).click();
    },
  },
  {
    name: 'officer-26-sending',
    role: 'executive',
    heading: 'ارسال نتیجه',
    officer: {
      ...COUNTED,
      next: { who: 'nobody', code: 'wait_for_receipt' },
      phase: 'finished',
      slip: SIGNED,
      outbox: { state: 'waiting', tries: 4, code: 'province_unreachable', receipt_digest: null },
    },
    admission: { ...ADMISSION, phase: 'closed' },
  },
  {
    name: 'officer-27-received',
    role: 'executive',
    heading: 'ارسال نتیجه',
    officer: {
      ...COUNTED,
      next: { who: 'nobody', code: 'finished' },
      phase: 'finished',
      slip: SIGNED,
      papers: [
        { form: 'zero_report', copies: 2 },
        { form: 'tape', copies: 4 },
        { form: 'minutes', copies: 1 },
        { form: 'slip_pages', copies: 0 },
      ],
      outbox: { state: 'received', tries: 5, code: null, receipt_digest: '0b9c4a7de21f6835aa10' },
    },
    admission: { ...ADMISSION, phase: 'closed' },
  },
  {
    name: 'inspector-watching',
    role: 'inspector',
    heading: 'رأی‌گیری',
    officer: { ...OFFICER, voter: 'choosing', day_book: DAY_BOOK },
  },
  {
    name: 'officer-28-trying-cards',
    role: 'executive',
    heading: 'آماده‌سازی شعبه',
    officer: { ...BEFORE_OPENING, checklist: checklist('done', 'done'), role_cards: CLOSING_CARDS },
    admission: CLOSED_DESK,
  },
  {
    name: 'officer-29-more',
    role: 'executive',
    heading: 'رأی‌گیری',
    act: press('کارهای دیگر…'),
  },
  {
    name: 'officer-30-paused',
    role: 'executive',
    heading: 'رأی‌گیری',
    officer: {
      ...OFFICER,
      next: { who: 'both', code: 'resume_voting' },
      day_book: { ...DAY_BOOK, paused: { reason: 'prayer', bucket: 1_781_769_600 } },
    },
  },
  {
    name: 'officer-31-amendment',
    role: 'executive',
    heading: 'رأی‌گیری',
    officer: { ...OFFICER, day_book: DAY_BOOK },
    act: async (page) => {
      await press('کارهای دیگر…')(page);
      await press('ورود دستور استان…')(page);
    },
  },
  {
    name: 'officer-32-report',
    role: 'executive',
    heading: 'رأی‌گیری',
    officer: { ...OFFICER, day_book: DAY_BOOK },
    act: async (page) => {
      await press('کارهای دیگر…')(page);
      await press('گزارش کتبی…')(page);
    },
  },
  {
    name: 'officer-33-troubles',
    role: 'executive',
    heading: 'رأی‌گیری',
    act: async (page) => {
      await press('کارهای دیگر…')(page);
      await press('اگر مشکلی پیش آمد…')(page);
      await page.getByText('کاغذ گیر کرده است', { exact: true }).click();
    },
  },
  {
    name: 'officer-35-guided-rehearsal',
    role: 'executive',
    heading: 'رأی‌گیری',
    officer: { ...OFFICER, day_book: { ...DAY_BOOK, reports: [] } },
    act: async (page) => {
      await press('کارهای دیگر…')(page);
      await press('تمرین گام‌به‌گام')(page);
      await page.getByText('پایان راهنما').waitFor();
    },
  },
  {
    name: 'officer-34-retention',
    role: 'executive',
    heading: 'ارسال نتیجه',
    officer: {
      ...COUNTED,
      phase: 'finished',
      slip: SIGNED,
      day_book: { ...DAY_BOOK, attested: ['papers_sealed', 'carriers_sealed'] },
      outbox: { state: 'received', tries: 1, code: null, receipt_digest: SLIP.digest },
    },
    admission: { ...ADMISSION, phase: 'closed' },
  },
];

const CHOSEN: VoterView['choices'] = [
  { contest: 0, choice: [2] },
  { contest: 1, choice: [3, 17, 61] },
  { contest: 2, choice: [0, 5, 9, 12, 20, 33, 41] },
];
// The first contest not yet chosen is the one that is shown.
const IN_MAJLES: VoterView = {
  ...VOTING,
  choices: [
    { contest: 0, choice: [2] },
    { contest: 1, choice: null },
    { contest: 2, choice: null },
  ],
};

const VOTER_STATES: readonly ScreenState[] = [
  {
    name: 'voter-23-paused',
    role: 'voter',
    heading: 'رأی‌گیری در وقفه است',
    voter: { ...VOTER, phase: 'not_open', paused: true },
  },
  {
    name: 'voter-01-not-open',
    role: 'voter',
    heading: 'رأی‌گیری هنوز آغاز نشده است',
    voter: { ...VOTER, phase: 'not_open' },
  },
  { name: 'voter-02-welcome', role: 'voter', heading: 'خوش آمدید', voter: VOTER },
  {
    name: 'voter-03-display',
    role: 'voter',
    heading: 'خوش آمدید',
    voter: VOTER,
    act: async (page) => {
      await page.getByRole('button', { name: /Language/ }).click();
    },
  },
  {
    name: 'voter-04-reading-card',
    role: 'voter',
    heading: 'کارت شما خوانده می‌شود',
    voter: { ...VOTER, phase: 'reading_card' },
  },
  {
    name: 'voter-05-card-refused',
    role: 'voter',
    heading: 'این کارت پذیرفته نشد',
    voter: { ...VOTER, phase: 'card_refused', code: 'card_spent' },
  },
  {
    name: 'voter-06-one-of-four',
    role: 'voter',
    heading: 'ریاست جمهوری',
    voter: VOTING,
    act: async (page) => {
      await page.getByRole('button', { name: /^کد ۳۳/ }).click();
    },
  },
  {
    name: 'voter-07-by-code',
    role: 'voter',
    heading: 'ریاست جمهوری',
    voter: {
      ...IN_MAJLES,
      choices: [
        { contest: 0, choice: null },
        { contest: 1, choice: [3, 17, 61] },
        { contest: 2, choice: null },
      ],
    },
    act: async (page) => {
      await page.getByRole('button', { name: 'رأی‌گیری بعدی', exact: true }).click();
      await page.getByRole('button', { name: 'بله، رأی سفید' }).click();
      await page.getByRole('heading', { level: 1, name: 'مجلس شورای اسلامی' }).waitFor();
      for (const digit of ['۲', '۲', '۱'])
        await page.getByRole('button', { name: digit, exact: true }).click();
    },
  },
  {
    name: 'voter-08-by-name',
    role: 'voter',
    heading: 'مجلس شورای اسلامی، حوزه مرکزی',
    voter: IN_MAJLES,
    act: async (page) => {
      await tab('با نام')(page);
      for (const letter of ['ک', 'ر']) await page.getByRole('button', { name: letter, exact: true }).click();
    },
  },
  {
    name: 'voter-09-list',
    role: 'voter',
    heading: 'مجلس شورای اسلامی، حوزه مرکزی',
    voter: IN_MAJLES,
    act: tab('فهرست'),
  },
  {
    name: 'voter-10-undervote',
    role: 'voter',
    heading: 'مجلس شورای اسلامی، حوزه مرکزی',
    voter: IN_MAJLES,
    act: async (page) => {
      await tab('فهرست')(page);
      await page.getByRole('button', { name: /^کد 104|^کد ۱۰۴/ }).click();
      await page.getByRole('button', { name: 'رأی‌گیری بعدی', exact: true }).click();
    },
  },
  {
    name: 'voter-11-review',
    role: 'voter',
    heading: 'انتخاب‌های خود را ببینید',
    voter: { ...VOTING, phase: 'review', choices: CHOSEN },
  },
  {
    name: 'voter-12-printing',
    role: 'voter',
    heading: 'برگه رأی شما چاپ می‌شود',
    voter: { ...VOTING, phase: 'printing', choices: [] },
  },
  {
    name: 'voter-13-in-window',
    role: 'voter',
    heading: 'برگه را در پنجره بخوانید',
    voter: { ...VOTING, phase: 'in_window', choices: [] },
  },
  {
    name: 'voter-14-rejected',
    role: 'voter',
    heading: 'برگه باطل شد؛ دوباره انتخاب کنید',
    voter: { ...VOTING, phase: 'rejected', choices: [], corrections_left: 2 },
  },
  {
    name: 'voter-15-cast',
    role: 'voter',
    heading: 'رأی شما در صندوق است',
    voter: { ...VOTER, phase: 'cast' },
  },
  {
    name: 'voter-16-idle-alert',
    role: 'voter',
    heading: 'انتخاب‌های خود را ببینید',
    voter: { ...VOTING, phase: 'review', choices: CHOSEN, alert: true, idle_left_ms: 24_000 },
  },
  {
    name: 'voter-17-officer-needed',
    role: 'voter',
    heading: 'لطفاً صبر کنید؛ مأمور شعبه می‌آید',
    voter: { ...VOTER, phase: 'officer_needed', code: 'paper_jammed' },
  },
  {
    name: 'voter-18-ended',
    role: 'voter',
    heading: 'این نوبت به پایان رسید',
    voter: { ...VOTER, phase: 'ended', code: 'timed_out' },
  },
  {
    name: 'voter-19-english',
    role: 'voter',
    heading: 'مجلس شورای اسلامی، حوزه مرکزی',
    voter: IN_MAJLES,
    dir: 'ltr',
    act: look({ language: 'English' }),
  },
  {
    name: 'voter-20-largest-yellow-on-black',
    role: 'voter',
    heading: 'مجلس شورای اسلامی، حوزه مرکزی',
    voter: IN_MAJLES,
    act: look({ size: 'بزرگ‌ترین', theme: 'زرد روی سیاه' }),
  },
  {
    name: 'voter-21-largest-review',
    role: 'voter',
    heading: 'انتخاب‌های خود را ببینید',
    voter: { ...VOTING, phase: 'review', choices: CHOSEN },
    act: look({ size: 'بزرگ‌ترین', theme: 'تیره' }),
  },
  {
    name: 'voter-22-largest-in-window',
    role: 'voter',
    heading: 'برگه را در پنجره بخوانید',
    voter: { ...VOTING, phase: 'in_window', choices: [] },
    act: look({ size: 'بزرگ‌ترین', theme: 'سیاه روی سفید' }),
  },
];

export const SCREEN_STATES: readonly ScreenState[] = [...OFFICER_STATES, ...VOTER_STATES];
