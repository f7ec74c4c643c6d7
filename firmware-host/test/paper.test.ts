// One hazard a test: jam, paper out, lid, a hand in the window, a voter who leaves.
import { rasterItemBytes } from '@sandoq/protocol';
import { describe, expect, test } from 'vitest';
import { auditImage } from '../src/index.ts';
import { crypto } from './election.ts';
import { TestCard } from './metal.ts';
import { BALLOT, builtFirmware, openRig, Rig, refusalOf } from './rig.ts';

const printed = async (): Promise<Rig> => {
  const rig = await openRig();
  rig.metal.lay(new TestCard(rig.election, 1));
  rig.pending = rig.prepared(1, BALLOT);
  rig.print(rig.pending);
  return rig;
};

describe('the page', () => {
  const rowBytes = 12;
  const band = (rig: Rig, item: number): Uint8Array => {
    const size = rasterItemBytes(rig.election.package.rasters);
    return rig.election.rasters.slice(item * size + 12, (item + 1) * size);
  };

  test('is composed from the signed pictures and the box’s own digits, in ballot order', async () => {
    const rig = await printed();
    const { bits, rows } = rig.metal.page!;
    const lines = 1 + 5 + 3;
    expect(rows).toBe(8 * (2 + 3 + lines) + 28 * lines);
    const at = (row: number, count: number): Uint8Array =>
      bits.slice(row * rowBytes, (row + count) * rowBytes);
    expect(at(0, 8)).toEqual(band(rig, 0));
    expect(at(8, 8)).toEqual(band(rig, 1)); // rehearsal watermark
    expect(at(16, 8)).toEqual(band(rig, 4)); // title of contest 0
    // Contest 0, candidate 2: code 114, then her name.
    const code = at(24, 28);
    expect(code.slice(0, 2 * rowBytes).every((byte) => byte === 0)).toBe(true);
    expect(code.some((byte) => byte !== 0)).toBe(true);
    const column = (place: number): string =>
      Array.from({ length: 24 }, (_, y) => {
        const from = (y + 2) * rowBytes + rowBytes - 1 - 2 * (3 - place);
        return `${code[from]},${code[from + 1]}`;
      }).join();
    expect(column(0)).toBe(column(1)); // 1 and 1
    expect(column(2)).not.toBe(column(1)); // 4
    expect(at(52, 8)).toEqual(band(rig, 4 + 3 + 2));
    // Contest 1: candidates 0, 7, 19, then two white lines.
    const second = 60;
    expect(at(second, 8)).toEqual(band(rig, 5));
    for (const [i, candidate] of [0, 7, 19].entries())
      expect(at(second + 8 + 36 * i + 28, 8)).toEqual(band(rig, 4 + 3 + 4 + candidate));
    expect(at(second + 8 + 36 * 3, 72).every((byte) => byte === 0)).toBe(true);
  });

  test('has one length for every ballot, and says blank and not-in-style in words', async () => {
    const rig = await printed();
    const { rows } = rig.metal.page!;
    rig.metal.press('green');
    rig.metal.lay(new TestCard(rig.election, 2, { style: 1 }));
    rig.print(
      rig.prepared(2, [
        { contest: 0, class: 'blank', choices: [] },
        { contest: 1, class: 'not_in_style', choices: [] },
        { contest: 2, class: 'not_in_style', choices: [] },
      ]),
    );
    const page = rig.metal.page!;
    expect(page.rows).toBe(rows);
    expect(page.bits.slice(52 * rowBytes, 60 * rowBytes)).toEqual(band(rig, 2));
    expect(page.bits.slice((60 + 8 + 28) * rowBytes, (60 + 8 + 36) * rowBytes)).toEqual(band(rig, 3));
  });

  test('an official page carries no watermark and is as long', async () => {
    const rig = await openRig({ demonstration: false }, 'official');
    rig.metal.lay(new TestCard(rig.election, 1, { mode: 'official' }));
    rig.print(rig.prepared(1, BALLOT));
    const { bits, rows } = rig.metal.page!;
    expect(rows).toBe(8 * (2 + 3 + 9) + 28 * 9);
    expect(bits.slice(8 * rowBytes, 16 * rowBytes).every((byte) => byte === 0)).toBe(true);
  });
});

describe('correction', () => {
  test('makes the paper unreadable, drops it among the rejected, signs it, and the voter chooses again', async () => {
    const rig = await printed();
    rig.metal.press('correction');
    const event = rig.events.outcomes.at(-1)!;
    expect(event.outcome).toBe('rejected');
    expect(rig.verifyRejection(event.rejection!, crypto.sha256(rig.pending!.stationNonce))).toBe(true);
    expect(rig.ask('outcome', { names: rig.pending!.names })).toEqual(event);
    expect(rig.metal.bins).toEqual({ bin: 0, rejected: 1, retained: 0 });
    expect(rig.begin(2).rejections).toBe(1);
    rig.print(rig.prepared(2, BALLOT));
    rig.metal.press('green');
    expect(rig.status().counters).toMatchObject({
      records: 3,
      papersPrinted: 2,
      papersInBin: 1,
      papersRejected: 1,
    });
  });
});

describe('hazards', () => {
  test('a jam on the way to the bin: the vote stands, the paper falls once it is freed', async () => {
    const rig = await printed();
    rig.metal.jamNextDrop = true;
    rig.metal.press('green');
    expect(rig.status().paper).toBe('jammed');
    expect(rig.ask('outcome', { names: rig.pending!.names }).outcome).toBe('cast');
    expect(refusalOf(() => rig.begin(2))).toBe('paper_jammed');
    expect(rig.events.outcomes).toEqual([]);
    rig.pass(5000);
    expect(rig.status().paper).toBe('jammed');
    rig.metal.clearJam();
    expect(rig.events.outcomes.at(-1)?.outcome).toBe('cast');
    expect(rig.status()).toMatchObject({ paper: 'idle', counters: { papersInBin: 1, papersPrinted: 1 } });
  });

  test('a jam in the printer: refused, and what is found in the window afterwards is rejected', async () => {
    const rig = await openRig();
    rig.metal.lay(new TestCard(rig.election, 1));
    rig.metal.printerFault = 'jam';
    expect(refusalOf(() => rig.print(rig.prepared(1, BALLOT)))).toBe('paper_jammed');
    expect(rig.status().paper).toBe('jammed');
    rig.metal.clearJam();
    expect(rig.status()).toMatchObject({ paper: 'idle', counters: { papersPrinted: 1, papersRejected: 1 } });
    rig.print(rig.prepared(2, BALLOT));
    rig.metal.press('green');
    expect(rig.status().counters).toMatchObject({ papersPrinted: 2, papersInBin: 1, records: 3 });
  });

  test('no paper: named, nothing counted, and the next page prints once there is some', async () => {
    const rig = await openRig();
    rig.metal.lay(new TestCard(rig.election, 1));
    rig.metal.printerFault = 'out_of_paper';
    expect(refusalOf(() => rig.print(rig.prepared(1, BALLOT)))).toBe('paper_out');
    expect(rig.status()).toMatchObject({ paper: 'out_of_paper', counters: { papersPrinted: 0 } });
    rig.metal.printerFault = 'failed';
    expect(refusalOf(() => rig.print(rig.prepared(2, BALLOT)))).toBe('printer_failed');
    rig.print(rig.prepared(3, BALLOT));
    expect(rig.status().paper).toBe('in_window');
  });

  test('out of paper is no longer said once the lid was opened and shut again', async () => {
    const rig = await openRig();
    rig.metal.lay(new TestCard(rig.election, 1));
    rig.metal.printerFault = 'out_of_paper';
    expect(refusalOf(() => rig.print(rig.prepared(1, BALLOT)))).toBe('paper_out');
    rig.metal.setLid(true);
    expect(rig.status()).toMatchObject({ paper: 'out_of_paper', lidOpen: true });
    rig.metal.setLid(false);
    expect(rig.status()).toMatchObject({ paper: 'idle', lidOpen: false });
  });

  test('a printer that never answers is given up by name', async () => {
    const rig = await openRig();
    rig.metal.lay(new TestCard(rig.election, 1));
    const prepared = rig.prepared(1, BALLOT);
    rig.metal.holdPage = true;
    const print = rig.send('print', prepared);
    rig.pass(24_000, 1000);
    expect(rig.answer(print)).toBeUndefined();
    rig.pass(2_000, 1000);
    expect(() => rig.answer(print)).toThrow('printer_failed');
  });

  test('with the lid open nothing is begun, printed or cast', async () => {
    const rig = await printed();
    rig.metal.setLid(true);
    expect(rig.events.states.at(-1)).toMatchObject({ lidOpen: true });
    rig.metal.press('green');
    expect(rig.status()).toMatchObject({ lidOpen: true, counters: { records: 0 } });
    rig.metal.setLid(false);
    rig.metal.press('green');
    expect(rig.status().counters.records).toBe(3);
    rig.metal.setLid(true);
    rig.metal.lay(new TestCard(rig.election, 2));
    expect(refusalOf(() => rig.begin(2))).toBe('lid_open');
  });

  test('a fall that no sensor saw counts once the window is seen empty', async () => {
    const rig = await printed();
    rig.metal.loseNextFall = true;
    rig.metal.press('green');
    expect(rig.status().paper).toBe('dropping');
    rig.pass(11_000, 500);
    expect(rig.status()).toMatchObject({ paper: 'idle', counters: { papersInBin: 1 } });
    expect(rig.events.outcomes.at(-1)?.outcome).toBe('cast');
  });

  test('a paper taken from the window while the power was off is lost, named, and not counted as rejected', async () => {
    const rig = await printed();
    rig.metal.takePaper();
    rig.restart();
    rig.link();
    expect(rig.status()).toMatchObject({
      paper: 'lost',
      counters: { papersPrinted: 1, papersInBin: 0, papersRejected: 0 },
    });
    expect(auditImage(crypto, rig.flash.image()).findings.map((one) => one.code)).toEqual(['papers_lost']);
    rig.print(rig.prepared(2, BALLOT));
    rig.metal.press('green');
    expect(rig.status().counters).toMatchObject({ records: 3, papersPrinted: 2, papersInBin: 1 });
  });

  test('a paper that stands in the window before opening blocks until a hand has taken it, and counts nowhere', async () => {
    const rig = new Rig(await builtFirmware());
    rig.provision();
    rig.load();
    rig.metal.window = 'paper';
    rig.restart();
    rig.link();
    expect(rig.status().paper).toBe('jammed');
    rig.metal.takePaper();
    rig.pass(2_000);
    expect(rig.status().paper).toBe('idle');
    rig.open();
    rig.cast(1);
    expect(rig.status().counters).toMatchObject({ papersPrinted: 1, papersInBin: 1, records: 3 });
  });

  test('a voter who leaves: two roles keep the paper back, the card stays armed', async () => {
    const rig = await printed();
    const card = rig.metal.card!;
    const abandon = (digest: Uint8Array, roles = ['executive', 'supervisor'] as const) =>
      refusalOf(() => rig.ask('abandon', { approvals: rig.approvals(roles, 'abandon_ballot', digest) }));
    expect(abandon(crypto.sha256(card.digest()))).toBe('approvals_invalid');
    expect(abandon(rig.closeDigest())).toBe('approvals_invalid');
    expect(abandon(card.digest())).toBe('nothing was refused');
    expect(rig.metal.bins).toEqual({ bin: 0, rejected: 0, retained: 1 });
    expect(card.state).toBe('armed');
    expect(rig.ask('outcome', { names: rig.pending!.names }).outcome).toBe('retained');
    expect(rig.status().counters).toMatchObject({ records: 0, papersPrinted: 1, papersRetained: 1 });
    expect(abandon(card.digest())).toBe('no_ballot_begun');
  });

  test('a voter who leaves with her card: the approvals are over the session', async () => {
    const rig = await printed();
    rig.metal.lay(undefined);
    const approvals = rig.approvals(['executive', 'supervisor'], 'abandon_ballot', rig.closeDigest());
    expect(rig.ask('abandon', { approvals }).outcome).toBe('retained');
    expect(rig.status().counters.papersRetained).toBe(1);
  });
});
