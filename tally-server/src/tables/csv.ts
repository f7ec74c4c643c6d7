/** Comma-separated values, RFC 4180: read whole, within bounds, and written so that a spreadsheet changes nothing. Pure. */
import { failure, type Result, success } from '@sandoq/protocol';

export const CSV_ROWS_MAX = 500_000;
export const CSV_COLUMNS_MAX = 8192;
const BYTE_ORDER_MARK = '\ufeff';

export interface CsvFault {
  /** from 1, as an editor counts */
  readonly line: number;
  readonly problem:
    | 'quote_not_closed'
    | 'text_after_quote'
    | 'too_many_rows'
    | 'too_many_columns'
    | 'row_length';
}

/** @returns every row with its fields, the header first; rows of another length than the header are refused */
export function parseCsv(text: string): Result<readonly (readonly string[])[], CsvFault> {
  const rows: string[][] = [];
  let row: string[] = [];
  let line = 1;
  let at = text.startsWith(BYTE_ORDER_MARK) ? 1 : 0;
  const fault = (problem: CsvFault['problem']) => failure({ line, problem });
  while (at < text.length) {
    const rowLine = line;
    for (;;) {
      let field = '';
      if (text[at] === '"') {
        for (;;) {
          const close = text.indexOf('"', at + 1);
          if (close < 0) return fault('quote_not_closed');
          const piece = text.slice(at + 1, close);
          line += piece.split('\n').length - 1;
          field += piece;
          at = close + 1;
          if (text[at] !== '"') break;
          field += '"';
        }
        if (at < text.length && !',\r\n'.includes(text[at] as string)) return fault('text_after_quote');
      } else {
        const start = at;
        while (at < text.length && !',\r\n'.includes(text[at] as string)) at += 1;
        field = text.slice(start, at);
      }
      row.push(field);
      if (row.length > CSV_COLUMNS_MAX) return fault('too_many_columns');
      if (text[at] !== ',') break;
      at += 1;
    }
    if (text[at] === '\r') at += 1;
    if (text[at] === '\n') at += 1;
    line += 1;
    const blank = row.length === 1 && row[0] === '';
    if (!blank) {
      if (rows[0] !== undefined && row.length !== rows[0].length)
        return failure({ line: rowLine, problem: 'row_length' });
      rows.push(row);
      if (rows.length > CSV_ROWS_MAX) return fault('too_many_rows');
    }
    row = [];
  }
  return success(rows);
}

/**
 * A number is written bare. A text that a spreadsheet would read as a number, a date or a formula (`0012`, `1-2`,
 * `=A1`) is written `="0012"`: a formula that is its own text, so that the leading zero stays; Excel, LibreOffice and
 * Google Sheets all read and write it as the text. Whoever reads the file as text takes `plainText` of the field.
 */
const NEEDS_MARK = /^[\s0-9+\-=@\u06f0-\u06f9\u0660-\u0669]/;
const TEXT_MARK = /^="((?:[^"]|"")*)"$/;

const quoted = (text: string): string => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);

export const csvField = (value: string | number): string => {
  if (typeof value === 'number') return String(value);
  return quoted(NEEDS_MARK.test(value) ? `="${value.replaceAll('"', '""')}"` : value);
};

/** The text of a field that may carry the mark of `csvField`. */
export function plainText(field: string): string {
  const marked = TEXT_MARK.exec(field)?.[1];
  return marked === undefined ? field : marked.replaceAll('""', '"');
}

/** With a byte-order mark where a person opens it in a spreadsheet that guesses the encoding otherwise. */
export const csvText = (
  rows: readonly (readonly (string | number)[])[],
  { mark = true }: { readonly mark?: boolean } = {},
): string =>
  `${mark ? BYTE_ORDER_MARK : ''}${rows.map((row) => row.map(csvField).join(',')).join('\r\n')}\r\n`;
