import { type Bytes, checkBundle, decode, encode, LEDGERS, records, roleSubject } from '@sandoq/protocol';
import { nodeCrypto } from '@sandoq/protocol/node';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { type Bends, BundleBuilder, votesOf } from './bundle-builder.ts';
import { DEFINITION, NOW_SECONDS, type Province, provinceOf, secretOf, stationNamed } from './province.ts';

let province: Province;
let good: Bytes;
const AT = NOW_SECONDS + 40_000;
beforeAll(() => {
  province = provinceOf([stationNamed('s1'), stationNamed('s2')]);
  good = new BundleBuilder(province.provisioning, 's1').build(votesOf(100, 1));
});

const judge = (bytes: Bytes) => {
  const checked = checkBundle(province.provisioning, nodeCrypto, bytes, AT);
  return checked.ok ? 'accepted' : checked.fault.code;
};
const bent = (bends: Bends, station = 's1'): string =>
  judge(new BundleBuilder(province.provisioning, station, bends).build(votesOf(100, 1)));
const slip = (change: (slip: records.Slip) => object): Bends => ({
  slip: (one) => ({ ...one, ...change(one) }),
});
const total = (contest: number, change: Partial<records.ContestTotal>): Bends =>
  slip(({ totals }) => ({ totals: totals.map((one, i) => (i === contest ? { ...one, ...change } : one)) }));

describe('an honest bundle', () => {
  it('is accepted, with its signers and digests', () => {
    const checked = checkBundle(province.provisioning, nodeCrypto, good, AT);
    if (!checked.ok) throw new Error(JSON.stringify(checked.fault));
    expect(checked.value.approvals.map(({ role }) => role)).toEqual([
      'executive',
      'supervisor',
      'governor_representative',
      'council_representative',
    ]);
    expect(checked.value.slip.tarefe.cast).toBe(100);
    expect(checked.value.breaks).toEqual([]);
    expect(checked.value.bundleDigest).toEqual(nodeCrypto.sha256(good));
  });

  it('keeps its value under the reference cryptography', async () => {
    const { referenceCrypto } = await import('@sandoq/protocol');
    expect(checkBundle(province.provisioning, referenceCrypto, good, AT).ok).toBe(true);
  });
});

describe('any one bit flipped in a bundle is refused', () => {
  it('wherever it is', () => {
    fc.assert(
      fc.property(fc.nat(good.length * 8 - 1), (bit) => {
        const flipped = good.slice();
        flipped[bit >> 3] = (flipped[bit >> 3] as number) ^ (1 << (bit & 7));
        expect(judge(flipped)).not.toBe('accepted');
      }),
      { numRuns: 600 },
    );
  });

  it('in each part, by its own name', () => {
    const flipLast = (bytes: Bytes): Bytes => {
      const out = bytes.slice();
      out[out.length - 1] = (out.at(-1) as number) ^ 1;
      return out;
    };
    const parts = ['approvals', 'sessions', 'zeroReports', 'commitments'] as const;
    for (const part of parts)
      expect(bent({ bundle: (bundle) => ({ ...bundle, [part]: bundle[part].map(flipLast) }) }), part).toBe(
        'signature_invalid',
      );
    expect(bent({ bundle: (bundle) => ({ ...bundle, slip: flipLast(bundle.slip) }) })).toBe(
      'signature_invalid',
    );
    expect(bent({ bundle: (bundle) => ({ ...bundle, admission: flipLast(bundle.admission) }) })).toBe(
      'signature_invalid',
    );
  });

  it('truncated anywhere, or with a tail', () => {
    for (const length of [0, 1, 100, good.length - 1])
      expect(judge(good.slice(0, length))).toBe('bundle_malformed');
    expect(judge(Uint8Array.of(...good, 0))).toBe('bundle_malformed');
    expect(judge(new Uint8Array(512 * 1024 + 1))).toBe('too_long');
  });
});

describe('each ledger that does not hold is named', () => {
  const cases: readonly [(typeof LEDGERS)[number], Bends][] = [
    ['ledger_tarefe', slip(({ tarefe }) => ({ tarefe: { ...tarefe, abandoned: 2 } }))],
    ['ledger_outstanding', slip(({ tarefe }) => ({ tarefe: { ...tarefe, abandoned: 0, outstanding: 1 } }))],
    ['ledger_papers', slip(({ papers }) => ({ papers: { ...papers, inBin: 99 } }))],
    ['ledger_contest_records', total(0, { invalid: 1 })],
    ['ledger_contest_marks', total(1, { undervotes: 0 })],
    ['ledger_contest_candidates', total(0, { candidates: [95, 1, 0, 0] })],
    [
      'ledger_contest_cast',
      slip(({ totals }) => ({
        totals: totals.map((one, i) =>
          i === 0 ? { ...one, records: one.records - 1, blank: one.blank - 1 } : one,
        ),
      })),
    ],
    ['ledger_slots', slip(({ slots }) => ({ slots: { ...slots, station: slots.station - 1 } }))],
    [
      'ledger_commitment_records',
      {
        commitment: (one) => ({ ...one, records: one.records + 2 }),
        slip: (one) => ({ ...one, slots: { box: 200, station: 200, tallied: 200 } }),
      },
    ],
    ['ledger_commitment_cards', { commitment: (one) => ({ ...one, cardsSpent: one.cardsSpent - 1 }) }],
    ['ledger_commitment_papers', { commitment: (one) => ({ ...one, papersRetained: 2 }) }],
    ['ledger_admissions', { admission: (one) => ({ ...one, local: one.local + 1 }) }],
    ['ledger_documents', { admission: (one) => ({ ...one, byDocument: one.byDocument.slice(1) }) }],
    ['ledger_issued', { admission: (one) => ({ ...one, tarefeIssued: one.tarefeIssued + 1 }) }],
    [
      'ledger_admitted',
      {
        admission: (one) => ({
          ...one,
          admitted: 90,
          local: 87,
          byDocument: [{ document: 'passport', count: 90 }],
        }),
      },
    ],
  ];

  it.each(cases)('%s', (name, bends) => {
    expect(bent(bends)).toBe(name);
  });

  it('a blank vote where none is allowed, and more votes than the station can hold', () => {
    const contests = DEFINITION.contests.map((contest) => ({ ...contest, blankAllowed: false }));
    const strict = provinceOf([{ ...stationNamed('s1') }], undefined, { ...DEFINITION, contests });
    const blank = new BundleBuilder(strict.provisioning, 's1').build(votesOf(100, 1));
    expect(checkBundle(strict.provisioning, nodeCrypto, blank, AT)).toMatchObject({
      fault: { code: 'ledger_contest_blank' },
    });
    const small = provinceOf([{ ...stationNamed('s1'), votesMax: 99 }]);
    const many = new BundleBuilder(small.provisioning, 's1').build(votesOf(100, 1));
    expect(checkBundle(small.provisioning, nodeCrypto, many, AT)).toMatchObject({
      fault: { code: 'ledger_capacity' },
    });
  });

  it('and no ledger is without its case', () => {
    const named = new Set([...cases.map(([name]) => name), 'ledger_contest_blank', 'ledger_capacity']);
    expect(LEDGERS.filter((name) => !named.has(name))).toEqual([]);
  });
});

describe('what does not belong together is refused by name', () => {
  const stranger = (subject: string): Bytes => secretOf(`stranger ${subject}`);
  it.each<[string, Bends, string]>([
    ['another election', { election: 'other-1405' }, 'wrong_election'],
    ['an official slip under a demonstration', { mode: 'official' }, 'official_refused'],
    ['another package', { packageDigest: new Uint8Array(32) }, 'package_differs'],
    ['an unknown station', slip(() => ({ stationId: 's9' })), 'station_unknown'],
    ["another station's slip", slip(() => ({ stationId: 's2' })), 'wrong_station'],
    ["another station's session", { session: (one) => ({ ...one, stationId: 's2' }) }, 'wrong_station'],
    ['another mode in the session', { session: (one) => ({ ...one, mode: 'official' }) }, 'official_refused'],
    [
      'another session id',
      { session: (one) => ({ ...one, sessionId: new Uint8Array(16) }) },
      'session_id_differs',
    ],
    [
      'another voting computer',
      { session: (one) => ({ ...one, votingSubject: 'station/s2/voting' }) },
      'subject_differs',
    ],
    ['an opening by one role', { openedBy: ['executive', 'executive'] }, 'approval_repeated'],
    [
      'an opening by the wrong pair',
      { openedBy: ['executive', 'governor_representative'] },
      'approval_missing',
    ],
    ['a close by the wrong pair', { closedBy: ['executive', 'governor_representative'] }, 'approval_missing'],
    [
      'minutes without the governor',
      { minutes: ['executive', 'supervisor', 'council_representative'] },
      'approval_missing',
    ],
    [
      'minutes signed twice by one',
      { minutes: ['council_representative', 'governor_representative', 'governor_representative'] },
      'approval_repeated',
    ],
    [
      'a box that was not empty',
      { zeroReport: (one) => ({ ...one, cardsSpent: 1 }) },
      'zero_report_not_zero',
    ],
    [
      'more zero reports than sessions',
      { bundle: (one) => ({ ...one, zeroReports: [...one.zeroReports, ...one.zeroReports] }) },
      'zero_report_missing',
    ],
    ['no commitment', { bundle: (one) => ({ ...one, commitments: [] }) }, 'commitment_missing'],
    [
      'a session twice',
      { bundle: (one) => ({ ...one, sessions: [...one.sessions, ...one.sessions] }) },
      'session_unknown',
    ],
    [
      'a summary that the slip does not repeat',
      slip(({ admissions }) => ({ admissions: { ...admissions, helped: 0 } })),
      'admission_differs',
    ],
    ['a contest left out', slip(({ totals }) => ({ totals: totals.slice(0, 1) })), 'contests_differ'],
    ['a contest twice', slip(({ totals }) => ({ totals: [totals[0], totals[0]] })), 'contests_differ'],
    ['a candidate too many', total(0, { candidates: [95, 0, 0, 0, 0] }), 'candidates_differ'],
    [
      'an amendment that nobody signed',
      slip(() => ({ amendments: [new Uint8Array(32)] })),
      'amendment_unknown',
    ],
    ['another denominator', slip(() => ({ denominator: 'valid_votes' })), 'denominator_differs'],
    ['a close before the opening', slip(() => ({ closedAt: 1 })), 'times_reversed'],
    [
      'a box segment of fewer records',
      slip(({ segments }) => ({ segments: segments.map((one) => ({ ...one, records: 1 })) })),
      'segment_records',
    ],
    [
      'a station that holds another set',
      slip(({ segments }) => ({
        segments: segments.map((one, i) => (i === 1 ? { ...one, setRoot: new Uint8Array(32) } : one)),
      })),
      'segment_set_root',
    ],
    ['no station segment', slip(({ segments }) => ({ segments: segments.slice(0, 1) })), 'segment_missing'],
    ['a dispute without evidence', slip(() => ({ disputed: true })), 'evidence_missing'],
    [
      'a record of another type',
      { bundle: (one) => ({ ...one, slip: one.admission }) },
      'record_of_other_type',
    ],
    ["a stranger's keys", { secret: stranger }, 'signature_invalid'],
  ])('%s', (_, bends, code) => {
    expect(bent(bends)).toBe(code);
  });

  it('a stranger in any one place', () => {
    for (const subject of [
      'station/s1/voting',
      'station/s1/box/1',
      'station/s1/admission',
      roleSubject('s1', 'supervisor'),
      roleSubject('s1', 'council_representative'),
    ])
      expect(bent({ secret: (one) => (one === subject ? stranger(one) : secretOf(one)) }), subject).toBe(
        'signature_invalid',
      );
  });

  it('an approval by a role for another role', () => {
    const forged = (bundle: records.Bundle): records.Bundle => {
      const builder = new BundleBuilder(province.provisioning, 's1');
      const opened = decode(records.bundleShape, good);
      if (!opened.ok) throw new Error('unreachable');
      const digest = nodeCrypto.sha256(encode(records.openStatementShape, builder.session().statement));
      const approval = builder.sign('approval', roleSubject('s1', 'executive'), records.approvalShape, {
        action: 'slip',
        role: 'governor_representative',
        digest,
      });
      return { ...bundle, approvals: [approval] };
    };
    expect(bent({ bundle: forged })).toBe('approval_of_other_role');
  });
});

describe('a disputed slip with its evidence', () => {
  it('is taken, and says what does not agree', () => {
    const bytes = new BundleBuilder(province.provisioning, 's1', {
      slip: (one) => ({
        ...one,
        disputed: true,
        slots: { ...one.slots, station: one.slots.station - 1 },
        segments: one.segments.map((segment, i) =>
          i === 1 ? { ...segment, disputed: true, evidence: new Uint8Array(32).fill(7) } : segment,
        ) as records.Slip['segments'],
      }),
    }).build(votesOf(100, 1));
    const checked = checkBundle(province.provisioning, nodeCrypto, bytes, AT);
    expect(checked.ok && checked.value.breaks.map(({ code }) => code)).toEqual([
      'ledger_slots',
      'segment_disputed',
    ]);
  });
});
