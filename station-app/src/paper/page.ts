/**
 * What a laid-out paper is, for every renderer: pages of elements, each with its meaning (for the tagged file) and its
 * marks (for the eye). Lengths are in the medium's own unit: dots of the printer's head, or points.
 */
import type { Bytes } from '@sandoq/protocol';
import type { Locale } from '@sandoq/protocol/persian';

export interface TextMark {
  readonly kind: 'text';
  readonly text: string;
  readonly size: number;
  readonly isStrong: boolean;
  readonly x: number;
  readonly baseline: number;
  readonly anchor: 'left' | 'center' | 'right';
  /** as measured: what it covers */
  readonly width: number;
}

export interface RuleMark {
  readonly kind: 'rule';
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly weight: number;
}

/** A QR code of its bytes, with its quiet zone, in a square. */
export interface CodeMark {
  readonly kind: 'code';
  readonly x: number;
  readonly y: number;
  readonly side: number;
  readonly content: Bytes;
}

export type Mark = TextMark | RuleMark | CodeMark;

export const TAGS = ['H1', 'H2', 'P', 'Table', 'TR', 'TH', 'TD', 'Figure', 'Artifact'] as const;
export type Tag = (typeof TAGS)[number];

export interface Element {
  readonly tag: Tag;
  /** of a figure: what it is, in words */
  readonly alt?: string;
  readonly marks: readonly Mark[];
  readonly children: readonly Element[];
}

export interface PaperPage {
  /** from 1 */
  readonly number: number;
  readonly of: number;
  readonly width: number;
  readonly height: number;
  readonly elements: readonly Element[];
}

export interface Paper {
  readonly locale: Locale;
  readonly title: string;
  readonly pages: readonly PaperPage[];
}

/** @returns how wide a text is, in the same unit as its size */
export type Measure = (text: string, size: number, isStrong: boolean) => number;

/** Where a paper is laid out: a roll of the printer's width, or a sheet. */
export interface Medium {
  readonly width: number;
  /** of a sheet; of a roll the longest piece, which ends where its content ends */
  readonly height: number;
  readonly isRoll: boolean;
  readonly margin: number;
  readonly sizes: Readonly<Record<'title' | 'heading' | 'body' | 'small', number>>;
  /** of a code with its quiet zone, and how many stand side by side */
  readonly code: { readonly side: number; readonly across: number };
  /** of a line of a table that is signed by hand */
  readonly signatureHeight: number;
  readonly measure: Measure;
}

export const marksOf = (elements: readonly Element[]): readonly Mark[] =>
  elements.flatMap((element) => [...element.marks, ...marksOf(element.children)]);
