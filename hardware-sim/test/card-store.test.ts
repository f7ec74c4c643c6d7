import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { nodeCrypto } from '@sandoq/protocol/node';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openFactFile } from '../src/bench/fact-file.ts';
import type { CardState } from '../src/cards/card-state.ts';
import { CARD_SLOT_BYTES, openCardStore } from '../src/cards/card-store.ts';
import { makeVoterCard } from '../src/index.ts';
import { approvalBy, armDigest, armStatement, roleCard, tarefeCard } from './election.ts';

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sandoq-cards-'));
  path = join(folder, 'cards');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const statement = armStatement(new Uint8Array(16).fill(3));
const armed: CardState = {
  ...tarefeCard(),
  state: 'armed',
  armed: {
    statement,
    approvals: [
      approvalBy(roleCard('executive'), 'arm_tarefe', armDigest(statement)),
      approvalBy(roleCard('supervisor'), 'arm_tarefe', armDigest(statement)),
    ],
  },
};
const voter = makeVoterCard(
  nodeCrypto,
  { nationalCode: '0084575948', name: 'زهرا محمدی', birthDate: '1980-03-21' },
  '1234',
);
const cards: readonly [string, CardState][] = [
  ['role', roleCard('council_representative')],
  ['armed', armed],
  ['blank', tarefeCard()],
  ['voter', voter],
  ['amayesh', { kind: 'amayesh', inclusiveCode: '123456789012' }],
  ['foreign', { kind: 'foreign' }],
  ['plastic', { kind: 'plastic' }],
];

function reopened(): ReadonlyMap<string, CardState> {
  const store = openCardStore(path);
  store.close();
  return new Map(store.cards.map(({ id, state }) => [id, state]));
}

describe('cards on disk', () => {
  it('are read back as they were, of every kind', () => {
    const store = openCardStore(path);
    for (const [id, state] of cards) store.write(id, state);
    store.close();
    expect(reopened()).toEqual(new Map(cards));
  });

  it('are changed in place, and a slot thrown away is used again', () => {
    const store = openCardStore(path);
    for (const [id, state] of cards) store.write(id, state);
    store.write('armed', tarefeCard());
    store.remove('voter');
    store.write('other', { kind: 'foreign' });
    store.close();
    expect(statSync(path).size).toBe(cards.length * CARD_SLOT_BYTES);
    const read = reopened();
    expect(read.get('armed')).toEqual(tarefeCard());
    expect(read.has('voter')).toBe(false);
    expect(read.get('other')).toEqual({ kind: 'foreign' });
    expect(readFileSync(path, 'utf8')).not.toContain('0084575948');
  });

  it('a damaged slot is said, not guessed', () => {
    const store = openCardStore(path);
    store.write('role', roleCard('executive'));
    store.close();
    const bytes = readFileSync(path);
    bytes[40] = (bytes[40] as number) ^ 1;
    writeFileSync(path, bytes);
    expect(() => openCardStore(path)).toThrow('card slot 0 is damaged');
  });
});

describe('facts on disk', () => {
  it('are the last that were written, nothing before the first, and an error when damaged', () => {
    const file = openFactFile(path);
    expect(file.read()).toBeUndefined();
    file.write({ lid: true });
    file.write({ lid: false });
    file.close();
    const again = openFactFile(path);
    expect(again.read()).toEqual({ lid: false });
    again.close();
    const bytes = readFileSync(path);
    bytes[10] = (bytes[10] as number) ^ 1;
    writeFileSync(path, bytes);
    const damaged = openFactFile(path);
    expect(() => damaged.read()).toThrow('damaged');
    damaged.close();
  });
});
