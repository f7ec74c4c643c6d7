/** The verifier on a small publication: honest, bent by single bits, and with deliberate lies, each named. */
import {
  type Bytes,
  type Fault,
  readerOf,
  referenceCrypto,
  toHex,
  utf8,
  type Verdict,
  verifyPublication,
} from '@sandoq/protocol';
import { nodeCrypto } from '@sandoq/protocol/node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AUTHORITY_KEY, DEFINITION, provinceOf, secretOf } from '../../tally-server/test/province.ts';
import { appendEntries, bulletinOrigin, emptyBulletin, encodeEntry } from '../src/bulletin/bulletin.ts';
import { cosignCheckpoint, type NoteKey } from '../src/bulletin/note.ts';
import { decodeEntryTile, tilePath } from '../src/bulletin/tiles.ts';
import { jsonFile } from '../src/verify/published-json.ts';
import type { VerifyOrder } from '../src/verify/verdict.ts';
import { type Files, SmallPublication } from './publication-builder.ts';

const small = new SmallPublication();
let honest: Files;
beforeAll(async () => {
  await small.start();
  honest = small.publish();
});
afterAll(() => small.province.remove());

const verdictOf = (files: Files, more: Partial<VerifyOrder> = {}): Verdict =>
  verifyPublication({
    reader: readerOf(files),
    crypto: nodeCrypto,
    authorityKey: AUTHORITY_KEY,
    keyFromFolder: false,
    lots: null,
    ...more,
  }).verdict;
const named = ({ faults }: Verdict): readonly string[] => faults.map(({ code, file }) => `${code} ${file}`);
const faultOf = (verdict: Verdict, code: string): Fault | undefined =>
  verdict.faults.find((one) => one.code === code);
const textOf = (files: Files, name: string): string => new TextDecoder().decode(files.get(name));
const without = (files: Files, ...names: readonly string[]): Files =>
  new Map([...files].filter(([name]) => !names.includes(name)));
const CHECKPOINT = 'bulletin/checkpoint';

/** The first two of a list change names and keep their codes. */
function swapNames<Candidate extends { readonly name: unknown }>(
  candidates: readonly Candidate[],
): Candidate[] {
  const [first, second, ...rest] = candidates as readonly [Candidate, Candidate, ...Candidate[]];
  return [{ ...first, name: second.name }, { ...second, name: first.name }, ...rest];
}

/** What a cunning publisher does after a change: every digest in the index again, and every sum. */
function reindexed(files: Files): Files {
  const index = JSON.parse(textOf(files, 'index.json')) as { files: Record<string, string> };
  index.files = Object.fromEntries(
    [...files]
      .filter(([name]) => name !== 'index.json' && !name.startsWith('bulletin/'))
      .map(([name, bytes]) => [name, toHex(nodeCrypto.sha256(bytes))]),
  );
  return new Map(files).set('index.json', jsonFile(index));
}

/** Entries of the published bulletin, and one made anew from others under the intake's own key. */
const entriesIn = (files: Files): readonly Bytes[] => {
  for (const [name, bytes] of files) {
    const width = /^bulletin\/tile\/entries\/000\.p\/(\d+)$/.exec(name)?.[1];
    if (width !== undefined) return decodeEntryTile(bytes, Number(width)) ?? [];
  }
  throw new Error('no entries');
};
function withBulletin(files: Files, entries: readonly Bytes[]): Files {
  const bare = new Map([...files].filter(([name]) => !name.startsWith('bulletin/')));
  const signer = { crypto: nodeCrypto, secretKey: small.intakeSecret };
  const origin = bulletinOrigin(small.province.election);
  const { tiles, checkpoint } = appendEntries(emptyBulletin(origin), entries, signer);
  for (const [path, bytes] of tiles) bare.set(`bulletin/${path}`, bytes);
  return bare.set(CHECKPOINT, checkpoint);
}

describe('an honest publication', () => {
  it('is verified, with the outcome of the law and what remains unshown', () => {
    const verdict = verdictOf(honest);
    expect(verdict.faults).toEqual([]);
    expect(verdict).toMatchObject({
      ok: true,
      election: 'demo-1405',
      mode: 'rehearsal',
      slips: { expected: 3, received: 2, missing: 1, disputed: 0 },
      missing: ['s3'],
      bulletin: { size: 4 },
    });
    expect(verdict.outcome?.contests.map(({ contest, boxes }) => [contest, boxes])).toEqual([
      ['president', 2],
      ['majles', 2],
    ]);
    expect(verdict.checked.signatures).toBeGreaterThan(2 * 12);
    expect(verdict.not_shown).toEqual(
      expect.arrayContaining(['slips_missing', 'totals_rest_on_recount', 'no_witness']),
    );
  });

  it('gives the same verdict under the reference cryptography', () => {
    expect(verdictOf(honest, { crypto: referenceCrypto })).toEqual(verdictOf(honest));
  });

  it('is not believed under another authority, nor without its package', () => {
    expect(
      named(verdictOf(honest, { authorityKey: nodeCrypto.signingPublicKey(secretOf('other')) })),
    ).toEqual(['authority_key_differs package/authority.pub']);
    expect(named(verdictOf(new Map()))).toEqual(['file_missing package/authority.pub']);
  });

  it('is verified again after more slips and a correction by both boards, and continues what was seen', async () => {
    await small.send('s3', 20, 3);
    small.province.seconds += 60;
    const answer = await fetch(
      `${small.province.address}/api/elections/${small.province.election}/corrections`,
      {
        method: 'POST',
        headers: { 'content-type': 'application/octet-stream' },
        body: Buffer.from(small.correction(honest, 's1')),
      },
    );
    expect(answer.status).toBe(201);
    const later = small.publish();
    const seen = new Map([['yesterday', honest.get(CHECKPOINT) as Bytes]]);
    const verdict = verdictOf(later, { seen });
    expect(verdict.faults).toEqual([]);
    expect(verdict).toMatchObject({
      slips: { expected: 3, received: 3, missing: 0 },
      corrected: [{ station: 's1', version: 2 }],
      bulletin: { size: 7, seen: 1 },
    });
    expect(verdict.not_shown).not.toContain('no_checkpoint_seen_before');
  });
});

describe('any one bit', () => {
  it('in a slip is laid at that slip’s door, and nobody else’s', () => {
    const bent = Uint8Array.from(honest.get('slips/s1.bundle') as Bytes);
    bent[bent.length - 5] = (bent[bent.length - 5] as number) ^ 4;
    const verdict = verdictOf(new Map(honest).set('slips/s1.bundle', bent));
    expect(new Set(verdict.faults.map(({ file }) => file))).toEqual(new Set(['slips/s1.bundle']));
    expect(verdict).toMatchObject({
      slips: { expected: 3, received: 1, missing: 1, not_holding: 1 },
      outcome: null,
    });
    expect(verdict.not_shown).toContain('sums_not_compared');
  });

  it('flipped in any file is found, and the file named', () => {
    let flips = 0;
    for (const [name, bytes] of honest) {
      // Every file at its first and last bytes and at places spread over it.
      const step = Math.max(1, Math.floor(bytes.length / 50));
      const places = new Set([0, bytes.length - 1]);
      for (let at = 0; at < bytes.length; at += step) places.add(at);
      for (const at of places) {
        const bent = Uint8Array.from(bytes);
        bent[at] = (bent[at] as number) ^ (1 << ((at * 5 + flips) % 8));
        flips++;
        const verdict = verdictOf(new Map(honest).set(name, bent));
        expect(verdict.ok, `${name} byte ${at}`).toBe(false);
        expect(
          verdict.faults.map(({ file }) => file),
          `${name} byte ${at}`,
        ).toContain(name);
      }
    }
    expect(flips).toBeGreaterThan(1000);
  }, 300_000);

  it('is found wherever it is in the sums, the index and the checkpoint', () => {
    for (const name of ['totals.csv', CHECKPOINT, 'index.json']) {
      const bytes = honest.get(name) as Bytes;
      for (let at = 0; at < bytes.length; at += Math.ceil(bytes.length / 60)) {
        const bent = Uint8Array.from(bytes);
        bent[at] = (bent[at] as number) ^ (1 << (at % 8));
        const verdict = verdictOf(new Map(honest).set(name, bent));
        expect(
          verdict.faults.map(({ file }) => file),
          `${name} byte ${at}`,
        ).toContain(name);
      }
    }
  }, 300_000);
});

describe('deliberate lies', () => {
  it('a file is taken away', () => {
    for (const name of honest.keys()) expect(verdictOf(without(honest, name)).ok, name).toBe(false);
  }, 120_000);

  it('a slip is left out, and all sums and digests are made to fit', () => {
    const bare = without(honest, 'slips/s2.bundle', 'receipts/s2.cose');
    const verdict = verdictOf(reindexed(bare));
    expect(faultOf(verdict, 'slip_left_out')).toMatchObject({ whose: 'province/intake', at: 'entries[2]' });
    expect(faultOf(verdict, 'slip_left_out')?.wanted).toContain('station s2');
    expect(named(verdict)).toContain('totals_differ totals.json');
  });

  it('a slip is shown twice, under the name of another station or in the bulletin', () => {
    const twice = new Map(honest)
      .set('slips/s3.bundle', honest.get('slips/s2.bundle') as Bytes)
      .set('receipts/s3.cose', honest.get('receipts/s2.cose') as Bytes);
    expect(named(verdictOf(reindexed(twice)))).toContain('file_name_differs slips/s3.bundle');
    const entries = entriesIn(honest);
    const repeated = withBulletin(honest, [...entries, entries[1] as Bytes]);
    expect(named(verdictOf(repeated))).toContain(`entry_repeated ${CHECKPOINT}`);
  });

  it('a slip is shown that the bulletin never had, or another publication than the bulletin has', () => {
    const entries = entriesIn(honest);
    expect(
      named(
        verdictOf(
          withBulletin(
            honest,
            entries.filter((_, i) => i !== 2),
          ),
        ),
      ),
    ).toContain('slip_not_in_bulletin slips/s2.bundle');
    expect(named(verdictOf(withBulletin(honest, entries.slice(0, -1))))).toEqual([
      'publication_not_in_bulletin index.json',
    ]);
  });

  it('the sums are changed, in JSON and in CSV, with the index made to fit', () => {
    const totals = JSON.parse(textOf(honest, 'totals.json')) as {
      contests: { candidates: { votes: number }[] }[];
    };
    const candidate = totals.contests[0]?.candidates[2];
    if (candidate === undefined) throw new Error('no candidate');
    candidate.votes += 1;
    const json = verdictOf(reindexed(new Map(honest).set('totals.json', jsonFile(totals))));
    expect(faultOf(json, 'totals_differ')).toMatchObject({
      file: 'totals.json',
      at: 'contests[0].candidates[2].votes',
      whose: 'publisher',
      wanted: `${candidate.votes - 1}, not ${candidate.votes}`,
    });
    const csv = textOf(honest, 'totals.csv').replace(
      /,(\d+)\r\n/,
      (_, votes: string) => `,${Number(votes) + 1}\r\n`,
    );
    expect(
      faultOf(verdictOf(reindexed(new Map(honest).set('totals.csv', utf8(csv)))), 'totals_differ'),
    ).toMatchObject({
      file: 'totals.csv',
      at: 'line 2',
    });
  });

  it('a correction lacks a board, or both, or supersedes another slip', () => {
    for (const boards of [[], ['executive_board'], ['supervisory_board']] as const) {
      const bent = new Map(honest)
        .set('corrections/s1.2.bundle', small.correction(honest, 's1', boards))
        .set('receipts/s1.2.cose', honest.get('receipts/s1.cose') as Bytes);
      const fault = faultOf(verdictOf(bent), 'board_approval_missing');
      expect(fault).toMatchObject({ file: 'corrections/s1.2.bundle', whose: 'authority' });
      expect(fault?.wanted).toContain(
        boards[0] === 'executive_board' ? 'supervisory board' : 'executive board',
      );
    }
    const other = new Map(honest).set('corrections/s2.2.bundle', small.correction(honest, 's1'));
    expect(named(verdictOf(other))).toContain('wrong_station corrections/s2.2.bundle');
  });

  it('two readers are shown two histories', () => {
    const entries = entriesIn(honest);
    const other = withBulletin(honest, [
      entries[0] as Bytes,
      encodeEntry({ kind: 'slip', digest: new Uint8Array(32), at: 1, stationId: 's3' }),
    ]);
    const seen = new Map([['a friend', other.get(CHECKPOINT) as Bytes]]);
    expect(faultOf(verdictOf(honest, { seen }), 'bulletin_forked')).toMatchObject({
      file: CHECKPOINT,
      at: 'beside a friend',
      whose: 'province/intake',
    });
    const longer = withBulletin(honest, [...entries, entries[3] as Bytes]);
    expect(
      named(verdictOf(honest, { seen: new Map([['a friend', longer.get(CHECKPOINT) as Bytes]]) })),
    ).toContain(`bulletin_behind ${CHECKPOINT}`);
    expect(named(verdictOf(honest, { seen: new Map([['a friend', utf8('nothing')]]) }))).toContain(
      `seen_not_ours ${CHECKPOINT}`,
    );
  });

  it('two readers are shown two histories that a witness signed both', () => {
    const secret = secretOf('careless witness');
    const key = nodeCrypto.signingPublicKey(secret);
    const witness: NoteKey = { name: 'careless.example', type: 'witness', key };
    const witnessed = (files: Files): Bytes =>
      cosignCheckpoint(nodeCrypto, secret, witness.name, files.get(CHECKPOINT) as Bytes, 1_795_000_000);
    const entries = entriesIn(honest);
    const other = withBulletin(honest, [
      ...entries.slice(0, 2),
      encodeEntry({ kind: 'slip', digest: new Uint8Array(32), at: 1, stationId: 's2' }),
      ...entries.slice(3),
    ]);
    const mine = new Map(honest).set(CHECKPOINT, witnessed(honest));
    const verdict = verdictOf(mine, {
      witnesses: [witness],
      seen: new Map([['the other reader’s', witnessed(other)]]),
    });
    expect(verdict.faults).toMatchObject([
      {
        code: 'bulletin_forked',
        file: CHECKPOINT,
        at: 'beside the other reader’s',
        whose: 'province/intake',
      },
    ]);
  });

  it('the name list is exchanged, or the whole package', () => {
    const { files } = small.province.province;
    const swapped = provinceOf(
      [...small.province.province.provisioning.stations.values()],
      small.province.province.provisioning.package.intakeKey,
      {
        ...DEFINITION,
        contests: DEFINITION.contests.map((contest, i) =>
          i === 0 ? { ...contest, candidates: swapNames(contest.candidates) } : contest,
        ),
      },
    );
    const list = new Map(honest).set(
      'package/candidates-0.cbor',
      swapped.files.get('candidates-0.cbor') as Bytes,
    );
    expect(faultOf(verdictOf(reindexed(list)), 'digest_differs')).toMatchObject({
      file: 'package/candidates-0.cbor',
      whose: 'authority',
    });
    // The other package is signed by the same authority: it is the slips and the bulletin that do not fit it.
    const whole = new Map(honest);
    for (const name of files.keys()) whole.set(`package/${name}`, swapped.files.get(name) as Bytes);
    const verdict = verdictOf(reindexed(whole));
    expect(named(verdict)).toEqual(
      expect.arrayContaining([
        'package_differs slips/s1.bundle',
        'package_differs slips/s2.bundle',
        `package_differs ${CHECKPOINT}`,
      ]),
    );
    expect(verdict.outcome).toBeNull();
  });

  it('a witness that should have signed has not', () => {
    const secret = secretOf('witness');
    const witness: NoteKey = {
      name: 'observer.example',
      type: 'witness',
      key: nodeCrypto.signingPublicKey(secret),
    };
    expect(faultOf(verdictOf(honest, { witnesses: [witness] }), 'witness_missing')).toMatchObject({
      whose: 'observer.example',
    });
    const note = cosignCheckpoint(
      nodeCrypto,
      secret,
      witness.name,
      honest.get(CHECKPOINT) as Bytes,
      1_795_000_000,
    );
    const verdict = verdictOf(new Map(honest).set(CHECKPOINT, note), { witnesses: [witness] });
    expect(verdict.faults).toEqual([]);
    expect(verdict.bulletin?.witnesses).toEqual([{ name: 'observer.example', at_seconds: 1_795_000_000 }]);
  });

  it('a receipt is put with another slip, or a stranger’s file is laid in', () => {
    const swapped = new Map(honest).set('receipts/s1.cose', honest.get('receipts/s2.cose') as Bytes);
    expect(named(verdictOf(swapped))).toContain('receipt_differs receipts/s1.cose');
    expect(named(verdictOf(new Map(honest).set('notes.txt', utf8('hello'))))).toContain(
      'file_unknown notes.txt',
    );
    const renamed = new Map(without(honest, 'receipts/s1.cose')).set(
      'receipts/s1.5.cose',
      honest.get('receipts/s1.cose') as Bytes,
    );
    expect(named(verdictOf(renamed))).toEqual(
      expect.arrayContaining(['file_missing receipts/s1.cose', 'file_unknown receipts/s1.5.cose']),
    );
    const stray = new Map(honest).set('slips/s9.bundle', honest.get('slips/s1.bundle') as Bytes);
    expect(named(verdictOf(stray))).toContain('station_unknown slips/s9.bundle');
    expect(tilePath(0, 0, 4)).toBe('tile/0/000.p/4');
    const extra = new Map(honest).set('bulletin/tile/0/000.p/9', new Uint8Array(9 * 32));
    expect(named(verdictOf(extra))).toContain('file_unknown bulletin/tile/0/000.p/9');
  });
});
