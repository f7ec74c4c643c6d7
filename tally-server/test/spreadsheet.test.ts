/** The results' CSV through a real spreadsheet and back: opened, saved as its own workbook, opened, saved as CSV. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { csvText, parseCsv } from '@sandoq/tally-server';
import { afterAll, describe, expect, it } from 'vitest';

const SOFFICE = '/usr/bin/soffice';
const here = existsSync(SOFFICE);
if (!here) console.warn('LibreOffice is absent: the round trip through a real spreadsheet is not made');

const folder = mkdtempSync(join(tmpdir(), 'sandoq-sheet-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const convert = (to: string, file: string, ...options: readonly string[]): void => {
  const profile = `-env:UserInstallation=file://${join(folder, 'profile')}`;
  const args = [profile, '--headless', ...options, '--convert-to', to, '--outdir', folder, file];
  const ran = spawnSync(SOFFICE, args, { encoding: 'utf8', timeout: 90_000 });
  if (ran.status !== 0) throw new Error(ran.stderr);
};

describe.skipIf(!here)('a real spreadsheet', () => {
  it('keeps every leading zero, every code that looks like a date or a formula, and every number a number', () => {
    const rows = [
      ['code', 'name_fa', 'votes'],
      ['007', 'مهرداد آذری', 12],
      ['000', 'نسرین, کاویان', 0],
      ['0012345678', 'نام «با گیومه» و "quotes"', 5],
      ['1-2', 'پریسا', 10_416],
      ['=1+1', 'بهرام', 1],
      ['3E5', 'زهرا', 2],
    ];
    const path = join(folder, 'results.csv');
    writeFileSync(path, csvText(rows));
    // Fields apart by commas, quoted by double quotes, UTF-8, from the first line, each column by its own look.
    convert('xlsx:Calc MS Excel 2007 XML', path, '--infilter=CSV:44,34,76,1,,0,false,true');
    rmSync(path);
    convert('csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,true,false', join(folder, 'results.xlsx'));
    const back = parseCsv(readFileSync(path, 'utf8'));
    expect(back.ok && back.value).toEqual(rows.map((row) => row.map(String)));
  });
});
