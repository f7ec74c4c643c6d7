import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { STATIONS_MAX } from '../src/bench/config.ts';
import { openCardStore } from '../src/cards/card-store.ts';
import { freshPin } from '../src/cards/making.ts';
import { createLineReader } from '../src/control/lines.ts';
import {
  benchConfigSchema,
  dealBallots,
  MechanicsViolation,
  parseBallotsCsv,
  stationBenchSchema,
} from '../src/index.ts';
import { demandSocketPath, SOCKET_PATH_BYTES_MAX } from '../src/links/unix-socket.ts';
import { addRows, endPage, PAGE_ROWS_MAX, startPage, WIDTH_BYTES_MAX } from '../src/mechanics/printer.ts';
import { BALLOTS_PER_PRECINCT_MAX } from '../src/population/dealing.ts';

const folder = mkdtempSync(join(tmpdir(), 'sandoq-bounds-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const uint16 = (value: number): Uint8Array => Uint8Array.of(value >> 8, value & 0xff);

describe('every bound holds at it and not one above', () => {
  it('rows of a page', () => {
    expect(startPage(undefined, uint16(PAGE_ROWS_MAX)).rows).toBe(PAGE_ROWS_MAX);
    expect(() => startPage(undefined, uint16(PAGE_ROWS_MAX + 1))).toThrow(MechanicsViolation);
  });

  it('width of a row', () => {
    const page = (width: number) =>
      endPage(
        addRows(startPage(undefined, uint16(1)), Uint8Array.of(0, 0, ...new Uint8Array(width))),
        new Uint8Array(0),
      );
    expect(page(WIDTH_BYTES_MAX).widthBytes).toBe(WIDTH_BYTES_MAX);
    expect(() => page(WIDTH_BYTES_MAX + 1)).toThrow(MechanicsViolation);
  });

  it('path of a socket', () => {
    expect(() => demandSocketPath('x'.repeat(SOCKET_PATH_BYTES_MAX))).not.toThrow();
    expect(() => demandSocketPath('x'.repeat(SOCKET_PATH_BYTES_MAX + 1))).toThrow(RangeError);
  });

  it('a line', () => {
    const heard: string[] = [];
    let long = 0;
    const read = createLineReader(
      4,
      (line) => heard.push(line),
      () => long++,
    );
    read(Buffer.from('abcd\n'));
    read(Buffer.from('ab'));
    read(Buffer.from('cd\nabcde\nab\n'));
    expect(heard).toEqual(['abcd', 'abcd']);
    expect(long).toBe(1);
  });

  it('stations of a bench', () => {
    const station = (i: number) =>
      stationBenchSchema.parse({
        station_id: `s${i}`,
        folder: 'f',
        box: { pty: 'p', flash: 'f' },
        role_reader_socket: 'r',
        admission_reader_socket: 'a',
        mechanics: 'virtual',
      });
    const config = (count: number) => ({
      data_folder: 'd',
      control_socket: 'c',
      panel: null,
      stations: Array.from({ length: count }, (_, i) => station(i)),
    });
    expect(benchConfigSchema.safeParse(config(STATIONS_MAX)).success).toBe(true);
    expect(benchConfigSchema.safeParse(config(STATIONS_MAX + 1)).success).toBe(false);
  });

  it('digits of a PIN', () => {
    for (const pin of ['1234', '12345678']) expect(freshPin(pin, 3).pin).toBe(pin);
    for (const pin of ['123', '123456789', '12a4']) expect(() => freshPin(pin, 3)).toThrow(RangeError);
  });

  it('a field of a ballots file, and the ballots of a precinct', () => {
    const file = (length: number) => parseBallotsCsv(`precinct,choice,ballots\nP,${'x'.repeat(length)},1\n`);
    expect(file(200).ok).toBe(true);
    expect(file(201)).toMatchObject({ ok: false, fault: { code: 'field_too_long', line: 2 } });
    const deal = (ballots: number) =>
      dealBallots({ name: 'P', rows: [{ choice: 'A', ballots }] }, 's').next().value;
    expect(deal(BALLOTS_PER_PRECINCT_MAX)).toBe('A');
    expect(() => deal(BALLOTS_PER_PRECINCT_MAX + 1)).toThrow(RangeError);
  });

  it('a card in its slot', () => {
    const store = openCardStore(join(folder, 'cards'));
    expect(() => store.write('x'.repeat(4060), { kind: 'foreign' })).not.toThrow();
    expect(() => store.write('y'.repeat(4096), { kind: 'foreign' })).toThrow(RangeError);
    store.close();
  });
});
