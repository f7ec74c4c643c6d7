/** The reckoning behind the planners' page: a short day of the model, and the page's own lines reckoned again. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { formatInteger, type Locale } from '@sandoq/protocol/persian';
import { describe, expect, it } from 'vitest';
import { day } from '../bench/queue/day.ts';
import { DESKS_ENOUGH, HELP_SHARE_USUAL, QUEUE_SETTINGS } from '../bench/queue/settings.ts';
import { firstOf, type QueueVoter, queueVoters } from '../bench/queue/voters.ts';

const SETTINGS = { ...QUEUE_SETTINGS, voters: 600, hours: 2, arrivals_by_hour: [0.5, 0.5] };
const dayOf = (voters: readonly QueueVoter[], boxes: number, desks = DESKS_ENOUGH) =>
  day(voters, { desks, boxes, hours: SETTINGS.hours });
const voters = queueVoters(SETTINGS as never, 0.05);

describe('a day in virtual time', () => {
  it('is the same for the same seed, and another for another', () => {
    expect(queueVoters(SETTINGS as never, 0.05)).toEqual(voters);
    expect(queueVoters({ ...SETTINGS, seed: 7 } as never, 0.05)).not.toEqual(voters);
  });

  it('lets everyone vote, however few the boxes, and more boxes or fewer voters never wait longer', () => {
    const days = [1, 2, 4, 8, 16].map((boxes) => dayOf(voters, boxes));
    for (const [i, { voted, p95_minutes, median_minutes }] of days.entries()) {
      expect(voted).toBe(SETTINGS.voters);
      expect(median_minutes).toBeLessThanOrEqual(p95_minutes);
      expect(p95_minutes).toBeLessThanOrEqual(days[i - 1]?.p95_minutes ?? Number.POSITIVE_INFINITY);
    }
    expect(dayOf(firstOf(voters, 300), 4).p95_minutes).toBeLessThan(dayOf(voters, 4).p95_minutes);
    expect(days[0]?.after_close_minutes).toBeGreaterThan(60);
  });

  it('takes longer where more are helped, and only theirs: nobody else has another day', () => {
    const helped = queueVoters(SETTINGS as never, 0.2);
    expect(dayOf(helped, 8).median_minutes).toBeGreaterThan(dayOf(voters, 8).median_minutes);
    const others = new Map(voters.map((each) => [each.number, each]));
    for (const voter of helped)
      if (!voter.isHelped) expect(others.get(voter.number)).toMatchObject({ steps: voter.steps });
  });

  it('with a box for everybody takes what her own steps take, and nothing else', () => {
    const own = voters
      .map(({ steps }) => steps.slice(0, -1).reduce((sum, { seconds }) => sum + seconds, 0) / 60)
      .sort((a, b) => a - b);
    const alone = day(voters, { desks: voters.length, boxes: voters.length, hours: SETTINGS.hours });
    expect(alone.queue_max).toBe(0);
    expect(alone.median_minutes).toBeCloseTo(own[Math.floor(own.length / 2)] as number, 1);
  });

  it('does only what the voter’s machine does', () => {
    const [voter] = voters;
    if (voter === undefined) throw new Error('nobody came');
    const hasty = { ...voter, steps: voter.steps.filter(({ event }) => event !== 'PRINTING_STARTED') };
    expect(() => dayOf([hasty], 1)).toThrow(/does not take PAPER_IN_WINDOW in review/);
  });
});

describe('the planners’ page', () => {
  it.each(['fa', 'en'] as const)('in %s says what the model says', (locale: Locale) => {
    const page = readFileSync(join(import.meta.dirname, '..', 'docs', `queue.${locale}.md`), 'utf8');
    const usual = queueVoters(QUEUE_SETTINGS, HELP_SHARE_USUAL);
    const boxes = 4;
    const { median_minutes, p95_minutes, voters_an_hour } = day(usual, {
      desks: DESKS_ENOUGH,
      boxes,
      hours: QUEUE_SETTINGS.hours,
    });
    const line = [boxes, median_minutes, p95_minutes, voters_an_hour]
      .map((value) => formatInteger(Math.round(value), locale))
      .join(' | ');
    expect(page).toContain(`| ${line} |`);
    expect(page).not.toMatch(/--><!-- \//);
  });
});
