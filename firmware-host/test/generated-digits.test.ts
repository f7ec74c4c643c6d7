import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { DIGITS_FILE, digitsSource } from '../bin/generate-digits.ts';

test('the committed digits are what their generator draws', () => {
  expect(readFileSync(DIGITS_FILE, 'utf8')).toBe(digitsSource());
});
