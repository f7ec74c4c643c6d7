/** Every code that a core can send has its sentences in both languages, in words that fit where it stands. */
import { catalogueProblems } from '@sandoq/kit/text.ts';
import { LEDGERS, REFUSALS, type records, SEGMENT_BREAKS } from '@sandoq/protocol';
import { describe, expect, test } from 'vitest';
import en from '../locales/en.json' with { type: 'json' };
import fa from '../locales/fa.json' with { type: 'json' };
import * as voting from '../src/contract/codes.ts';
import * as admission from '../src/contract/codes-admission.ts';

const has = (key: string): boolean => Object.hasOwn(fa, key) && Object.hasOwn(en, key);
const lacking = (keys: readonly string[]): string[] => keys.filter((key) => !has(key));
/** What happened and what to do, said to this reader or to any. */
const lackingSentences = (codes: readonly string[], about?: 'voter' | 'person'): string[] =>
  codes.flatMap((code) =>
    ['', '.do'].flatMap((part) =>
      has(`code.${about}.${code}${part}`) || has(`code.${code}${part}`) ? [] : [`${code}${part}`],
    ),
  );

/** A role that the records gain is an error of types here until it is listed. */
const ROLES: Readonly<Record<records.Role, true>> = {
  chief: true,
  deputy: true,
  secretary: true,
  executive: true,
  supervisor: true,
  governor_representative: true,
  council_representative: true,
  inspector: true,
  candidate_representative: true,
  authority: true,
  executive_board: true,
  supervisory_board: true,
};

describe('catalogues of the station', () => {
  test('say the same in Persian and English', () => {
    expect(catalogueProblems(fa, en)).toEqual([]);
  });

  test('Persian texts hold no Latin word but «USB» and the name of the language', () => {
    const strange = Object.entries(fa).filter(([, text]) =>
      /[A-Za-z]/.test(text.replace(/\{[a-zA-Z]+\}|USB|Language/g, '')),
    );
    expect(strange).toEqual([]);
  });

  test('say what every hint to the board means', () => {
    expect(lackingSentences(admission.ADMISSION_HINTS)).toEqual([]);
  });

  test('name every next step of both cores', () => {
    const steps = [...Object.keys(voting.VOTING_NEXT_STEPS), ...Object.keys(admission.ADMISSION_NEXT_STEPS)];
    expect(lacking(steps.map((step) => `next.${step}`))).toEqual([]);
  });

  test('name every line of the checklist, every long work and every ledger that may not hold', () => {
    expect(lacking(voting.VOTING_CHECKLIST.map((id) => `check.${id}`))).toEqual([]);
    expect(lacking(voting.VOTING_PROGRESS.map((code) => `progress.${code}`))).toEqual([]);
    const faults = new Set([...voting.SLIP_FAULTS, ...LEDGERS, ...SEGMENT_BREAKS]);
    expect(lacking([...faults].map((code) => `ledger_fault.${code}`))).toEqual([]);
  });

  test('say what happened and what to do for every fault, device state and refusal', () => {
    const codes = new Set([
      ...Object.keys(REFUSALS),
      ...voting.VOTING_FAULTS,
      ...voting.DEVICE_CODES,
      ...voting.VOTING_REFUSALS,
      ...voting.OUTBOX_CODES,
      ...admission.ADMISSION_REFUSALS,
      ...admission.ADMISSION_DEVICE_CODES,
      ...admission.ADMISSION_FAULTS,
      'screen_link_lost',
      'unknown',
    ]);
    expect(lackingSentences([...codes])).toEqual([]);
  });

  test('have words of their own for a person at the desk and for the voter', () => {
    expect(lackingSentences(admission.PERSON_REFUSALS, 'person')).toEqual([]);
    expect(lackingSentences([...voting.VOTER_CODES, ...Object.keys(REFUSALS)], 'voter')).toEqual([]);
  });

  test('name every role of a card', () => {
    expect(lacking(Object.keys(ROLES).map((role) => `role.${role}`))).toEqual([]);
  });
});
