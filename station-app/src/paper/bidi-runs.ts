/**
 * A line cut into runs of one direction, in the order in which the eye meets them from left to right: the Unicode
 * bidirectional algorithm (UAX #9), kept by others. Marks that only steer it are dropped, and brackets are turned.
 */
import type { Locale } from '@sandoq/protocol/persian';
import { directionOf } from '@sandoq/protocol/persian';
import bidiFactory from 'bidi-js';

export interface Run {
  /** as a shaper of one script's direction takes it: digits of the Arabic block, which read from left to right, turned */
  readonly text: string;
  /** to be shaped from right to left, as everything of the Arabic block is */
  readonly isRtl: boolean;
}

/** Digits and their separators among Arabic letters' code points. */
const ARABIC_BLOCK_DIGITS = /([\u0660-\u066c\u06f0-\u06f9]+)/;
const turned = (text: string): string => [...text].reverse().join('');

/** A shaper lays every run of Arabic script from right to left; a number in one is given to it backwards. */
function forShaper(text: string, isRtl: boolean): readonly Run[] {
  if (isRtl) return [{ text, isRtl }];
  return text
    .split(ARABIC_BLOCK_DIGITS)
    .map((part, i) => (i % 2 === 1 ? { text: turned(part), isRtl: true } : { text: part, isRtl: false }))
    .filter((run) => run.text !== '');
}

// Its types say that the function is the module's `default`; in Node it is the module.
const bidi = (bidiFactory as unknown as typeof bidiFactory.default)();
const STEERING = /[\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

export function visualRuns(line: string, locale: Locale): readonly Run[] {
  if (line === '') return [];
  const { levels } = bidi.getEmbeddingLevels(line, directionOf(locale));
  const runs: { level: number; text: string }[] = [];
  for (let i = 0; i < line.length; i++) {
    const level = levels[i] as number;
    const letter = line[i] as string;
    const shown = level % 2 === 1 ? (bidi.getMirroredCharacter(letter) ?? letter) : letter;
    const last = runs.at(-1);
    if (last !== undefined && last.level === level) last.text += shown;
    else runs.push({ level, text: shown });
  }
  // Rule L2, over runs instead of letters.
  const highest = Math.max(...runs.map(({ level }) => level));
  for (let level = highest; level > 0; level--)
    for (let from = 0; from < runs.length; ) {
      let to = from;
      while (to < runs.length && (runs[to] as { level: number }).level >= level) to++;
      if (to > from + 1) runs.splice(from, to - from, ...runs.slice(from, to).reverse());
      from = Math.max(to, from + 1);
    }
  return runs
    .map(({ level, text }) => ({ text: text.replace(STEERING, ''), isRtl: level % 2 === 1 }))
    .filter(({ text }) => text !== '')
    .flatMap(({ text, isRtl }) => forShaper(text, isRtl));
}
