/**
 * What a definition comes to in the worst case that it allows: the largest slip, the printed paper, the QR codes of
 * the slip. Proved from encodings with every count at its greatest, not estimated. Pure.
 */
import {
  BALLOT_HEADER_BYTES,
  type Bytes,
  encode,
  PACKAGE_BYTES_MAX,
  records,
  SLIP_BYTES_MAX,
  utf8,
  VOTES_MAX,
} from '@sandoq/protocol';
import type { ElectionDefinition } from './definition.ts';
import type { Mistake } from './mistakes.ts';

/** 203 dots an inch. */
const DOTS_PER_MM = 8;
/** The box prints a code in a line of this many rows above each name (firmware-host/core/cast/page.ts). */
const CODE_LINE_ROWS = 28;
/** A paper that falls through the flap in one piece; the window shows it whole or in two halves. */
export const PRINT_MM_MAX = 1000;
/**
 * One QR code carries this much of a slip: version 25 at level M holds 997 bytes, of which a few number the pages; at
 * 48 mm its modules are 0.4 mm, which a telephone reads from thermal paper.
 */
export const QR_PAYLOAD_BYTES = 960;
/** COSE header, kid and signature of a slip's record. */
const RECORD_OVERHEAD_BYTES = 256;
const COUNT_MAX = 0xffff_ffff;
const EPOCH_SECONDS_MAX = Number.MAX_SAFE_INTEGER;
const DIGEST = new Uint8Array(32);
const ID_LONGEST = 'x'.repeat(40);

export interface Capacity {
  readonly slip_bytes_max: number;
  readonly slip_bytes_allowed: number;
  readonly slip_qr_pages: number;
  /** the largest slip as a station of VOTES_MAX votes would make it, with one box and no dispute */
  readonly slip_bytes_usual: number;
  readonly slip_qr_pages_usual: number;
  readonly print_rows: number;
  readonly print_mm: number;
  readonly candidates: number;
  readonly ballot_bytes: number;
  readonly package_bytes_estimate: number;
  readonly package_bytes_allowed: number;
}

function slipBytes(definition: ElectionDefinition, count: number, sessions: number): number {
  const session = (i: number): Bytes => new Uint8Array(16).fill(i);
  const summary: records.AdmissionSummary = {
    stationId: ID_LONGEST,
    mode: 'official',
    admitted: count,
    local: count,
    visiting: count,
    tarefeIssued: count,
    tarefeReturned: count,
    tarefeSpoiled: count,
    tarefeAbandoned: count,
    byDocument: (
      [
        'national_card',
        'national_card_chipless',
        'shenasnameh',
        'passport',
        'driving_licence',
        'military_card',
        'code_only',
      ] as const
    ).map((document) => ({ document, count })),
    helped: count,
    offline: count,
  };
  const ids = Array.from({ length: sessions }, (_, i) => session(i));
  const slip: records.Slip = {
    stationId: ID_LONGEST,
    mode: 'official',
    packageDigest: DIGEST,
    sessionIds: ids,
    totals: definition.contests.map(({ candidates }, contest) => ({
      contest,
      records: count,
      valid: count,
      blank: count,
      invalid: count,
      marks: count,
      undervotes: count,
      candidates: candidates.map(() => count),
    })),
    tarefe: {
      issued: count,
      cast: count,
      returned: count,
      spoiled: count,
      abandoned: count,
      outstanding: count,
    },
    papers: { printed: count, inBin: count, rejected: count, retained: count },
    slots: { box: count, station: count, tallied: count },
    admissions: summary,
    segments: ids.flatMap((sessionId): records.SegmentKind[] =>
      (['box', 'station'] as const).map((kind) => ({
        kind,
        sessionId,
        subject: 'x'.repeat(64),
        records: count,
        setRoot: DIGEST,
        disputed: false,
        ...(sessions > 1 ? { evidence: DIGEST } : {}),
      })),
    ),
    disputed: sessions > 1,
    openedBucket: EPOCH_SECONDS_MAX,
    closedAt: EPOCH_SECONDS_MAX,
    denominator: 'all_votes',
  };
  return encode(records.slipShape, slip).length + RECORD_OVERHEAD_BYTES;
}

/** Half of the segments are boxes', half stations': as many sessions as a slip can name. */
const SESSIONS_WORST = 8;
const CONTEST_FIXED_BYTES = 80;
const PACKAGE_FIXED_BYTES = 600;

export function capacityOf(definition: ElectionDefinition): Capacity {
  const { contests, rasters, styles } = definition;
  const lines = contests.reduce((sum, { choicesMax }) => sum + choicesMax, 0);
  const rows = rasters.heightDots * (2 + contests.length + lines) + CODE_LINE_ROWS * lines;
  const worst = slipBytes(definition, COUNT_MAX, SESSIONS_WORST);
  const usual = slipBytes(definition, VOTES_MAX, 1);
  const text = (both: records.Bilingual): number => utf8(both.fa).length + utf8(both.en).length;
  const packageBytes =
    PACKAGE_FIXED_BYTES +
    text(definition.title) +
    contests.reduce((sum, one) => sum + CONTEST_FIXED_BYTES + text(one.title) + one.id.length, 0) +
    styles.reduce((sum, one) => sum + text(one.name) + one.id.length + one.contests.length + 16, 0);
  return {
    slip_bytes_max: worst,
    slip_bytes_allowed: SLIP_BYTES_MAX,
    slip_qr_pages: Math.ceil(worst / QR_PAYLOAD_BYTES),
    slip_bytes_usual: usual,
    slip_qr_pages_usual: Math.ceil(usual / QR_PAYLOAD_BYTES),
    print_rows: rows,
    print_mm: Math.ceil(rows / DOTS_PER_MM),
    candidates: contests.reduce((sum, { candidates }) => sum + candidates.length, 0),
    ballot_bytes: BALLOT_HEADER_BYTES + 2 * Math.max(...contests.map(({ choicesMax }) => choicesMax)),
    package_bytes_estimate: packageBytes,
    package_bytes_allowed: PACKAGE_BYTES_MAX,
  };
}

/** What does not fit; empty where all does. */
export function capacityMistakes(capacity: Capacity): readonly Mistake[] {
  const found: Mistake[] = [];
  if (capacity.slip_bytes_max > capacity.slip_bytes_allowed)
    found.push({
      path: ['slip'],
      code: 'slip_large',
      values: { bytes: capacity.slip_bytes_max, bound: capacity.slip_bytes_allowed },
    });
  if (capacity.package_bytes_estimate > capacity.package_bytes_allowed)
    found.push({
      path: ['package'],
      code: 'package_large',
      values: { bytes: capacity.package_bytes_estimate, bound: capacity.package_bytes_allowed },
    });
  if (capacity.print_mm > PRINT_MM_MAX)
    found.push({
      path: ['rasters'],
      code: 'print_long',
      values: { mm: capacity.print_mm, bound: PRINT_MM_MAX },
    });
  return found;
}
