/**
 * Builds the bundle that an honest station would send, from votes given as sums, with every signature real. Each
 * step can be bent by a test: what is bent is signed again as it stands, so that only the named fault is left.
 */
import {
  admissionSubject,
  type Bytes,
  boxSubject,
  encode,
  type Provisioning,
  type RecordType,
  records,
  roleSubject,
  SESSION_ID_BYTES,
  type Shape,
  type Subject,
  sessionSubject,
  signTyped,
  toHex,
  votingSubject,
} from '@sandoq/protocol';
import { nodeCrypto } from '@sandoq/protocol/node';
import { NOW_SECONDS, secretOf } from './province.ts';

/** Votes by candidate of each contest; with N choices a voter, given as marks. */
export interface Votes {
  /** residents and visitors: contests that only residents vote in have fewer records */
  readonly cast: number;
  readonly contests: readonly {
    readonly records: number;
    readonly blank: number;
    readonly candidates: readonly number[];
  }[];
}

export interface Bends {
  readonly slip?: (slip: records.Slip) => records.Slip;
  readonly session?: (session: records.Session) => records.Session;
  readonly zeroReport?: (report: records.ZeroReport) => records.ZeroReport;
  readonly commitment?: (commitment: records.Commitment) => records.Commitment;
  readonly admission?: (summary: records.AdmissionSummary) => records.AdmissionSummary;
  readonly bundle?: (bundle: records.Bundle) => records.Bundle;
  /** who signs what: subject → secret key */
  readonly secret?: (subject: string) => Bytes;
  readonly minutes?: readonly records.Role[];
  readonly refusedBy?: readonly records.Role[];
  readonly openedBy?: readonly records.Role[];
  readonly closedBy?: readonly records.Role[];
  readonly mode?: records.Mode;
  readonly election?: string;
  readonly packageDigest?: Bytes;
}

const CLOSING: readonly records.Role[] = ['governor_representative', 'council_representative'];
const OPENING: readonly records.Role[] = ['executive', 'supervisor'];
const digestOf = (bytes: Bytes): Bytes => nodeCrypto.sha256(bytes);

export class BundleBuilder {
  readonly #provisioning: Provisioning;
  readonly #stationId: string;
  readonly #bends: Bends;

  constructor(provisioning: Provisioning, stationId: string, bends: Bends = {}) {
    this.#provisioning = provisioning;
    this.#stationId = stationId;
    this.#bends = bends;
  }

  sign<Value>(type: RecordType, signer: string, shape: Shape<Value>, value: Value): Bytes {
    const secret = (this.#bends.secret ?? secretOf)(signer);
    const election = (this.#bends.election ?? this.#provisioning.election) as Provisioning['election'];
    return signTyped(nodeCrypto, secret, { type, election, signer: signer as Subject }, shape, value);
  }

  approval(role: records.Role, action: records.Action, digest: Bytes): Bytes {
    const refused = action === 'slip' && this.#bends.refusedBy?.includes(role) === true;
    return this.sign('approval', roleSubject(this.#stationId, role), records.approvalShape, {
      action,
      role,
      digest,
      ...(refused ? { refused, remark: 'شمارش را نپذیرفتم' } : {}),
    });
  }

  approvals(roles: readonly records.Role[], action: records.Action, digest: Bytes): readonly Bytes[] {
    return roles.map((role) => this.approval(role, action, digest));
  }

  session(): records.Session {
    const statement: records.OpenStatement = {
      stationId: this.#stationId,
      mode: this.#bends.mode ?? (this.#provisioning.package.demonstration ? 'rehearsal' : 'official'),
      stationNonce: secretOf(`station nonce ${this.#stationId}`),
      boxNonce: secretOf(`box nonce ${this.#stationId}`),
    };
    const digest = digestOf(encode(records.openStatementShape, statement));
    const sessionId = digest.slice(0, SESSION_ID_BYTES);
    const session: records.Session = {
      sessionId,
      stationId: this.#stationId,
      mode: statement.mode,
      packageDigest: this.#bends.packageDigest ?? this.#provisioning.packageDigest,
      boxSubject: boxSubject(this.#stationId, 1),
      votingSubject: votingSubject(this.#stationId),
      sessionKey: nodeCrypto.signingPublicKey(secretOf(sessionSubject(toHex(sessionId)))),
      openedBucket: NOW_SECONDS,
      statement,
      approvals: this.approvals(this.#bends.openedBy ?? OPENING, 'open', digest),
    };
    return this.#bends.session?.(session) ?? session;
  }

  commitment(sessionId: Bytes, votes: Votes): records.Commitment {
    const statement = { sessionId, stationId: this.#stationId };
    const digest = digestOf(encode(records.closeStatementShape, statement));
    const commitment: records.Commitment = {
      sessionId,
      setRoot: digestOf(sessionId),
      records: votes.cast * this.#provisioning.package.contests.length,
      cardsSpent: votes.cast,
      papersPrinted: votes.cast + 2,
      papersInBin: votes.cast,
      papersRejected: 1,
      papersRetained: 1,
      tornSlots: 0,
      poweredMinutes: 612,
      approvals: this.approvals(this.#bends.closedBy ?? CLOSING, 'close', digest),
    };
    return this.#bends.commitment?.(commitment) ?? commitment;
  }

  admission(votes: Votes, mode: records.Mode): records.AdmissionSummary {
    // One card was returned unused by a voter who left, one was spoiled and replaced, one voter walked away.
    const admitted = votes.cast + 2;
    const visiting = Math.min(votes.cast, 3);
    const summary: records.AdmissionSummary = {
      stationId: this.#stationId,
      mode,
      admitted,
      local: admitted - visiting,
      visiting,
      tarefeIssued: votes.cast + 3,
      tarefeReturned: 1,
      tarefeSpoiled: 1,
      tarefeAbandoned: 1,
      byDocument: [
        { document: 'national_card', count: votes.cast },
        { document: 'shenasnameh', count: 2 },
      ],
      helped: 1,
      offline: 0,
    };
    return this.#bends.admission?.(summary) ?? summary;
  }

  slip(votes: Votes, session: records.Session, commitment: records.Commitment): records.Slip {
    const { contests, settings } = this.#provisioning.package;
    const segment = {
      sessionId: session.sessionId,
      records: commitment.records,
      setRoot: commitment.setRoot,
    };
    const slip: records.Slip = {
      stationId: this.#stationId,
      mode: session.mode,
      packageDigest: this.#bends.packageDigest ?? this.#provisioning.packageDigest,
      sessionIds: [session.sessionId],
      totals: votes.contests.map(({ records: all, blank, candidates }, contest) => {
        const marks = candidates.reduce((total, count) => total + count, 0);
        const valid = all - blank;
        const undervotes = valid * (contests[contest] as records.Contest).choicesMax - marks;
        return { contest, records: all, valid, blank, invalid: 0, marks, undervotes, candidates };
      }),
      tarefe: {
        issued: votes.cast + 3,
        cast: votes.cast,
        returned: 1,
        spoiled: 1,
        abandoned: 1,
        outstanding: 0,
      },
      papers: { printed: votes.cast + 2, inBin: votes.cast, rejected: 1, retained: 1 },
      slots: { box: commitment.records, station: commitment.records, tallied: commitment.records },
      admissions: this.admission(votes, session.mode),
      segments: [
        { kind: 'box', subject: session.boxSubject, disputed: false, ...segment },
        { kind: 'station', subject: session.votingSubject, disputed: false, ...segment },
      ],
      disputed: false,
      openedBucket: session.openedBucket,
      closedAt: NOW_SECONDS + 36_300,
      denominator: settings.denominator,
    };
    return this.#bends.slip?.(slip) ?? slip;
  }

  build(votes: Votes): Bytes {
    const session = this.session();
    const signer = sessionSubject(toHex(session.sessionId));
    const zero: records.ZeroReport = {
      sessionId: session.sessionId,
      records: 0,
      papersPrinted: 0,
      papersRejected: 0,
      cardsSpent: 0,
      slots: 4096,
      tornSlots: 0,
    };
    const commitment = this.commitment(session.sessionId, votes);
    const slip = this.slip(votes, session, commitment);
    const slipDigest = digestOf(encode(records.slipShape, slip));
    const bundle: records.Bundle = {
      slip: this.sign('slip', votingSubject(this.#stationId), records.slipShape, slip),
      approvals: this.approvals(this.#bends.minutes ?? [...OPENING, ...CLOSING], 'slip', slipDigest),
      sessions: [this.sign('session', boxSubject(this.#stationId, 1), records.sessionShape, session)],
      zeroReports: [
        this.sign('zero-report', signer, records.zeroReportShape, this.#bends.zeroReport?.(zero) ?? zero),
      ],
      commitments: [this.sign('commitment', signer, records.commitmentShape, commitment)],
      admission: this.sign(
        'admission-summary',
        admissionSubject(this.#stationId),
        records.admissionSummaryShape,
        this.admission(votes, session.mode),
      ),
    };
    return encode(records.bundleShape, this.#bends.bundle?.(bundle) ?? bundle);
  }
}

/** Votes of the test province's two contests: one seat of four candidates, three seats of twelve. */
export function votesOf(cast: number, seed: number): Votes {
  const shares = (count: number, among: number): readonly number[] => {
    const weights = Array.from({ length: among }, (_, i) => ((seed * 7 + i * 13) % 11) + 1);
    const all = weights.reduce((total, weight) => total + weight, 0);
    const parts = weights.map((weight) => Math.floor((count * weight) / all));
    parts[seed % among] = (parts[seed % among] as number) + count - parts.reduce((a, b) => a + b, 0);
    return parts;
  };
  const blank = Math.floor(cast / 20);
  const residents = cast - Math.floor(cast / 10);
  return {
    cast,
    contests: [
      { records: cast, blank, candidates: shares(cast - blank, 4) },
      {
        records: residents,
        blank: 0,
        candidates: shares(residents * 2, 12).map((n) => Math.min(n, residents)),
      },
    ],
  };
}
