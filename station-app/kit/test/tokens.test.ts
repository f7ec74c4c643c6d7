import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { ALEF_MM_BY_SIZE, ALEF_PER_EM, TEXT_SIZES, THEMES } from '../src/display.ts';

const css = readFileSync(new URL('../src/styles/tokens.css', import.meta.url), 'utf8').replace(
  /\/\*[\s\S]*?\*\//g,
  '',
);

/** Every rule's custom properties, by selector; rules of one selector add up. */
const rules = new Map<string, Map<string, string>>();
for (const [, selectors = '', body = ''] of css.matchAll(/([^{}]+)\{([^}]*)\}/g)) {
  for (const selector of selectors.split(',').map((each) => each.trim())) {
    const properties = rules.get(selector) ?? new Map<string, string>();
    for (const [, name = '', value = ''] of body.matchAll(/(--[a-z0-9-]+):\s*([^;]+);/g))
      properties.set(name, value.trim());
    rules.set(selector, properties);
  }
}

const colour = (theme: string, name: string): string => {
  const value =
    rules.get(`html[data-theme='${theme}']`)?.get(`--color-${name}`) ??
    rules.get('html')?.get(`--color-${name}`);
  if (value === undefined || !/^#[0-9a-f]{6}$/.test(value)) throw new Error(`${theme} has no colour ${name}`);
  return value;
};

/** WCAG 2.2, relative luminance and contrast ratio. */
const luminance = (hex: string): number => {
  const channel = (at: number): number => {
    const value = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  };
  return 0.2126 * channel(1) + 0.7152 * channel(3) + 0.0722 * channel(5);
};
const contrast = (one: string, other: string): number => {
  const [lighter = 0, darker = 0] = [luminance(one), luminance(other)].sort((a, b) => b - a);
  return (lighter + 0.05) / (darker + 0.05);
};

const TEXT_RATIO_MIN = 10;
const MARK_RATIO_MIN = 3;

/** [text, ground] wherever a style sheet sets the one on the other. */
const TEXT_PAIRS = [
  ['ink', 'paper'],
  ['ink', 'surface'],
  ['ink', 'sunken'],
  ['ink-quiet', 'paper'],
  ['ink-quiet', 'surface'],
  ['ink', 'watermark'],
  ['on-tint', 'tint'],
  ['primary', 'surface'],
  ['on-primary', 'primary'],
  ['surface', 'primary-deep'],
  ['on-header', 'header'],
  ['on-danger', 'danger'],
  ['on-rehearsal', 'rehearsal'],
  ['fault', 'fault-ground'],
  ['fault', 'surface'],
  ['warning', 'warning-ground'],
  ['info', 'info-ground'],
  ['success', 'success-ground'],
] as const;

/** Lines, icons and the focus ring on the grounds beside them. */
const MARK_PAIRS = [
  ['line', 'paper'],
  ['line', 'surface'],
  ['line', 'sunken'],
  ['primary', 'paper'],
  ['focus', 'paper'],
  ['focus', 'surface'],
  ['focus', 'header'],
  ['brass', 'header'],
  ['fault-mark', 'surface'],
  ['fault-mark', 'fault-ground'],
  ['warning-mark', 'surface'],
  ['warning-mark', 'warning-ground'],
  ['info-mark', 'surface'],
  ['info-mark', 'info-ground'],
  ['success-mark', 'surface'],
  ['success-mark', 'success-ground'],
] as const;

describe.each(THEMES)('colours of %s', (theme) => {
  it.each(TEXT_PAIRS)('%s can be read on %s', (text, ground) => {
    expect(contrast(colour(theme, text), colour(theme, ground))).toBeGreaterThanOrEqual(TEXT_RATIO_MIN);
  });
  it.each(MARK_PAIRS)('%s can be seen on %s', (mark, ground) => {
    expect(contrast(colour(theme, mark), colour(theme, ground))).toBeGreaterThanOrEqual(MARK_RATIO_MIN);
  });
});

describe('sizes', () => {
  it('are the same in the style sheet and in the code', () => {
    for (const size of TEXT_SIZES) {
      expect(Number(rules.get(`html[data-size='${size}']`)?.get('--alef-mm'))).toBe(ALEF_MM_BY_SIZE[size]);
    }
    expect(Number(rules.get('html')?.get('--alef-per-em'))).toBeCloseTo(ALEF_PER_EM, 4);
  });

  it('run from 3.5 to 9.0 mm by way of 4.8, each larger than the last', () => {
    const sizes = TEXT_SIZES.map((size) => ALEF_MM_BY_SIZE[size]);
    expect(sizes).toHaveLength(5);
    expect(sizes[0]).toBe(3.5);
    expect(sizes[1]).toBe(4.8);
    expect(sizes.at(-1)).toBe(9);
    expect([...sizes].sort((a, b) => a - b)).toEqual(sizes);
  });

  it('measure contrast as WCAG does', () => {
    expect(contrast('#000000', '#ffffff')).toBeCloseTo(21, 5);
    expect(contrast('#777777', '#ffffff')).toBeCloseTo(4.48, 2);
  });
});
