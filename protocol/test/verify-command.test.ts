/** `npm run verify` as people run it: a real process over a real folder. */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { encodeNoteKey, NOT_SHOWN, toHex, type Verdict, type WholeVerdict } from '@sandoq/protocol';
import { nodeCrypto } from '@sandoq/protocol/node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AUTHORITY_KEY, secretOf } from '../../tally-server/test/province.ts';
import en from '../locales/en.json' with { type: 'json' };
import fa from '../locales/fa.json' with { type: 'json' };
import { SmallPublication } from './publication-builder.ts';

const COMMAND = fileURLToPath(new URL('../bin/verify.ts', import.meta.url));
const small = new SmallPublication();
let folder: string;
beforeAll(async () => {
  await small.start();
  folder = join(small.province.folder, 'published');
  small.publish(folder);
});
afterAll(() => small.province.remove());

function verify(...args: readonly string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [COMMAND, ...args], { encoding: 'utf8' });
  const lines = stdout.trimEnd().split('\n');
  const last = lines.at(-1) ?? '';
  return {
    status,
    stderr,
    words: lines.slice(0, -1).join('\n'),
    verdict: last.startsWith('{') ? (JSON.parse(last) as Verdict) : undefined,
  };
}

describe('the command', () => {
  it('says in Persian, in English and in JSON what agrees, and ends with 0', () => {
    const run = verify(folder, '--authority', toHex(AUTHORITY_KEY));
    expect(run.stderr).toBe('');
    expect(run.status).toBe(0);
    expect(run.verdict).toMatchObject({
      form: 'sandoq.verify.verdict/1',
      ok: true,
      faults: [],
      missing: ['s3'],
    });
    expect(run.words).toContain('حکم: همهٔ امضاها، ترازها و جمع‌ها با هم می‌خوانند.');
    expect(run.words).toContain('انتخابات نمایشی ۱۴۰۵');
    expect(run.words).toContain('Verdict: every signature, ledger and sum agrees.');
    expect(run.words).toMatch(/Elected: Candidate number \d+ \(code 1\d\d\), votes: \d+/);
    for (const caveat of NOT_SHOWN) expect(run.words).toContain(en[`caveat.${caveat}`]);
    expect(run.words).not.toMatch(/\{[a-z_]+\}/);
  });

  it('gives the same verdict by the reference cryptography, and only JSON when asked', () => {
    const plain = verify(folder, '--json');
    const reference = verify(folder, '--json', '--reference');
    expect(reference.verdict).toEqual(plain.verdict);
    expect(reference.words).toBe('');
    expect(plain.verdict?.not_shown).toContain('authority_key_from_the_folder');
  });

  it('applies lots from the seed given', () => {
    expect(verify(folder, '--json', '--lots', '1405').verdict?.outcome?.lots).toEqual({
      rule: 'sandoq-lot-1',
      seed: '1405',
    });
  });

  it('names what is wrong, where and whose, and ends with 1', () => {
    const path = join(folder, 'totals.json');
    const honest = readFileSync(path, 'utf8');
    writeFileSync(
      path,
      honest.replace(/"cast": (\d+)/, (_, cast: string) => `"cast": ${Number(cast) + 1}`),
    );
    const run = verify(folder, '--locale', 'en');
    writeFileSync(path, honest);
    expect(run.status).toBe(1);
    expect(run.verdict?.ok).toBe(false);
    expect(run.words).toMatch(/totals\.json: cast.*does not agree with the signed slips.*the publisher/);
    expect(run.words).toContain('Verdict: this publication is not right');
    expect(run.words).not.toContain('حکم');
  });

  it('takes checkpoints that were kept, and witnesses', () => {
    const checkpoint = join(folder, 'bulletin', 'checkpoint');
    expect(verify(folder, '--json', '--seen', checkpoint).verdict?.bulletin?.seen).toBe(1);
    const key = nodeCrypto.signingPublicKey(secretOf('witness'));
    const witness = encodeNoteKey({ name: 'observer.example', type: 'witness', key });
    const run = verify(folder, '--json', '--witness', witness);
    expect(run.status).toBe(1);
    expect(run.verdict?.faults.map(({ code }) => code)).toEqual(['witness_missing']);
  });

  it('finds nothing to believe in a folder that is none, and refuses wrong usage with 2', () => {
    const empty = verify(join(folder, 'slips'));
    expect(empty.status).toBe(1);
    expect(empty.words).toContain(fa['verify.no_election']);
    for (const args of [
      [],
      [folder, folder],
      [join(folder, 'nowhere')],
      [folder, '--authority', 'abc'],
      [folder, '--authority', '00'.repeat(32)],
      [folder, '--witness', 'abc'],
      [folder, '--locale', 'de'],
      [folder, '--lots', ''],
      [folder, '--unknown'],
    ]) {
      const run = verify(...args);
      expect(run.status, args.join(' ')).toBe(2);
      expect(run.verdict).toBeUndefined();
      expect(run.stderr).toMatch(/^verify: /);
    }
    expect(verify('--help').words).toContain('--authority KEY');
  });
});

describe('the catalogues', () => {
  it('have the same keys and the same placeholders in both languages', () => {
    expect(Object.keys(en)).toEqual(Object.keys(fa));
    const places = (text: string) => [...text.matchAll(/\{[a-z_]+\}/g)].map(String).sort();
    for (const key of Object.keys(fa) as (keyof typeof fa)[])
      expect(places(en[key]), key).toEqual(places(fa[key]));
  });
});

describe('a folder of several publications', () => {
  it('has a verdict of each and one of the whole, and the sums of all', () => {
    const nation = join(small.province.folder, 'nation');
    mkdirSync(nation);
    cpSync(folder, join(nation, 'one'), { recursive: true });
    const alone = verify(nation, '--authority', toHex(AUTHORITY_KEY));
    const whole = alone.verdict as unknown as WholeVerdict;
    expect(alone.status).toBe(0);
    expect(whole).toMatchObject({ form: 'sandoq.verify.whole/1', ok: true, faults: [] });
    expect(whole.slips).toEqual(verify(folder, '--json').verdict?.slips);
    expect(whole.people?.cast).toBeGreaterThan(0);
    expect(alone.words).toContain('حکم کل: همهٔ انتشارها درست‌اند.');
    // The same election twice is two histories; a folder that is no publication does not hold.
    cpSync(folder, join(nation, 'two'), { recursive: true });
    const twice = verify(nation, '--json');
    expect(twice.status).toBe(1);
    expect((twice.verdict as unknown as WholeVerdict).faults).toEqual([
      { code: 'election_repeated', folder: 'two', beside: 'one' },
    ]);
    rmSync(join(nation, 'two'), { recursive: true });
    mkdirSync(join(nation, 'empty'));
    const broken = verify(nation, '--json');
    expect(broken.status).toBe(1);
    expect((broken.verdict as unknown as WholeVerdict).people).toBeNull();
    expect(verify(nation, '--seen', join(folder, 'index.json')).status).toBe(2);
  });
});
