import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { EDWARDS_FILE, edwardsSource, FIELD_FILE, fieldSource } from '../bin/generate-field.ts';

test('the committed field arithmetic and curve constants are what their generator writes', () => {
  expect(readFileSync(FIELD_FILE, 'utf8')).toBe(fieldSource());
  expect(readFileSync(EDWARDS_FILE, 'utf8')).toBe(edwardsSource());
});
