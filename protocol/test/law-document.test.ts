/** docs/LAW.md is the law that a stranger implements: its examples, tables and lots are run, not believed. */
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { ARTICLES, RULES } from '../src/law/index.ts';
import { runLaw } from './law-command.ts';

const document = readFileSync(join(import.meta.dirname, '../docs/LAW.md'), 'utf8');
const folder = mkdtempSync(join(tmpdir(), 'law-document-'));
afterAll(() => rmSync(folder, { recursive: true }));

const blocks = [...document.matchAll(/^```json example=(\w+) file=(\w+)(?: lots=(\S+))?\n(.*?)^```/gms)].map(
  ([, example = '', file = '', lots, text = '']) => ({ example, file, lots, text }),
);

function fileOf(example: string, file: string): string {
  const found = blocks.filter((block) => block.example === example && block.file === file);
  if (found.length !== 1) throw new Error(`example ${example} has ${found.length} ${file} files`);
  const path = join(folder, `${example}-${file}.json`);
  writeFileSync(path, found[0]?.text ?? '');
  return path;
}

describe('LAW.md', () => {
  const outcomes = blocks.filter(({ file }) => file === 'outcome');

  it('has examples with and without lots', () => {
    expect(outcomes.length).toBeGreaterThanOrEqual(6);
    expect(new Set(outcomes.map(({ lots }) => lots === undefined)).size).toBe(2);
  });

  it.each(
    outcomes.map((block) => [block.example, block.lots ?? 'none', block] as const),
  )('example %s with lots %s prints what the document says, key by key', (example, _, { lots, text }) => {
    const seed = lots === undefined ? [] : ['--lots', lots];
    const run = runLaw(
      '--election',
      fileOf(example, 'election'),
      '--results',
      fileOf(example, 'results'),
      ...seed,
    );
    expect([run.status, run.stderr]).toEqual([0, '']);
    expect(run.stdout).toBe(`${JSON.stringify(JSON.parse(text))}\n`);
  });

  it('gives the digest of its example of a lot', () => {
    const [, input = '', digest = ''] = /```lot\n(.*?)\n```.*?`([0-9a-f]{64})`/s.exec(document) ?? [];
    expect(createHash('sha256').update(input, 'utf8').digest('hex')).toBe(digest);
    expect(outcomes.some(({ text }) => text.includes(digest))).toBe(true);
  });

  it('lists every article with its confidence, and every rule', () => {
    const rows = [...document.matchAll(/^\| `([a-z_.]+)` \| (.*?) \| (.*?) \| ([HML]) \|$/gm)];
    expect(
      rows.map(([, key, law, article, confidence]) => [
        key,
        { law, article: article === 'none' ? null : article, confidence },
      ]),
    ).toEqual([...ARTICLES]);
    for (const rule of RULES) expect(document).toContain(`\`${rule}\``);
  });
});
