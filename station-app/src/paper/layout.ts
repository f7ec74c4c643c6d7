/**
 * Lays blocks out on a medium: lines are wrapped, tables and codes are broken between pages, and every page says what it
 * is. Pure: the width of a text is asked of the medium.
 */
import type { Bytes } from '@sandoq/protocol';
import { directionOf, type Locale } from '@sandoq/protocol/persian';
import type { Element, Mark, Medium, Paper, PaperPage, Tag, TextMark } from './page.ts';

export interface Column {
  readonly title: string;
  /** of the width, in shares of all columns' sum */
  readonly share: number;
  /** numbers stand at the line's end */
  readonly isNumeric?: boolean;
}

export type Block =
  | { readonly kind: 'heading'; readonly text: string }
  | { readonly kind: 'paragraph'; readonly text: string; readonly tone?: 'small' | 'strong' }
  | { readonly kind: 'fields'; readonly rows: readonly { readonly label: string; readonly value: string }[] }
  | {
      readonly kind: 'table';
      readonly columns: readonly Column[];
      readonly rows: readonly (readonly string[])[];
      /** room in each row for a hand that signs */
      readonly isForHands?: boolean;
    }
  | {
      readonly kind: 'codes';
      readonly codes: readonly { readonly content: Bytes; readonly caption: string }[];
    };

/** What stands on every page. */
export interface PageHead {
  readonly title: string;
  readonly lines: readonly string[];
  /** a band that nobody overlooks, as on a rehearsal's papers */
  readonly band: string | undefined;
  readonly pageLine: (number: number, of: number) => string;
}

export const LINE_EM = 1.6;
/** Vazirmatn's baseline below the top of its line */
const BASELINE_EM = 1.12;
export const PAGES_OF_PAPER_MAX = 400;
const GAP_EM = 0.5;

/** Rows of one table share it. */
interface TableOf {
  /** repeated on each page */
  readonly head: Piece | undefined;
}

/** Something that is not broken: its height, and its element once its place is known. */
interface Piece {
  readonly height: number;
  /** rows of the same table come under one element */
  readonly table?: TableOf;
  /** a heading is not left alone at the end of a page */
  readonly keepsWithNext?: boolean;
  readonly draw: (top: number) => Element;
}

interface Setting {
  readonly medium: Medium;
  readonly isRtl: boolean;
  readonly left: number;
  readonly room: number;
}

const element = (tag: Tag, marks: readonly Mark[], children: readonly Element[] = []): Element => ({
  tag,
  marks,
  children,
});

/** One word that is wider than the room is broken where it must be. */
function brokenWord(setting: Setting, word: string, size: number, isStrong: boolean, room: number): string[] {
  const { measure } = setting.medium;
  if (measure(word, size, isStrong) <= room) return [word];
  const pieces: string[] = [];
  let piece = '';
  for (const letter of word) {
    if (piece !== '' && measure(piece + letter, size, isStrong) > room) {
      pieces.push(piece);
      piece = '';
    }
    piece += letter;
  }
  return [...pieces, piece];
}

export function wrapped(
  setting: Setting,
  text: string,
  size: number,
  isStrong: boolean,
  room: number,
): string[] {
  const { measure } = setting.medium;
  const space = measure(' ', size, isStrong);
  const lines: string[] = [];
  let line = '';
  let width = 0;
  for (const word of text
    .split(/[ \n\t]+/)
    .filter((one) => one !== '')
    .flatMap((one) => brokenWord(setting, one, size, isStrong, room))) {
    const own = measure(word, size, isStrong);
    if (line !== '' && width + space + own > room) {
      lines.push(line);
      line = '';
      width = 0;
    }
    width += line === '' ? own : space + own;
    line = line === '' ? word : `${line} ${word}`;
  }
  return line === '' && lines.length > 0 ? lines : [...lines, line];
}

type Align = 'start' | 'end' | 'center';

function textMark(
  setting: Setting,
  text: string,
  size: number,
  isStrong: boolean,
  box: { readonly left: number; readonly width: number; readonly top: number },
  align: Align,
): TextMark {
  const isRight = (align === 'start') === setting.isRtl;
  const anchor = align === 'center' ? 'center' : isRight ? 'right' : 'left';
  const x =
    anchor === 'center' ? box.left + box.width / 2 : anchor === 'right' ? box.left + box.width : box.left;
  const width = setting.medium.measure(text, size, isStrong);
  return { kind: 'text', text, size, isStrong, x, baseline: box.top + size * BASELINE_EM, anchor, width };
}

interface TextStyle {
  readonly tag: Tag;
  readonly size: number;
  readonly isStrong: boolean;
  readonly align: Align;
  readonly gap: number;
}

function textPiece(setting: Setting, text: string, style: TextStyle): Piece {
  const { tag, size, isStrong, align, gap } = style;
  const lines = wrapped(setting, text, size, isStrong, setting.room);
  const lineHeight = size * LINE_EM;
  return {
    height: gap + lines.length * lineHeight,
    keepsWithNext: tag === 'H2',
    draw: (top) =>
      element(
        tag,
        lines.map((line, i) =>
          textMark(
            setting,
            line,
            size,
            isStrong,
            { left: setting.left, width: setting.room, top: top + gap + i * lineHeight },
            align,
          ),
        ),
      ),
  };
}

/** Left edge and width of each column; the first one stands where reading begins. */
function columnBoxes(setting: Setting, columns: readonly Column[]): { left: number; width: number }[] {
  const all = columns.reduce((sum, { share }) => sum + share, 0);
  const gap = setting.medium.sizes.body;
  const room = setting.room - gap * (columns.length - 1);
  let used = 0;
  return columns.map(({ share }) => {
    const width = (room * share) / all;
    const left = setting.isRtl ? setting.left + setting.room - used - width : setting.left + used;
    used += width + gap;
    return { left, width };
  });
}

function rowPiece(
  setting: Setting,
  columns: readonly Column[],
  cells: readonly string[],
  row: { readonly isHead: boolean; readonly heightMin: number },
): Piece {
  const { sizes } = setting.medium;
  const size = row.isHead ? sizes.small : sizes.body;
  const boxes = columnBoxes(setting, columns);
  const lines = cells.map((cell, i) =>
    wrapped(setting, cell, size, row.isHead, (boxes[i] as { width: number }).width),
  );
  const lineHeight = size * LINE_EM;
  const deepest = Math.max(1, ...lines.map((one) => one.length));
  const height = Math.max(row.heightMin, deepest * lineHeight + sizes.body * 0.2);
  return {
    height,
    draw: (top) => {
      const cellsDrawn = lines.map((cellLines, i) =>
        element(
          row.isHead || (i === 0 && columns.length > 1) ? 'TH' : 'TD',
          cellLines.map((line, n) =>
            textMark(
              setting,
              line,
              size,
              row.isHead,
              { ...(boxes[i] as { left: number; width: number }), top: top + n * lineHeight },
              columns[i]?.isNumeric === true ? 'end' : 'start',
            ),
          ),
        ),
      );
      const rule: Mark = {
        kind: 'rule',
        x: setting.left,
        y: top + height - sizes.body * 0.1,
        width: setting.room,
        weight: row.isHead ? sizes.body / 12 : sizes.body / 24,
      };
      return element('TR', [], [...cellsDrawn, element('Artifact', [rule])]);
    },
  };
}

function tablePieces(setting: Setting, block: Extract<Block, { kind: 'table' }>): Piece[] {
  const titles = block.columns.map(({ title }) => title);
  const table = { head: rowPiece(setting, block.columns, titles, { isHead: true, heightMin: 0 }) };
  const heightMin = block.isForHands === true ? setting.medium.signatureHeight : 0;
  return block.rows.map((cells) => ({
    ...rowPiece(setting, block.columns, cells, { isHead: false, heightMin }),
    table,
  }));
}

const FIELD_COLUMNS: readonly Column[] = [
  { title: '', share: 5 },
  { title: '', share: 4, isNumeric: true },
];

/** A label and its value, without a head: on a line of their own each. */
function fieldPieces(setting: Setting, block: Extract<Block, { kind: 'fields' }>): Piece[] {
  const table = { head: undefined };
  return block.rows.map(({ label, value }) => ({
    ...rowPiece(setting, FIELD_COLUMNS, [label, value], { isHead: false, heightMin: 0 }),
    table,
  }));
}

function codePieces(setting: Setting, block: Extract<Block, { kind: 'codes' }>): Piece[] {
  const { code, sizes } = setting.medium;
  const caption = sizes.small * LINE_EM;
  const pieces: Piece[] = [];
  for (let from = 0; from < block.codes.length; from += code.across) {
    const row = block.codes.slice(from, from + code.across);
    pieces.push({
      height: code.side + caption,
      draw: (top) => {
        const slot = setting.room / code.across;
        return element(
          'P',
          [],
          row.map((one, i) => {
            const place = setting.isRtl ? code.across - 1 - i : i;
            const left = setting.left + slot * place;
            const x = Math.floor(left + (slot - code.side) / 2);
            const mark: Mark = { kind: 'code', x, y: Math.ceil(top), side: code.side, content: one.content };
            const words = textMark(
              setting,
              one.caption,
              sizes.small,
              false,
              { left, width: slot, top: top + code.side },
              'center',
            );
            return { ...element('Figure', [mark, words]), alt: one.caption };
          }),
        );
      },
    });
  }
  return pieces;
}

function piecesOf(setting: Setting, block: Block): Piece[] {
  const { sizes } = setting.medium;
  const gap = sizes.body * GAP_EM;
  switch (block.kind) {
    case 'heading':
      return [
        textPiece(setting, block.text, {
          tag: 'H2',
          size: sizes.heading,
          isStrong: true,
          align: 'start',
          gap: gap * 1.5,
        }),
      ];
    case 'paragraph':
      return [
        textPiece(setting, block.text, {
          tag: 'P',
          size: block.tone === 'small' ? sizes.small : sizes.body,
          isStrong: block.tone === 'strong',
          align: 'start',
          gap: gap / 2,
        }),
      ];
    case 'fields':
      return fieldPieces(setting, block);
    case 'table':
      return tablePieces(setting, block);
    case 'codes':
      return codePieces(setting, block);
  }
}

interface Headed {
  readonly height: number;
  readonly draw: (number: number, of: number) => readonly Element[];
}

/** On the first page the title is the document's own; on the others it is repeated for the eye alone. */
function headOf(setting: Setting, head: PageHead): Headed {
  const { sizes, margin } = setting.medium;
  const style = (size: number, isStrong: boolean, tag: Tag): TextStyle => ({
    tag,
    size,
    isStrong,
    align: 'center',
    gap: 0,
  });
  const lines: Piece[] = [
    ...(head.band === undefined ? [] : [textPiece(setting, head.band, style(sizes.body, true, 'P'))]),
    textPiece(setting, head.title, style(sizes.title, true, 'H1')),
    ...head.lines.map((line) => textPiece(setting, line, style(sizes.body, false, 'P'))),
  ];
  const lineHeight = sizes.small * LINE_EM;
  const pageLines = (number: number, of: number): string[] =>
    wrapped(setting, head.pageLine(number, of), sizes.small, true, setting.room);
  // Room for the longest numbers: how many pages there are is known only when all are laid out.
  const pageLineHeight = lineHeight * pageLines(PAGES_OF_PAPER_MAX, PAGES_OF_PAPER_MAX).length;
  const height = lines.reduce((sum, one) => sum + one.height, 0) + pageLineHeight + sizes.body * GAP_EM;
  return {
    height,
    draw: (number, of) => {
      let top = margin;
      const drawn = lines.map((one) => {
        const made = one.draw(top);
        top += one.height;
        return number === 1 ? made : { ...made, tag: 'Artifact' as const };
      });
      const pageMarks = pageLines(number, of).map((line, i) =>
        textMark(
          setting,
          line,
          sizes.small,
          true,
          { left: setting.left, width: setting.room, top: top + i * lineHeight },
          'center',
        ),
      );
      const rule: Mark = {
        kind: 'rule',
        x: setting.left,
        y: top + pageLineHeight,
        width: setting.room,
        weight: sizes.body / 8,
      };
      return [...drawn, element('Artifact', [...pageMarks, rule])];
    },
  };
}

/** Elements of one page and where its content ends. */
interface OpenPage {
  readonly elements: Element[];
  top: number;
  table: { readonly of: TableOf; readonly rows: Element[] } | undefined;
}

function paginate(setting: Setting, pieces: readonly Piece[], headHeight: number): OpenPage[] {
  const { medium } = setting;
  const first = medium.margin + headHeight;
  const bottom = medium.height - medium.margin;
  const fresh = (): OpenPage => ({ elements: [], top: first, table: undefined });
  const pages: OpenPage[] = [fresh()];
  const turn = (): OpenPage => {
    if (pages.length === PAGES_OF_PAPER_MAX) throw new RangeError('more than PAGES_OF_PAPER_MAX pages');
    const next = fresh();
    pages.push(next);
    return next;
  };
  pieces.forEach((piece, i) => {
    let page = pages.at(-1) as OpenPage;
    const isNewTable = piece.table !== undefined && page.table?.of !== piece.table;
    const withHead = piece.height + (isNewTable ? (piece.table?.head?.height ?? 0) : 0);
    const wanted =
      withHead + (piece.keepsWithNext === true ? (pieces[i + 1]?.height ?? 0) + medium.sizes.body * 2 : 0);
    if (page.top + wanted > bottom && page.top > first) page = turn();
    if (page.top + piece.height > bottom) throw new RangeError('a piece higher than a page');
    if (piece.table === undefined) {
      page.table = undefined;
      page.elements.push(piece.draw(page.top));
    } else {
      if (page.table?.of !== piece.table) {
        const rows: Element[] = [];
        page.table = { of: piece.table, rows };
        page.elements.push(element('Table', [], rows));
        const { head } = piece.table;
        if (head !== undefined) {
          rows.push(head.draw(page.top));
          page.top += head.height;
        }
      }
      page.table.rows.push(piece.draw(page.top));
    }
    page.top += piece.height;
  });
  return pages;
}

export function layOut(locale: Locale, medium: Medium, head: PageHead, blocks: readonly Block[]): Paper {
  const setting: Setting = {
    medium,
    isRtl: directionOf(locale) === 'rtl',
    left: medium.margin,
    room: medium.width - 2 * medium.margin,
  };
  const headed = headOf(setting, head);
  const open = paginate(
    setting,
    blocks.flatMap((block) => piecesOf(setting, block)),
    headed.height,
  );
  const pages = open.map(
    ({ elements, top }, i): PaperPage => ({
      number: i + 1,
      of: open.length,
      width: medium.width,
      height: medium.isRoll ? Math.ceil(top + medium.margin) : medium.height,
      elements: [...headed.draw(i + 1, open.length), ...elements],
    }),
  );
  return { locale, title: head.title, pages };
}
