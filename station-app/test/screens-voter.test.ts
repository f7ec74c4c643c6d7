/** The voter's two minutes in a real browser, over a scripted voting process that keeps choices as the real one does. */
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { Refused } from '../src/contract/socket.ts';
import type { VoterView } from '../src/contract/voting.ts';
import { ADMISSION, BALLOT, OFFICER, VOTER, VOTING } from './screens/sample.ts';
import { type ScriptedStation, scriptStation } from './screens/scripted-station.ts';
import { openWindows, type Windows } from './screens/windows.ts';

let station: ScriptedStation;
let windows: Windows;
let page: Page;

const show = (voter: VoterView): void => {
  station.voter = voter;
  station.changed();
};
const heading = (name: string | RegExp) => page.getByRole('heading', { level: 1, name });
const button = (name: string | RegExp) => page.getByRole('button', { name, exact: typeof name === 'string' });
const choicesHeard = () =>
  station.heard.filter(({ name }) => name === 'voter.choose').map(({ input }) => input);
const inMajles: VoterView = {
  ...VOTING,
  choices: [
    { contest: 0, choice: [1] },
    { contest: 1, choice: null },
    { contest: 2, choice: null },
  ],
};

beforeAll(async () => {
  station = await scriptStation({ officer: OFFICER, voter: VOTER, admission: ADMISSION });
  station.on('ballot.read', () => BALLOT);
  station.on('voter.choose', (input: VoterView['choices'][number]) => {
    show({
      ...station.voter,
      choices: station.voter.choices.map((each) => (each.contest === input.contest ? input : each)),
    });
  });
  station.on('voter.touch', () => undefined);
  station.on('voter.review', ({ open }: { readonly open: boolean }) =>
    show({ ...station.voter, phase: open ? 'review' : 'choosing' }),
  );
  station.on('voter.print', () => {
    show({ ...VOTING, phase: 'in_window', choices: [], contests: [] });
    return { phase: 'in_window' };
  });
  station.on('voter.leave', () => show({ ...VOTER, phase: 'ended', code: 'left' }));
  windows = await openWindows(station, { isClockFixed: false });
  page = await windows.open('voter');
}, 180_000);

afterAll(async () => {
  await windows?.close();
  await station?.close();
});

beforeEach(async () => {
  show(VOTER);
  await heading('خوش آمدید').waitFor();
  station.heard.length = 0;
});

describe('choosing', () => {
  test('a whole vote by touch: every contest, read back, printed; the voting process hears exactly that', async () => {
    show(VOTING);
    await button(/^کد ۲۲/).click();
    await button('رأی‌گیری بعدی').click();
    await heading(/مجلس/).waitFor();
    for (const digit of ['۱', '۰', '۷']) await button(digit).click();
    await button('برگزیدن').click();
    await page.getByRole('tab', { name: 'فهرست' }).click();
    await button(/^کد ۱۱۰/).click();
    await button('رأی‌گیری بعدی').click();
    await page.getByRole('alertdialog', { name: '۳ جای دیگر خالی است' }).waitFor();
    await button('همین کافی است؛ بعدی').click();
    await heading('شورای اسلامی شهر').waitFor();
    await page.getByRole('tab', { name: 'فهرست' }).click();
    await button(/^کد ۲۱/).click();
    await button('دیدن انتخاب‌ها').click();
    await button('همین کافی است؛ دیدن انتخاب‌ها').click();
    await heading('انتخاب‌های خود را ببینید').waitFor();
    await page.getByText('حسین یزدانی').waitFor();
    await button('چاپ برگه').click();
    await heading('برگه را در پنجره بخوانید').waitFor();
    expect(choicesHeard()).toEqual([
      { contest: 0, choice: [1] },
      { contest: 1, choice: [2] },
      { contest: 1, choice: [2, 3] },
      { contest: 2, choice: [0] },
    ]);
    expect(station.heard.filter(({ name }) => name === 'voter.print')).toHaveLength(1);
    expect(station.unexpected).toEqual([]);
  });

  test('names are found as people type them: Arabic letters, half-spaces or none, digits of all kinds', async () => {
    show(inMajles);
    await page.getByRole('tab', { name: 'با نام' }).click();
    const search = page.getByLabel('نام یا نام خانوادگی');
    const found = async (query: string): Promise<string[]> => {
      await search.fill(query);
      await page.getByText(/نامزد پیدا شد/).waitFor();
      const cards = await page.getByRole('group', { name: 'نامزدها' }).getByRole('button').allInnerTexts();
      return cards.map((card) => card.replace(/\s+/g, ' '));
    };
    const asStored = await found('علی‌رضا کوهستانی');
    expect(asStored[0]).toContain('علی‌رضا کوهستانی');
    expect(await found('عليرضا كوهستاني')).toEqual(asStored);
    expect(await found('علی رضا کوهستانی')).toEqual(asStored);
    expect(await found('كوهستان علي')).toEqual(asStored);
    const byCode = await found('104');
    expect(await found('۱۰۴')).toEqual(byCode);
    expect(await found('١٠٤')).toEqual(byCode);
  });

  test('the under-vote is asked about once, and a blank only on purpose', async () => {
    show(inMajles);
    await page.getByRole('tab', { name: 'فهرست' }).click();
    await button(/^کد ۱۰۱/).click();
    await button('رأی‌گیری بعدی').click();
    await button('باز هم برمی‌گزینم').click();
    await button('رأی‌گیری بعدی').click();
    await heading('شورای اسلامی شهر').waitFor();
    await button('دیدن انتخاب‌ها').click();
    // The council has no blank vote: nobody leaves it empty.
    await page.getByRole('alertdialog').getByText('دست‌کم یک نام').waitFor();
    await button('برمی‌گزینم').click();
    await button('رأی‌گیری قبلی').click();
    await button('رأی سفید در این رأی‌گیری').click();
    await page.getByRole('alertdialog', { name: 'رأی سفید می‌دهید؟' }).waitFor();
    await button('نه').click();
    expect(choicesHeard()).not.toContainEqual({ contest: 1, choice: 'blank' });
    await button('رأی سفید در این رأی‌گیری').click();
    await button('بله، رأی سفید').click();
    await button('برداشتن رأی سفید').waitFor();
    expect(choicesHeard().at(-1)).toEqual({ contest: 1, choice: 'blank' });
  });

  test('two touches faster than the answer are both kept, and one more than the seats is not', async () => {
    const standing = inMajles.choices.map((each) =>
      each.contest === 1 ? { ...each, choice: [20, 21, 22] } : each,
    );
    show({ ...inMajles, choices: standing });
    await heading('شورای اسلامی شهر').waitFor();
    await button('رأی‌گیری قبلی').click();
    await page.getByRole('tab', { name: 'فهرست' }).click();
    // Touches are events of their own, here with nothing between them: answers come some 40 ms later.
    await page.evaluate(async () => {
      for (const card of [...document.querySelectorAll<HTMLElement>('.kit-choice')].slice(0, 3)) {
        card.click();
        await new Promise((resolve) => setTimeout(resolve));
      }
    });
    await page.getByText('هر ۵ جا پر است؛ نخست یکی را بردارید.').waitFor();
    await expect.poll(() => choicesHeard().at(-1)).toEqual({ contest: 1, choice: [20, 21, 22, 0, 1] });
  });

  test('with one seat a new choice replaces the old', async () => {
    show(VOTING);
    await button(/^کد ۱۱/).click();
    await page.getByText('برگزیده شد', { exact: true }).first().waitFor();
    await button(/^کد ۴۴/).click();
    await expect
      .poll(() => choicesHeard())
      .toEqual([
        { contest: 0, choice: [0] },
        { contest: 0, choice: [3] },
      ]);
  });

  test('by keyboard alone: digits anywhere are the code, Enter chooses', async () => {
    show(inMajles);
    await heading(/مجلس/).waitFor();
    await page.getByLabel('کد نامزد').first().focus();
    await page.keyboard.type('۱٠4');
    await page.keyboard.press('Enter');
    await expect.poll(() => choicesHeard()).toEqual([{ contest: 1, choice: [1] }]);
    await button('رأی‌گیری بعدی').focus();
    await page.keyboard.press('Enter');
    await page.getByRole('alertdialog').waitFor();
    await button('همین کافی است؛ بعدی').focus();
    await page.keyboard.press('Space');
    await heading('شورای اسلامی شهر').waitFor();
  });

  test('the box’s keypad leads the screen: it turns to where the digits go, and what is asked stands there', async () => {
    show({ ...inMajles, key: { number: 4, key: 'green' }, keypad: { place: 0, digits: '' } });
    await heading(/مجلس/).waitFor();
    show({ ...station.voter, key: { number: 5, key: 'digit_1' }, keypad: { place: 1, digits: '1' } });
    await expect.poll(() => page.getByLabel('کد نامزد').first().inputValue()).toBe('۱');
    show({ ...station.voter, code: 'undervote_asked', key: { number: 6, key: 'green' } });
    await page.getByText('اگر همین کافی است، دکمه سبز را دوباره بزنید').waitFor();
    show({
      ...station.voter,
      code: null,
      key: { number: 7, key: 'green' },
      keypad: { place: 2, digits: '' },
    });
    await heading('شورای اسلامی شهر').waitFor();
    show({ ...station.voter, code: 'contest_untouched', key: { number: 8, key: 'green' } });
    await page.getByText('در این رأی‌گیری هنوز کسی را برنگزیده‌اید.').waitFor();
    expect(choicesHeard()).toEqual([]);
  });

  test('turning to a contest by touch tells the voting process where the box’s digits go now', async () => {
    show(VOTING);
    await button(/^کد ۲۲/).click();
    await button('رأی‌گیری بعدی').click();
    await heading(/مجلس/).waitFor();
    await expect
      .poll(() => station.heard.filter(({ name }) => name === 'voter.touch').map(({ input }) => input))
      .toContainEqual({ place: 1 });
  });
});

describe('what stays', () => {
  test('the screen has the same shape whatever is chosen', async () => {
    show(inMajles);
    await page.getByRole('tab', { name: 'فهرست' }).click();
    const shape = async () =>
      JSON.stringify(
        await page.evaluate(async () => {
          // A card that has just come is laid out by its usual size for one frame.
          for (let frame = 0; frame < 2; frame++) await new Promise((next) => requestAnimationFrame(next));
          return ['.kit-choice-grid', '.st-chosen', '.kit-pager', '.kit-footer'].map((part) => {
            const box = document.querySelector(part)?.getBoundingClientRect();
            return [box?.x, box?.y, box?.width, box?.height];
          });
        }),
      );
    // The view before may have shown another contest, whose list of places is shorter.
    await expect.poll(() => page.locator('.st-chosen li').count()).toBe(5);
    const empty = await shape();
    for (const choice of [[0], [195, 3], [0, 1, 2, 3, 4]]) {
      show({
        ...inMajles,
        choices: inMajles.choices.map((each) => (each.contest === 1 ? { contest: 1, choice } : each)),
      });
      await page
        .locator(`.st-chosen [data-filled]`)
        .nth(choice.length - 1)
        .waitFor();
      expect(await shape()).toBe(empty);
    }
  });

  test('nothing of a session is in storage, address, history, cookies or page after it', async () => {
    const historyLength = await page.evaluate(() => history.length);
    const address = page.url();
    show(inMajles);
    await page.getByRole('tab', { name: 'با نام' }).click();
    await page.getByLabel('نام یا نام خانوادگی').fill('کوهستانی');
    await page.getByRole('group', { name: 'نامزدها' }).getByRole('button').first().click();
    const inputs = await page.evaluate(() =>
      [...document.querySelectorAll('input')].map((input) => [input.autocomplete, input.spellcheck]),
    );
    expect(inputs.length).toBeGreaterThan(0);
    for (const [autocomplete, spellcheck] of inputs) {
      expect(autocomplete).toBe('off');
      expect(spellcheck).toBe(false);
    }
    show({ ...VOTER, phase: 'cast' });
    await heading('رأی شما در صندوق است').waitFor();
    show(VOTER);
    await heading('خوش آمدید').waitFor();
    const left = await page.evaluate(async () => ({
      local: localStorage.length,
      session: sessionStorage.length,
      databases: (await indexedDB.databases()).length,
      caches: (await caches.keys()).length,
      cookie: document.cookie,
      html: document.documentElement.outerHTML,
    }));
    expect(left).toMatchObject({ local: 0, session: 0, databases: 0, caches: 0, cookie: '' });
    expect(left.html).not.toContain('کوهستانی');
    expect(page.url()).toBe(address);
    expect(await page.evaluate(() => history.length)).toBe(historyLength);
  });

  test('the next voter finds the first language, size and colours again', async () => {
    show(VOTING);
    await button(/Language/).click();
    await page.getByRole('radio', { name: 'English', exact: true }).click();
    await page.getByRole('radio', { name: 'Largest', exact: true }).click();
    await button('Close').click();
    await heading('President').waitFor();
    show({ ...VOTER, phase: 'cast' });
    await heading('Your vote is in the box').waitFor();
    show(VOTER);
    await heading('خوش آمدید').waitFor();
    expect(await page.evaluate(() => document.documentElement.dataset.size)).toBe('2');
  });
});

describe('time and faults', () => {
  test('the alert counts down and one touch keeps the session', async () => {
    show({ ...inMajles, alert: true, idle_left_ms: 30_000 });
    await page.getByRole('alertdialog', { name: 'هنوز اینجا هستید؟' }).waitFor();
    await page.getByText(/^(۳۰|۲۹|۲۸) ثانیه مانده/).waitFor();
    station.heard.length = 0;
    await button('ادامه می‌دهم').click();
    await page.getByRole('alertdialog').waitFor({ state: 'detached' });
    await expect.poll(() => station.heard.some(({ name }) => name === 'voter.touch')).toBe(true);
    await heading(/مجلس/).waitFor();
  });

  test('when the voting process is gone no choice stands on the screen, and it comes back by itself', async () => {
    show(inMajles);
    await page.getByRole('tab', { name: 'فهرست' }).click();
    await button(/^کد ۱۰۱/).click();
    await page.locator('.st-chosen [data-filled]').waitFor();
    await station.stop('voting');
    await heading('ارتباط با شعبه قطع است').waitFor();
    expect(await page.evaluate(() => document.body.innerText)).not.toContain('مریم کریمی');
    station.voter = VOTER;
    await station.start('voting');
    await heading('خوش آمدید').waitFor();
  });

  test('a refusal is said in words with what to do, and the choice that the voting process holds stands', async () => {
    show(inMajles);
    await page.getByRole('tab', { name: 'فهرست' }).click();
    const choose = (input: VoterView['choices'][number]): void =>
      show({
        ...station.voter,
        choices: station.voter.choices.map((each) => (each.contest === input.contest ? input : each)),
      });
    station.on('voter.choose', () => {
      throw new Refused('choice_withdrawn');
    });
    await button(/^کد ۱۰۴/).click();
    await page.getByText('این نامزد انصراف داده است.').waitFor();
    expect(await page.locator('.st-chosen [data-filled]').count()).toBe(0);
    station.on('voter.choose', choose);
    await button(/^کد ۱۰۱/).click();
    await page.locator('.st-chosen [data-filled]').waitFor();
    show({ ...station.voter, phase: 'review', code: 'printing_refused' });
    await heading('انتخاب‌های خود را ببینید').waitFor();
    await page.getByText('صندوق برگه را چاپ نکرد.').waitFor();
    await page.getByText('مریم کریمی').waitFor();
  });

  test('leaving without a vote is asked about first', async () => {
    show(VOTING);
    await button('رأی نمی‌دهم').click();
    await button('نه، می‌مانم').click();
    expect(station.heard.some(({ name }) => name === 'voter.leave')).toBe(false);
    await button('رأی نمی‌دهم').click();
    await button('بله، می‌روم').click();
    await heading('این نوبت به پایان رسید').waitFor();
  });
});
