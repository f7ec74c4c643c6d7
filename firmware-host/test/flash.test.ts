import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { createFlash, FLASH_BYTES, FlashRuleBroken, PowerCut } from '../src/index.ts';

const folder = mkdtempSync(join(tmpdir(), 'flash-'));
afterAll(() => rmSync(folder, { recursive: true }));
const read = (flash: ReturnType<typeof createFlash>, address: number, length: number): number[] => {
  const into = new Uint8Array(length);
  flash.read(address, into);
  return [...into];
};

describe('the simulated flash', () => {
  test('clears bits and never sets one', () => {
    const flash = createFlash();
    flash.program(8, Uint8Array.of(0x0f, 0xff, 0x00, 0xff));
    expect(read(flash, 8, 4)).toEqual([0x0f, 0xff, 0x00, 0xff]);
    flash.program(8, Uint8Array.of(0x01, 0xff, 0x00, 0xff));
    expect(() => flash.program(8, Uint8Array.of(0x02, 0xff, 0x00, 0xff))).toThrow(FlashRuleBroken);
    expect(read(flash, 8, 1)).toEqual([0x01]);
    flash.erase(0);
    expect(read(flash, 8, 4)).toEqual([255, 255, 255, 255]);
  });

  test('refuses what is not there', () => {
    const flash = createFlash();
    expect(() => flash.program(2, new Uint8Array(4))).toThrow(FlashRuleBroken);
    expect(() => flash.program(4, new Uint8Array(3))).toThrow(FlashRuleBroken);
    expect(() => flash.program(FLASH_BYTES, new Uint8Array(4))).toThrow(FlashRuleBroken);
    expect(() => flash.erase(FLASH_BYTES / 4096)).toThrow(FlashRuleBroken);
    expect(() => flash.erase(-1)).toThrow(FlashRuleBroken);
    expect(() => createFlash({ image: new Uint8Array(100) })).toThrow(RangeError);
    flash.program(FLASH_BYTES - 4, new Uint8Array(4));
    expect(read(flash, FLASH_BYTES - 4, 4)).toEqual([0, 0, 0, 0]);
  });

  test('takes a word far beyond the last one, in a file as well', () => {
    const path = join(folder, 'far.bin');
    const flash = createFlash({ path });
    flash.program(0, new Uint8Array(4));
    const far = 1_904_680;
    flash.program(far, Uint8Array.of(1, 2, 3, 4));
    expect(read(flash, far, 4)).toEqual([1, 2, 3, 4]);
    flash.close();
    expect(readFileSync(path).length % 4096).toBe(0);
    expect([...readFileSync(path).subarray(far, far + 4)]).toEqual([1, 2, 3, 4]);
  });

  test('power is cut after exactly the word that was asked for, in a program and in an erase', () => {
    const flash = createFlash();
    flash.cutAfter(2);
    expect(() => flash.program(0, new Uint8Array(16))).toThrow(PowerCut);
    expect(read(flash, 0, 16)).toEqual([0, 0, 0, 0, 0, 0, 0, 0, ...Array(8).fill(255)]);
    flash.cutAfter(undefined);
    flash.program(4092, new Uint8Array(4));
    flash.cutAfter(1);
    expect(() => flash.erase(0)).toThrow(PowerCut);
    expect(read(flash, 0, 4)).toEqual([255, 255, 255, 255]);
    expect(read(flash, 4092, 4)).toEqual([0, 0, 0, 0]);
  });

  test('a file holds it word for word, across openings', () => {
    const path = join(folder, 'box.flash');
    const flash = createFlash({ path });
    flash.program(4096, Uint8Array.of(1, 2, 3, 4));
    flash.program(20_000, Uint8Array.of(5, 6, 7, 8));
    flash.erase(1);
    flash.program(4100, Uint8Array.of(9, 9, 9, 9));
    const image = flash.image();
    flash.close();
    expect([...readFileSync(path)]).toEqual([...image]);
    const again = createFlash({ path });
    expect(read(again, 20_000, 4)).toEqual([5, 6, 7, 8]);
    expect(read(again, 4096, 8)).toEqual([255, 255, 255, 255, 9, 9, 9, 9]);
    again.close();
  });
});
