/** Stricter than the platform's reader, and never laxer. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readElection } from '../src/law/index.ts';
import { DEPTH_MAX, JsonText, STRING_BYTES_MAX } from '../src/law/json-text.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

describe('JSON text', () => {
  const parse = (text: string) => new JsonText(bytes(text)).document();

  it('reads what the platform reads', () => {
    const values = fc
      .jsonValue({ maxDepth: 5, noUnicodeString: false })
      .filter((value) => !/-0|\.|e[-+]?\d/.test(JSON.stringify(value)));
    const plain = (value: unknown): unknown => {
      if (value instanceof Map)
        return Object.fromEntries([...value].map(([key, member]) => [key, plain(member)]));
      return Array.isArray(value) ? value.map(plain) : value;
    };
    fc.assert(
      fc.property(values, fc.constantFrom(0, 1, 2), (value, indent) => {
        const text = JSON.stringify(value, null, indent);
        fc.pre(!text.includes('"__proto__"') && !/\d{16}/.test(text) && !/\\ud[89a-f]/i.test(text));
        expect(JSON.stringify(plain(parse(text)))).toBe(JSON.stringify(JSON.parse(text)));
      }),
      { numRuns: 2000 },
    );
  });

  it('accepts nothing that the platform refuses, and fails only by refusing', () => {
    const alphabet = [
      '{',
      '}',
      '[',
      ']',
      ':',
      ',',
      '"',
      '\\',
      'u0061',
      '\\u',
      '0',
      '-',
      '1',
      '.',
      'e',
      'true',
      'nul',
      ' ',
      '\n',
      '\u0001',
      'é',
      '"a"',
    ];
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...alphabet), { maxLength: 14 }), (parts) => {
        const text = parts.join('');
        const read = readElection(bytes(text));
        expect(read.ok).toBe(false);
        let platform = true;
        try {
          JSON.parse(text);
        } catch {
          platform = false;
        }
        if (!platform && !read.ok) expect(read.fault.problem).toMatch(/not JSON|appears twice/);
      }),
      { numRuns: 5000 },
    );
  });

  it('refuses equal keys, which the platform would quietly drop', () => {
    expect(() => parse('{"a":1,"b":{"x":1,"x":2}}')).toThrow('$.b.x: this key appears twice');
    expect(() => parse('{"a":1,"\\u0061":2}')).toThrow('$.a: this key appears twice');
  });

  it('bounds depth, strings and size', () => {
    const nested = (depth: number) => '['.repeat(depth) + ']'.repeat(depth);
    expect(() => parse(nested(DEPTH_MAX + 1))).not.toThrow();
    expect(() => parse(nested(DEPTH_MAX + 2))).toThrow(/deeper than 16/);
    expect(() => parse('['.repeat(1_000_000))).toThrow(/deeper than 16/);
    expect(() => parse(JSON.stringify('x'.repeat(STRING_BYTES_MAX)))).not.toThrow();
    expect(() => parse(JSON.stringify('x'.repeat(STRING_BYTES_MAX + 1)))).toThrow(/longer than 4096/);
    expect(() => parse(JSON.stringify(`é${'x'.repeat(STRING_BYTES_MAX)}`))).toThrow(/longer than 4096/);
    expect(() => new JsonText(bytes('[1]'), 2)).toThrow(/at most 2 bytes/);
    expect(new JsonText(bytes('[1]'), 3).document()).toEqual([1]);
  });

  it('refuses text that is not UTF-8, halves of surrogate pairs, and control characters', () => {
    expect(() => new JsonText(new Uint8Array([0x22, 0xff, 0x22])).document()).toThrow(/not UTF-8/);
    expect(() => parse('"\\ud800"')).toThrow(/surrogate/);
    expect(() => parse('"a\tb"')).toThrow(/control character/);
    expect(parse('"\\ud83d\\ude00 \\u0635\\u0646\\u062f\\u0648\\u0642"')).toBe('😀 صندوق');
  });

  it('passes over a byte order mark before the document, and keeps one inside a string', () => {
    expect(parse('\ufeff[1]')).toEqual([1]);
    expect(parse('"\ufeffx"')).toBe('\ufeffx');
  });
});
