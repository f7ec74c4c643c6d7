// Nobody is told that she voted while her card can still be taken armed, and a card that was torn away is not forgotten.
import { encodeFrame, FROM_PRINTER, PRINTER_FAULTS } from '@sandoq/protocol';
import { describe, expect, test } from 'vitest';
import { TestCard } from './metal.ts';
import { BALLOT, openRig, type Rig, refusalOf, twin } from './rig.ts';

/** A vote whose green key is pressed, while the burning of its card is held back. */
async function burning() {
  const rig = await openRig();
  const card = rig.newCard(1);
  rig.metal.lay(card);
  const prepared = rig.prepared(1, BALLOT);
  rig.print(prepared);
  rig.metal.holdPad = 'burn';
  rig.metal.press('green');
  expect(rig.status().counters.cardsSpent).toBe(1);
  expect(card.state).toBe('armed');
  return { rig, card, prepared, names: prepared.names };
}

/** The card is torn away in that moment. */
async function torn() {
  const held = await burning();
  held.rig.metal.lay(undefined);
  held.rig.metal.goOn();
  expect(held.card.state).toBe('armed');
  return held;
}

const outcome = (rig: Rig, names: readonly Uint8Array[]): string =>
  rig.ask('outcome', { names: [...names] }).outcome;

describe('cast is told when the burning has ended', () => {
  test('asked in between, by OUTCOME, by the same PRINT, on a new link: the paper is in the window', async () => {
    const { rig, card, prepared, names } = await burning();
    expect(rig.status()).toMatchObject({ paper: 'in_window', cardsUnburnt: 0 });
    expect(outcome(rig, names)).toBe('in_window');
    expect(rig.print(prepared).outcome).toBe('in_window');
    rig.link();
    expect(outcome(rig, names)).toBe('in_window');
    expect(rig.events.outcomes).toEqual([]);
    rig.metal.goOn();
    expect(card.state).toBe('spent');
    expect(rig.events.outcomes.at(-1)?.outcome).toBe('cast');
    expect(outcome(rig, names)).toBe('cast');
    expect(rig.metal.bins.bin).toBe(1);
  });

  test('a printer’s fault in between does not let the paper fall first', async () => {
    const { rig, card } = await burning();
    const fault = Uint8Array.of(FROM_PRINTER.fault, PRINTER_FAULTS.out_of_paper);
    rig.box.receive(2, encodeFrame(fault, 2048));
    expect(rig.metal.bins.bin).toBe(0);
    expect(rig.events.outcomes).toEqual([]);
    rig.metal.goOn();
    expect(card.state).toBe('spent');
    rig.pass(3000);
    expect(rig.metal.bins.bin).toBe(1);
    expect(rig.events.outcomes.at(-1)?.outcome).toBe('cast');
  });

  test('a card that never answers holds it up no longer than its time', async () => {
    const { rig, names } = await burning();
    rig.pass(600);
    expect(outcome(rig, names)).toBe('in_window');
    rig.pass(200);
    expect(outcome(rig, names)).toBe('cast');
    expect(rig.status()).toMatchObject({ paper: 'idle', cardsUnburnt: 1 });
  });

  test('power lost in between: at boot the card is burnt before `cast` is told, and busy until then', async () => {
    const { rig, card, prepared, names } = await burning();
    rig.metal.holdPad = 'all';
    rig.restart();
    rig.link();
    expect(refusalOf(() => outcome(rig, names))).toBe('busy');
    expect(refusalOf(() => rig.print(prepared))).toBe('busy');
    expect(card.state).toBe('armed');
    rig.metal.goOn();
    expect(card.state).toBe('spent');
    expect(outcome(rig, names)).toBe('cast');
    expect(rig.status()).toMatchObject({ cardsUnburnt: 0, counters: { papersInBin: 1, records: 3 } });
  });

  test('a pad that says nothing after boot holds it up no longer than a card’s time', async () => {
    const { rig, names } = await burning();
    rig.metal.silentPad = true;
    rig.restart();
    rig.link();
    expect(refusalOf(() => outcome(rig, names))).toBe('busy');
    rig.pass(800);
    expect(outcome(rig, names)).toBe('cast');
    expect(rig.status().cardsUnburnt).toBe(1);
  });

  test('a spent card is refused after its late burning, not before', async () => {
    const { rig, card } = await torn();
    rig.metal.holdPad = 'burn';
    rig.metal.lay(card);
    const asked = rig.send('begin', { stationCommitment: new Uint8Array(32) });
    const repeated = rig.send('begin', { stationCommitment: new Uint8Array(32) });
    expect([rig.answer(asked), rig.answer(repeated)]).toEqual([undefined, undefined]);
    expect(card.state).toBe('armed');
    rig.metal.goOn();
    expect(card.state).toBe('spent');
    expect(() => rig.answer(repeated)).toThrow('card_spent');
  });

  test('so too where only BEGIN finds out', async () => {
    const { rig, card } = await burning();
    rig.pass(800);
    // Still there after a burning that it never answered: it is not asked again until it is laid, or begun with.
    rig.metal.goOn();
    card.state = 'armed';
    rig.metal.holdPad = 'burn';
    const asked = rig.send('begin', { stationCommitment: new Uint8Array(32) });
    expect(rig.answer(asked)).toBeUndefined();
    rig.metal.goOn();
    expect(() => rig.answer(asked)).toThrow('card_spent');
    expect(card.state).toBe('spent');
    expect(rig.status().cardsUnburnt).toBe(0);
  });
});

describe('a card that left the pad before it was burnt', () => {
  test('is counted, told, and remembered over restarts; laid again it is burnt without being asked for', async () => {
    const { rig, card, names } = await torn();
    expect(outcome(rig, names)).toBe('cast');
    expect(rig.events.states.length).toBeGreaterThan(0);
    expect(rig.status().cardsUnburnt).toBe(1);
    rig.restart();
    rig.link();
    expect(rig.status().cardsUnburnt).toBe(1);
    const other = rig.newCard(2);
    rig.metal.lay(other);
    expect(other.state).toBe('armed');
    expect(rig.status().cardsUnburnt).toBe(1);
    rig.metal.lay(card);
    expect(card.state).toBe('spent');
    expect(rig.status().cardsUnburnt).toBe(0);
    rig.restart();
    rig.link();
    expect(rig.status().cardsUnburnt).toBe(0);
  });

  test('while it is out others vote; a BEGIN that meets the look waits for it', async () => {
    const { rig } = await torn();
    rig.metal.holdPad = 'all';
    rig.metal.lay(rig.newCard(2));
    const asked = rig.send('begin', { stationCommitment: new Uint8Array(32) });
    expect(rig.answer(asked)).toBeUndefined();
    rig.metal.goOn();
    expect(rig.answer<'begin'>(asked)?.style).toBe(0);
    rig.cast(3);
    expect(rig.status()).toMatchObject({ cardsUnburnt: 1, counters: { cardsSpent: 2 } });
  });

  test('laid while another’s paper stands in the window it is burnt there, and commits nothing', async () => {
    const { rig, card } = await torn();
    const other = rig.newCard(2);
    rig.metal.lay(other);
    rig.print(rig.prepared(2, BALLOT));
    rig.metal.lay(card);
    expect(card.state).toBe('spent');
    rig.metal.press('green');
    expect(rig.status()).toMatchObject({ cardsUnburnt: 0, counters: { cardsSpent: 1 } });
    rig.metal.lay(other);
    rig.metal.press('green');
    expect(rig.status().counters.cardsSpent).toBe(2);
  });

  test('burnt, but its answer was lost: the card says so itself when it is laid again', async () => {
    const { rig, card } = await burning();
    card.state = 'spent';
    rig.metal.lay(undefined);
    rig.metal.goOn();
    expect(rig.status().cardsUnburnt).toBe(1);
    rig.metal.lay(card);
    expect(rig.status().cardsUnburnt).toBe(0);
  });

  test('torn away from its late burning too, it is still owed', async () => {
    const { rig, card } = await torn();
    rig.metal.holdPad = 'burn';
    rig.metal.lay(card);
    rig.metal.lay(undefined);
    rig.metal.goOn();
    expect(card.state).toBe('armed');
    expect(rig.status().cardsUnburnt).toBe(1);
  });

  test('a forged word of a burning is not believed', async () => {
    const { rig, card } = await burning();
    card.secret = new Uint8Array(32).fill(7);
    rig.metal.goOn();
    expect(rig.status().cardsUnburnt).toBe(1);
  });

  test('power lost at any word of the late burning: it is burnt when the box has booted', async () => {
    const { rig: base } = await torn();
    for (let cut = 0; ; cut++) {
      const rig = twin(base);
      rig.link();
      const card = new TestCard(rig.election, 1);
      rig.flash.cutAfter(cut);
      rig.metal.lay(card);
      const through = rig.box.powered;
      rig.flash.cutAfter(undefined);
      rig.restart();
      rig.link();
      expect(card.state).toBe('spent');
      expect(rig.status().cardsUnburnt).toBe(0);
      if (through) break;
    }
  });
});

describe('a new hello ends what was only begun', () => {
  test('a PRINT of the link before finds nothing', async () => {
    const rig = await openRig();
    rig.metal.lay(rig.newCard(1));
    const prepared = rig.prepared(1, BALLOT);
    rig.link();
    expect(refusalOf(() => rig.print(prepared))).toBe('no_ballot_begun');
    expect(rig.metal.pages).toEqual([]);
    rig.print(rig.prepared(2, BALLOT));
    rig.metal.press('green');
    expect(rig.status().counters.cardsSpent).toBe(1);
  });

  test('also where the card had not answered yet', async () => {
    const rig = await openRig();
    rig.metal.lay(rig.newCard(1));
    rig.metal.holdPad = 'all';
    const before = rig.send('begin', { stationCommitment: new Uint8Array(32) });
    rig.link();
    const after = rig.send('begin', { stationCommitment: new Uint8Array(32).fill(1) });
    rig.metal.goOn();
    expect(rig.answer(before)).toBeUndefined();
    expect(rig.answer<'begin'>(after)?.style).toBe(0);
  });

  test('a paper in the window stays in hand', async () => {
    const rig = await openRig();
    rig.metal.lay(rig.newCard(1));
    const prepared = rig.prepared(1, BALLOT);
    rig.print(prepared);
    rig.link();
    expect(outcome(rig, prepared.names)).toBe('in_window');
  });
});
