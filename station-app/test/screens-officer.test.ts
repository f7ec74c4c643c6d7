/** The officers' day in a real browser: what each press asks of which core, whose press it is, and what faults say. */
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { AdmissionView } from '../src/contract/admission.ts';
import { Refused } from '../src/contract/socket.ts';
import type { OfficerView } from '../src/contract/voting.ts';
import { ADMISSION, BALLOT, BEFORE_OPENING, OFFICER, PERSON, SLIP, VOTER } from './screens/sample.ts';
import { type ScriptedStation, scriptStation } from './screens/scripted-station.ts';
import { openWindows, type Windows } from './screens/windows.ts';

let station: ScriptedStation;
let windows: Windows;
let executive: Page;
let supervisor: Page;

const show = (officer: OfficerView, admission: AdmissionView = ADMISSION): void => {
  station.officer = officer;
  station.admission = admission;
  station.changed();
};
const heading = (page: Page, name: string) =>
  page.getByRole('heading', { level: 1, name, exact: true }).waitFor();
const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true });
const calls = () =>
  station.heard.filter(({ name }) => name !== 'ballot.read').map(({ name, input }) => ({ name, input }));
const typePin = async (page: Page, pin: string): Promise<void> => {
  for (const digit of pin) await button(page, '۰۱۲۳۴۵۶۷۸۹'[Number(digit)] ?? '').click();
};
const CLOSING_CARDS: OfficerView['role_cards'] = [
  { slot: 'first', present: true, reading: false, role: 'governor_representative' },
  { slot: 'second', present: true, reading: false, role: 'council_representative' },
];

beforeAll(async () => {
  station = await scriptStation({ officer: OFFICER, voter: VOTER, admission: ADMISSION });
  station.on('ballot.read', () => BALLOT);
  windows = await openWindows(station);
  executive = await windows.open('executive');
  supervisor = await windows.open('supervisor');
}, 180_000);

afterAll(async () => {
  await windows?.close();
  await station?.close();
});

beforeEach(async () => {
  show(OFFICER);
  await heading(executive, 'رأی‌گیری');
  station.heard.length = 0;
  station.unexpected.length = 0;
});

describe('opening', () => {
  test('mode and seals go with the beginning; a demonstration can only rehearse', async () => {
    station.on('opening.begin', () => undefined);
    show({ ...BEFORE_OPENING, phase: 'loaded' });
    await heading(executive, 'گشایش شعبه');
    await executive.getByLabel('شماره پلمب').first().fill('۰۰۷۱');
    await button(executive, 'افزودن پلمب').click();
    expect(await executive.getByRole('radio', { name: 'رسمی' }).count()).toBe(0);
    await button(executive, 'آغاز گشایش').click();
    await expect
      .poll(calls)
      .toEqual([{ name: 'opening.begin', input: { mode: 'rehearsal', seals: ['0071'] } }]);
  });

  test('each card approves with its own PIN, and no PIN stays on the screen', async () => {
    station.on('step.approve', () => ({ role: 'supervisor', complete: true }));
    show({
      ...BEFORE_OPENING,
      phase: 'opening',
      step: 'opening',
      approvals: [{ role: 'executive' }],
      role_cards: [
        { slot: 'first', present: true, reading: false, role: 'executive' },
        { slot: 'second', present: true, reading: false, role: 'supervisor' },
      ],
    });
    await heading(executive, 'گشایش با دو کارت');
    await typePin(executive, '739105');
    expect(await executive.locator('input[type=password]').inputValue()).toBe('739105');
    await button(executive, 'تأیید').click();
    await expect.poll(calls).toEqual([{ name: 'step.approve', input: { slot: 'second', pin: '739105' } }]);
    expect(await executive.locator('input[type=password]').inputValue()).toBe('');
    expect(await executive.evaluate(() => document.documentElement.outerHTML)).not.toContain('739105');
  });

  test('a wrong PIN says so and what to do; the next try is a new one', async () => {
    station.on('step.approve', () => {
      throw new Refused('wrong_pin', '2');
    });
    show({
      ...BEFORE_OPENING,
      phase: 'opening',
      step: 'opening',
      role_cards: [
        { slot: 'first', present: true, reading: false, role: 'executive' },
        { slot: 'second', present: false, reading: false, role: null },
      ],
    });
    await heading(executive, 'گشایش با دو کارت');
    await typePin(executive, '1111');
    await button(executive, 'تأیید').click();
    await executive.getByText('رمز درست نیست.').waitFor();
    await executive.getByText('پس از چند بار اشتباه کارت قفل می‌شود').waitFor();
    expect(await executive.locator('input[type=password]').inputValue()).toBe('');
  });

  test('the desk opens with both PINs in one call, typed one after the other', async () => {
    station.on('admission.open', () => undefined);
    show(OFFICER, { ...ADMISSION, phase: 'set_up', unlocked: { executive: false, supervisor: false } });
    await executive.getByRole('heading', { name: 'گشایش میز پذیرش' }).waitFor();
    await typePin(executive, '1234');
    await button(executive, 'نفر بعد').click();
    await typePin(executive, '5678');
    await button(executive, 'گشودن میز پذیرش').click();
    await expect.poll(calls).toEqual([
      {
        name: 'admission.open',
        input: { mode: 'rehearsal', executive_pin: '1234', supervisor_pin: '5678' },
      },
    ]);
  });
});

describe('the desk', () => {
  const withPerson: AdmissionView = {
    ...ADMISSION,
    state: 'identified',
    slots: { ...ADMISSION.slots, document: true, tarefe: true },
    person: PERSON,
  };

  test('each window presses for its own role only', async () => {
    station.on('tarefe.approve', ({ role }: { readonly role: string }) => ({
      state: role === 'executive' ? 'awaiting_approvals' : 'armed',
      refusal: null,
    }));
    show(OFFICER, withPerson);
    await executive.getByText('مینا کوهستانی').waitFor();
    await supervisor.getByText('مینا کوهستانی').waitFor();
    for (const page of [executive, supervisor]) expect(await button(page, 'تأیید').count()).toBe(1);
    await button(executive, 'تأیید').click();
    await button(supervisor, 'تأیید').click();
    await expect.poll(() => station.heard.filter(({ name }) => name === 'tarefe.approve').length).toBe(2);
    expect(station.heard.map(({ input, role }) => ({ input, role }))).toEqual([
      { input: { role: 'executive' }, role: 'executive' },
      { input: { role: 'supervisor' }, role: 'supervisor' },
    ]);
  });

  test('nobody presses before a tarefe card lies there', async () => {
    show(OFFICER, { ...withPerson, slots: { ...withPerson.slots, tarefe: false } });
    await executive.getByText('یک کارت تعرفه خالی روی کارت‌خوان بگذارید.').waitFor();
    expect(await button(executive, 'تأیید').count()).toBe(0);
  });

  test('a code typed by hand is checked before it is sent, in any digits', async () => {
    station.on('person.enter', () => ({ state: 'identified', refusal: null }));
    show(OFFICER);
    await button(executive, 'مدرک بی‌تراشه، یا فقط کد ملی').click();
    const code = executive.getByRole('dialog').locator('input').last();
    await code.fill('٠٠١٢٣٤٥٦٧٨');
    await executive.getByText('این کد ملی درست نیست').waitFor();
    expect(await button(executive, 'یافتن').isDisabled()).toBe(true);
    // Two zeros left out: a spreadsheet may, a person who types is asked for all ten.
    await code.fill('۱۲۳۴۵۶۷۹');
    expect(await button(executive, 'یافتن').isDisabled()).toBe(true);
    // Twelve digits are a foreign national's, and the desk says so rather than reading ten of them.
    await code.fill('۱۰۰۰۰۰۰۰۰۰۰۱');
    expect(await code.inputValue()).toBe('۱۰۰۰۰۰۰۰۰۰۰۱');
    expect(await button(executive, 'یافتن').isDisabled()).toBe(false);
    await code.fill('۰۰۱۲۳۴۵۶۷۹');
    await executive.getByRole('radio', { name: 'گذرنامه' }).click();
    await button(executive, 'یافتن').click();
    await expect
      .poll(calls)
      .toEqual([{ name: 'person.enter', input: { national_code: '0012345679', document: 'passport' } }]);
    await executive.getByRole('dialog').waitFor({ state: 'detached' });
  });

  test('a document that eyes refuse is declined by what they see; after a mute card another is entered at once', async () => {
    station.on('person.decline', () => ({
      state: 'refused',
      refusal: { code: 'document_forged', detail: null },
    }));
    show(OFFICER, {
      ...ADMISSION,
      state: 'refused',
      refusal: { code: 'card_mute', detail: null },
      next: { who: 'executive', code: 'enter_by_hand' },
    });
    // The same button stood on the screen before; pressed there, it is gone with the reading.
    await executive.getByText('کارت پاسخ نمی\u200cدهد.').first().waitFor();
    await button(executive, 'مدرک بی‌تراشه، یا فقط کد ملی').click();
    await button(executive, 'این مدرک پذیرفتنی نیست').click();
    await executive.getByRole('radio', { name: 'جعلی یا دست‌خورده است' }).click();
    await button(executive, 'نپذیرفتن مدرک').click();
    await executive.getByRole('dialog').waitFor({ state: 'detached' });
    await expect.poll(calls).toEqual([{ name: 'person.decline', input: { finding: 'forged' } }]);
    const refusals = [
      ['document_forged', 'این مدرک اصل نیست یا در آن دست برده شده است.'],
      ['document_worn', 'این مدرک چنان فرسوده است که عکس یا کد ملی آن خوانده نمی‌شود.'],
      ['other_constituency', 'این شخص از حوزه انتخابیه دیگری است و در این شعبه انتخاباتی برای او نیست.'],
    ] as const;
    for (const [code, sentence] of refusals) {
      show(OFFICER, { ...ADMISSION, state: 'refused', refusal: { code, detail: null } });
      await executive.getByText(sentence).waitFor();
    }
  });

  test('whoever is refused is called neither local nor visiting, and the document is read again where that may help', async () => {
    station.on('person.read', () => ({ state: 'needs_proof', refusal: null }));
    const refused = { ...ADMISSION, state: 'refused' as const, person: { ...PERSON, style: null } };
    const slots = { ...ADMISSION.slots, document: true };
    show(OFFICER, {
      ...refused,
      slots,
      refusal: { code: 'not_on_roll', detail: null },
      next: { who: 'both', code: 'compare_code' },
    });
    await executive.getByText('این شخص در فهرست رأی‌دهندگان نیست.').waitFor();
    expect(await executive.locator('.st-person').innerText()).not.toMatch(/محلی|مهمان|برگه رأی/);
    await button(executive, 'مدرک بی‌تراشه، یا فقط کد ملی').waitFor();
    expect(await button(executive, 'خواندن دوباره مدرک').count()).toBe(0);
    show(OFFICER, {
      ...refused,
      slots,
      refusal: { code: 'card_blocked', detail: null },
      next: { who: 'executive', code: 'enter_by_hand' },
    });
    await button(executive, 'خواندن دوباره مدرک').click();
    await expect.poll(calls).toEqual([{ name: 'person.read', input: {} }]);
  });

  test('a wrong PIN or finger says how many tries are left, and another document may be taken instead', async () => {
    for (const code of ['wrong_pin', 'wrong_finger']) {
      show(OFFICER, { ...withPerson, state: 'needs_proof', refusal: { code, detail: '2' } });
      await executive.getByText('کوشش‌های مانده: ۲').waitFor();
      show(OFFICER, { ...withPerson, state: 'needs_proof' });
      await executive.getByText('کوشش‌های مانده: ۲').waitFor({ state: 'detached' });
    }
    await button(executive, 'مدرک بی‌تراشه، یا فقط کد ملی').waitFor();
  });

  test('a card that came back: one of three reasons, and a refusal stays readable beside them', async () => {
    station.on('tarefe.take_back', () => {
      throw new Refused('nothing_to_take_back');
    });
    await button(executive, 'کارتی برگشت…').click();
    await executive.getByRole('button', { name: /^باطل/ }).click();
    await executive.getByText('کارتی برای پس گرفتن نیست.').waitFor();
    station.on('tarefe.take_back', () => undefined);
    await executive.getByRole('button', { name: /^رهاشده/ }).click();
    await executive.getByRole('dialog').waitFor({ state: 'detached' });
    expect(calls()).toEqual([
      { name: 'tarefe.take_back', input: { reason: 'spoiled' } },
      { name: 'tarefe.take_back', input: { reason: 'abandoned' } },
    ]);
  });
});

describe('without a roll', () => {
  test('the desk is not opened by any card: what is wrong is said, the day before and on the day', async () => {
    const fault = { code: 'roll_refused', detail: 'roll_not_signed: the roll' } as const;
    const admission = {
      ...ADMISSION,
      phase: 'no_package',
      fault,
      next: { who: 'both', code: 'restore_roll' },
    } as const;
    for (const voting of [OFFICER, BEFORE_OPENING]) {
      show(voting, admission);
      await executive.getByText('فهرست رأی\u200cدهندگان آسیب دیده است').waitFor();
      expect(await executive.getByText('گشایش میز پذیرش').count()).toBe(0);
    }
    show(OFFICER, admission);
    await executive.getByText('میز خودبه\u200cخود آماده می\u200cشود').waitFor();
  });
});

describe('what no card can say, both roles say', () => {
  test('an interrupted card is with its voter: nobody is cancelled, and no other card is given', async () => {
    station.on('tarefe.handed_over', () => undefined);
    show(OFFICER, {
      ...ADMISSION,
      state: 'identified',
      in_hand: true,
      person: PERSON,
      refusal: { code: 'arming_card_spent', detail: null },
    });
    await executive.getByText('شاید همین رأی‌دهنده با آن رأی داده باشد').waitFor();
    expect(await button(executive, 'کنار گذاشتن این شخص').count()).toBe(0);
    await button(executive, 'کارت نزد رأی‌دهنده است یا پیدا نمی‌شود').click();
    await expect.poll(calls).toEqual([{ name: 'tarefe.handed_over', input: {} }]);
  });

  test('cards that never came back are declared before the count, as the day’s whole number', async () => {
    station.on('tarefe.declare_abandoned', () => undefined);
    const closed = { ...ADMISSION, phase: 'doors_closed' } as const;
    const { issued, returned, spoiled } = ADMISSION.ledger;
    const abandoned = issued - returned - spoiled - (OFFICER.counters?.cards_spent ?? 0);
    expect(abandoned).toBeGreaterThan(ADMISSION.ledger.abandoned);
    show({ ...OFFICER, phase: 'closed', role_cards: CLOSING_CARDS }, closed);
    await button(executive, 'رهاشده شمرده شوند').click();
    await expect.poll(calls).toEqual([{ name: 'tarefe.declare_abandoned', input: { abandoned } }]);
    show(
      { ...OFFICER, phase: 'closed', role_cards: CLOSING_CARDS },
      { ...closed, ledger: { ...closed.ledger, abandoned } },
    );
    await button(executive, 'رهاشده شمرده شوند').waitFor({ state: 'detached' });
  });
});

describe('the end of the day', () => {
  test('doors: admission hears first, then the two roles are asked; begun again, only what is missing', async () => {
    station.on('doors.close', () => undefined);
    station.on('doors.close_begin', () => undefined);
    await button(executive, 'بستن درها…').click();
    await button(executive, 'درها بسته شود').click();
    await expect.poll(() => calls().map(({ name }) => name)).toEqual(['doors.close', 'doors.close_begin']);
    station.heard.length = 0;
    show(OFFICER, { ...ADMISSION, phase: 'doors_closed' });
    await button(executive, 'بستن درها…').click();
    await button(executive, 'درها بسته شود').click();
    await expect.poll(() => calls().map(({ name }) => name)).toEqual(['doors.close_begin']);
  });

  test('ending the vote is asked about, and taken back by «بازگشت»', async () => {
    show({ ...OFFICER, phase: 'doors_closed' }, { ...ADMISSION, phase: 'doors_closed' });
    await heading(executive, 'درها بسته است');
    await button(executive, 'پایان رأی‌گیری…').click();
    await executive.getByRole('alertdialog').getByText('بازگشت ندارد').waitFor();
    await button(executive, 'بازگشت').click();
    expect(calls()).toEqual([]);
  });

  test('the count carries admission’s signed sums to the voting side with both PINs', async () => {
    station.on('admission.summary', () => ({ record: 'd284aabb' }));
    station.on('count.run', () => ({ slip_digest: 'ff' }));
    show({ ...OFFICER, phase: 'closed', role_cards: CLOSING_CARDS }, { ...ADMISSION, phase: 'closed' });
    await heading(executive, 'شمارش رأی‌ها');
    await typePin(executive, '2468');
    await button(executive, 'نفر بعد').click();
    await typePin(executive, '1357');
    await button(executive, 'آغاز شمارش').click();
    await expect.poll(calls).toEqual([
      { name: 'admission.summary', input: {} },
      {
        name: 'count.run',
        input: {
          admission_summary: 'd284aabb',
          pins: [
            { slot: 'first', pin: '2468' },
            { slot: 'second', pin: '1357' },
          ],
        },
      },
    ]);
  });

  test('where the sums cannot be had, nothing is counted, and the screen says why', async () => {
    station.on('admission.summary', () => {
      throw new Refused('admission_in_hand');
    });
    show({ ...OFFICER, phase: 'closed', role_cards: CLOSING_CARDS }, { ...ADMISSION, phase: 'doors_closed' });
    await heading(executive, 'شمارش رأی‌ها');
    await typePin(executive, '2468');
    await button(executive, 'نفر بعد').click();
    await typePin(executive, '1357');
    await button(executive, 'آغاز شمارش').click();
    await executive.getByText('پذیرش یک نفر هنوز ناتمام است.').waitFor();
    expect(calls().map(({ name }) => name)).toEqual(['admission.summary']);
  });

  test('whoever disagrees signs that, with the reason', async () => {
    station.on('step.approve', () => ({ role: 'deputy', complete: false }));
    show(
      {
        ...OFFICER,
        phase: 'counted',
        step: 'slip',
        slip: SLIP,
        role_cards: [
          { slot: 'first', present: true, reading: false, role: 'deputy' },
          { slot: 'second', present: false, reading: false, role: null },
        ],
      },
      { ...ADMISSION, phase: 'closed' },
    );
    await heading(executive, 'امضای صورت‌جلسه');
    await executive.getByRole('radio', { name: 'نمی‌پذیرم' }).click();
    await executive.getByLabel('توضیح (اختیاری)').fill('پلمب دوم دیر زده شد.');
    await typePin(executive, '9753');
    await button(executive, 'ثبت نپذیرفتن').click();
    await expect.poll(calls).toEqual([
      {
        name: 'step.approve',
        input: { slot: 'first', pin: '9753', refused: true, remark: 'پلمب دوم دیر زده شد.' },
      },
    ]);
  });

  test('the slip’s totals stand under the candidates’ names, most votes first', async () => {
    show({ ...OFFICER, phase: 'counted', slip: SLIP }, { ...ADMISSION, phase: 'closed' });
    await heading(executive, 'نتیجه و صورت‌جلسه');
    const president = SLIP.totals[0];
    const rows = await executive.locator('.kit-table tbody tr').allInnerTexts();
    const most = Math.max(...(president?.candidates ?? []));
    const winner = BALLOT.contests[0]?.candidates[president?.candidates.indexOf(most) ?? 0];
    expect(rows[0]).toContain(winner?.name.fa);
    expect(rows).toHaveLength(4);
  });
});

describe('faults', () => {
  test('a core that is gone is named; the other goes on; the notice leaves by itself', async () => {
    await station.stop('admission');
    await executive.getByText('برنامه پذیرش پاسخ نمی‌دهد.').waitFor();
    expect(await executive.getByText('برنامه رأی‌گیری پاسخ نمی‌دهد.').count()).toBe(0);
    await button(executive, 'خواندن مدرک').waitFor();
    await station.start('admission');
    await executive.getByText('برنامه پذیرش پاسخ نمی‌دهد.').waitFor({ state: 'detached' });
  });

  test('a fault of the box says what happened and what to do, and is acknowledged by a press', async () => {
    station.on('fault.acknowledge', () => undefined);
    show({ ...OFFICER, fault: { code: 'paper_lost' }, voter: 'officer_needed' });
    await executive.getByRole('alert').getByText('برگه دیده نمی‌شود: نه در پنجره و نه در صندوق.').waitFor();
    await button(executive, 'انجام شد؛ ادامه').click();
    await expect.poll(calls).toEqual([{ name: 'fault.acknowledge', input: {} }]);
  });

  test('a card that left the box unburnt is asked for before anything else', async () => {
    const next = { who: 'both', code: 'lay_unburnt_card' } as const;
    show({ ...OFFICER, fault: { code: 'card_unburnt' }, next });
    await executive.getByText('کارت تعرفه پیش از سوزانده‌شدن از روی صندوق برداشته شده است.').waitFor();
    await executive
      .getByText('کارتی را که از صندوق برداشته شده است دوباره روی صندوق بگذارید تا سوزانده شود.')
      .waitFor();
    expect(await button(executive, 'انجام شد؛ ادامه').count()).toBe(0);
  });

  test('a page that cannot be drawn says so, and opens itself again', async () => {
    await executive.evaluate(() => {
      Array.prototype.filter = () => {
        throw new Error('broken');
      };
    });
    show({ ...OFFICER, public_count: 413 });
    await executive.getByText('این صفحه از کار افتاد.').waitFor();
    show(OFFICER);
    await heading(executive, 'رأی‌گیری');
  });

  test('a ledger that does not hold is seen at once', async () => {
    const counters = OFFICER.counters;
    if (counters === null) throw new Error('the sample has counters');
    show({ ...OFFICER, counters: { ...counters, papers_in_bin: counters.papers_in_bin - 2 } });
    await executive.locator('.st-strip[data-holds=false]').getByText('برابر نیست').waitFor();
  });

  test('a code without a sentence is still said, with its name', async () => {
    show({ ...OFFICER, fault: { code: 'never_heard_of' } });
    await executive.getByText('never_heard_of').waitFor();
  });
});
