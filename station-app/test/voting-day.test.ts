/** A small day through the real parts: opening, votes, correction, close, count, recount, signed slip. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { decode, records } from '@sandoq/protocol';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { STATION, VotingRoom } from './voting-room.ts';

let room: VotingRoom;
beforeEach(async () => {
  room = new VotingRoom();
  await room.setUp();
});
afterEach(() => room.tearDown());

describe('a day', () => {
  it('counts what was cast, and the recount of both recorders agrees', async () => {
    await room.open();
    expect(room.officerView?.zero_report).toMatchObject({ records: 0, papers_printed: 0 });
    await room.vote([0], [5, 7, 299]);
    await room.vote([2], 'blank');
    await room.vote('blank', [7], 'tarefe-2');
    expect(room.officerView?.public_count).toBe(3);
    await room.close();
    await room.count();
    const slip = room.officerView?.slip;
    expect(slip?.faults).toEqual([]);
    expect(slip?.disputed).toBe(false);
    expect(slip?.totals[0]).toMatchObject({ records: 3, valid: 2, blank: 1, candidates: [1, 0, 1, 0] });
    expect(slip?.totals[1]).toMatchObject({ records: 3, valid: 2, blank: 1, marks: 4, undervotes: 56 });
    expect(slip?.totals[1]?.candidates[7]).toBe(2);
    expect(slip?.slots).toEqual({ box: 6, station: 6, tallied: 6 });
    for (const source of ['station', 'box'] as const)
      expect(await room.call('recount.run', { source, pins: room.closingPins })).toEqual({ agreed: true });
    await room.takeClosingCards();
    await room.call('slip.approve_begin', {});
    expect(await room.refusal('slip.send', {})).toBe('approvals_missing');
    expect(await room.approve(['executive', 'governor_representative', 'council_representative'])).toBe(true);
    expect(await room.call('slip.send', {})).toEqual({ state: 'by_hand' });
    const bundle = decode(
      records.bundleShape,
      new Uint8Array(readFileSync(join(room.data, 'out', `${STATION}.bundle`))),
    );
    expect(bundle.ok && bundle.value.approvals.length).toBe(3);
  });

  it('gives a voter her choice again after a correction, and counts the paper', async () => {
    await room.open();
    await room.arm();
    await room.begin();
    await room.choose([1], 'blank');
    await room.call('voter.print', {});
    await room.untilVoter('in_window');
    await room.press('correction');
    await room.untilVoter('choosing');
    expect(room.voterView).toMatchObject({
      code: 'paper_rejected',
      choices: [{ choice: null }, { choice: null }],
    });
    await room.choose([3], 'blank');
    await room.call('voter.print', {});
    await room.press('green');
    await room.untilVoter('cast');
    await room.place('tarefe-1', 'pocket');
    await room.close();
    await room.count();
    expect(room.officerView?.slip).toMatchObject({
      disputed: false,
      papers: { printed: 2, in_bin: 1, rejected: 1, retained: 0 },
    });
    expect(room.officerView?.slip?.totals[0]?.candidates).toEqual([0, 0, 0, 1]);
  });

  it('takes a vote by the box’s keypad alone', async () => {
    await room.open();
    await room.arm();
    await room.begin();
    const keys = async (...names: readonly Parameters<typeof room.press>[0][]) => {
      for (const name of names) await room.press(name);
    };
    // 99 is no code; correction takes digits back; green goes on; white is a blank
    await keys('green');
    await room.until('the untouched contest', () => room.voterView?.code === 'contest_untouched');
    await keys('digit_9', 'digit_9');
    await room.until('the unknown code', () => room.voterView?.code === 'code_unknown');
    await keys('digit_9', 'correction', 'digit_1', 'digit_3', 'green', 'white', 'green');
    await room.untilVoter('review');
    expect(room.voterView?.choices).toEqual([
      { contest: 0, choice: [2] },
      { contest: 1, choice: 'blank' },
    ]);
    await keys('green');
    await room.untilVoter('in_window');
    await keys('green');
    await room.untilVoter('cast');
    await room.place('tarefe-1', 'pocket');
    await room.close();
    await room.count();
    expect(room.officerView?.slip?.totals[0]?.candidates).toEqual([0, 0, 1, 0]);
  });

  it('says "disputed" and names the ledger where the other side’s numbers do not fit', async () => {
    await room.open();
    await room.vote([0], 'blank');
    await room.close();
    await room.count({
      tarefeIssued: 5,
      admitted: 5,
      local: 5,
      byDocument: [{ document: 'passport', count: 5 }],
    });
    expect(room.officerView?.slip).toMatchObject({ disputed: true, faults: ['ledger_outstanding'] });
    const evidence = readFileSync(join(room.data, 'out', `${STATION}.evidence.json`), 'utf8');
    expect(JSON.parse(evidence)).toMatchObject({ faults: ['ledger_outstanding'] });
  });
});
