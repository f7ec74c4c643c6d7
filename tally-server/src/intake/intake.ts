/**
 * The intake: a bundle is taken whole or refused with a reason. Bundles are judged by threads, and what was judged
 * since the last turn is stored together: bundle, receipt and the bulletin's entry in one synced transaction. Only
 * then do the receipts leave: a receipt without its slip cannot be. A correction is a version of its own that
 * supersedes the one before; nothing is edited and every version stays.
 */
import {
  amendmentsInForce,
  type Bytes,
  type CheckedBundle,
  type CheckedCorrection,
  type CorrectionFault,
  type Crypto,
  checkBundle,
  checkCorrection,
  decode,
  equalBytes,
  failure,
  type Provisioning,
  parseTyped,
  type Result,
  records,
  type StationId,
  stationUnder,
  success,
} from '@sandoq/protocol';
import { keptSigner } from '@sandoq/protocol/node';
import { type Bulletin, entryOfReceipt, type NewEntry } from '../bulletin/log.ts';
import { bundleRefusalStatus, type Refusal } from '../web/refusal.ts';
import { createHeldSlips, HeldBundle, type HeldSlip } from './held.ts';

export { correctionOf, disputesOf, type HeldSlip, type HeldVersion } from './held.ts';

import { type Finding, receiptFor, type Verdict } from './judgement.ts';
import type { Judges } from './judges.ts';
import type { IntakeStore, StoredBundle } from './store.ts';

/** More corrections of one station than this are refused: by then something else is wrong. */
export const CORRECTIONS_PER_STATION_MAX = 99;
/** Versions stored in one transaction; the rest follow in the next. */
export const COMMIT_MAX = 512;
/** How long a judged slip waits for others to be stored with it: longer where more are being judged. */
const GROUP_MS = 4;
const GROUP_BUSY_MS = 60;
const BUSY_WAITING_MIN = 64;
/** When a sender that was refused for want of room may come again. */
export const RETRY_AFTER_SECONDS = 2;
const ROLE_LISTS_MAX = 256;
/** Tiles and checkpoint follow the entries within this time. */
const FLUSH_AFTER_MS = 500;

export interface Accepted {
  readonly receipt: Bytes;
  /** true: these bytes were here before, and so was this receipt */
  readonly repeated: boolean;
}

export interface AcceptedVersion {
  readonly election: string;
  readonly station: string;
  /** epoch seconds */
  readonly at: number;
}

export interface Intake {
  /** The bytes are the intake's from now on. */
  receive(provisioning: Provisioning, bytes: Bytes): Promise<Result<Accepted, Refusal>>;
  /**
   * Several bundles in one piece, of which `parts` says where each begins and ends: an answer each, in order.
   * @param onRead told the piece's memory when nobody looks at it any more; it has been another thread's meanwhile
   */
  receiveAll(
    provisioning: Provisioning,
    bytes: Bytes,
    parts: readonly number[],
    onRead?: (buffer: ArrayBufferLike) => void,
  ): Promise<readonly Result<Accepted, Refusal>[]>;
  receiveCorrection(provisioning: Provisioning, bytes: Bytes): Promise<Result<Accepted, Refusal>>;
  /** Judges what the store holds of an election, and makes it known to the judges. @throws where anything is damaged */
  load(provisioning: Provisioning): Promise<void>;
  /** the slips that stand, by station */
  held(provisioning: Provisioning): readonly HeldSlip[];
  heldOf(provisioning: Provisioning, station: string): HeldSlip | undefined;
  /** bundle and receipt of a version, byte for byte */
  stored(provisioning: Provisioning, station: string, version: number): StoredBundle | undefined;
  /** a number that changes with every version that is taken */
  count(election: string): number;
  /** Called after each group that was taken, when it is on the disk. @returns how to stop */
  onAccepted(listener: (versions: readonly AcceptedVersion[]) => void): () => void;
  close(): Promise<void>;
}

export interface IntakeOptions {
  readonly store: IntakeStore;
  readonly bulletin: Bulletin;
  readonly judges: Judges;
  readonly crypto: Crypto;
  readonly secretKey: Bytes;
  /** epoch seconds */
  readonly now: () => number;
  /** Called inside the transaction that stores the versions. */
  readonly onStoring?: (versions: readonly AcceptedVersion[]) => void;
  /** A group could not be stored; its senders were told so. */
  readonly onFailure?: (reason: string) => void;
}

type Answer = Result<Accepted, Refusal>;

const refusalOf = (fault: CorrectionFault): Refusal => ({
  status: bundleRefusalStatus(fault.code),
  ...fault,
});

/** Whose correction it claims to be; undefined where the bytes are none. What it claims is judged afterwards. */
function correctedStation(bytes: Bytes): string | undefined {
  const bundle = decode(records.correctionBundleShape, bytes);
  if (!bundle.ok) return undefined;
  const correction = parseTyped(bundle.value.correction, 'correction', records.correctionShape);
  return correction.ok ? correction.value.value.stationId : undefined;
}

/** One version that was judged and waits for the next transaction. */
interface Ready {
  readonly provisioning: Provisioning;
  readonly version: number;
  readonly at: number;
  readonly bytes: Bytes;
  readonly digest: Bytes;
  /** a refusal is answered from the store too: the same bytes may be held from a time when they were sound */
  readonly fault?: CorrectionFault;
  readonly checked?: HeldBundle | CheckedCorrection;
  readonly receipt?: Bytes;
  readonly receiptDigest?: Bytes;
  readonly resolve: (answer: Answer) => void;
}

class StationIntake implements Intake {
  readonly #options: IntakeOptions;
  readonly #signer;
  readonly #held = createHeldSlips();
  readonly #listeners = new Set<(versions: readonly AcceptedVersion[]) => void>();
  readonly #ready: Ready[] = [];
  readonly #roles = new Map<string, Finding['signedBy']>();
  readonly #unflushed = new Set<string>();
  #flushing: NodeJS.Timeout | undefined;
  #scheduled = false;

  constructor(options: IntakeOptions) {
    this.#options = options;
    this.#signer = { crypto: options.crypto, sign: keptSigner(options.secretKey) };
  }

  async receive(provisioning: Provisioning, bytes: Bytes): Promise<Answer> {
    const [answer] = await this.receiveAll(provisioning, bytes, [0, bytes.length]);
    return answer as Answer;
  }

  async receiveAll(
    provisioning: Provisioning,
    bytes: Bytes,
    parts: readonly number[],
    onRead?: (buffer: ArrayBufferLike) => void,
  ): Promise<readonly Answer[]> {
    const { election, amendments } = provisioning;
    const at = this.#options.now();
    const job = { election, bytes, parts, at, amendments: amendments.length, receipt: true };
    const judged = this.#options.judges.judgeAll(job);
    const toAll = (answer: Answer): readonly Answer[] =>
      Array.from({ length: parts.length / 2 }, () => answer);
    if (judged === undefined) {
      onRead?.(bytes.buffer);
      return toAll(
        failure({ status: 503, code: 'intake_full', wanted: `again in ${RETRY_AFTER_SECONDS} seconds` }),
      );
    }
    let verdicts: readonly Verdict[];
    try {
      verdicts = await judged;
    } catch (cause) {
      // The judge's thread is gone, or the server is stopping: the slips were not judged, and are not here.
      return toAll(this.#notStored(cause));
    }
    const answers = await Promise.all(
      verdicts.map(
        (verdict) =>
          new Promise<Answer>((resolve) => {
            const { bytes: bundle, digest, fault, receipt, receiptDigest } = verdict;
            const checked = this.#content(provisioning, verdict, at);
            const ready = { provisioning, version: 1, at, bytes: bundle, digest, resolve };
            this.#ready.push({
              ...ready,
              ...(fault === undefined ? {} : { fault }),
              ...(checked === undefined || receipt === undefined || receiptDigest === undefined
                ? {}
                : { checked, receipt, receiptDigest }),
            });
            this.#schedule();
          }),
      ),
    );
    // What is held are the judges' own pieces: the bundles' bytes are in the store, and in nobody's hand here.
    if (verdicts[0] !== undefined) onRead?.(verdicts[0].bytes.buffer);
    return answers;
  }

  /** The slip is kept as its judged bytes; the rest is judged again from the store when somebody asks. */
  #content(provisioning: Provisioning, verdict: Verdict, at: number): HeldBundle | undefined {
    const { digest, finding, slipDigest, slipPayload, counts } = verdict;
    if (finding === undefined || slipDigest === undefined) return undefined;
    if (slipPayload === undefined || counts === undefined) throw new Error('a finding without its slip');
    const id = finding.station as StationId;
    const station = stationUnder(provisioning, amendmentsInForce(provisioning, at), id);
    if (station === undefined) throw new Error('a judged slip of an unknown station');
    const { closedAt, poweredMinutes, disputes } = finding;
    const signedBy = this.#sameRoles(finding.signedBy);
    const bytes = { slipPayload, slipDigest, bundleDigest: digest };
    return new HeldBundle({ station, ...bytes, counts, closedAt, signedBy, poweredMinutes, disputes }, () =>
      this.#judgedAgain(provisioning, id),
    );
  }

  /** Nearly every station's minutes are signed by the same roles: one list for all of them. */
  #sameRoles(roles: Finding['signedBy']): Finding['signedBy'] {
    const key = roles.join();
    const known = this.#roles.get(key) ?? roles;
    if (this.#roles.size < ROLE_LISTS_MAX) this.#roles.set(key, known);
    return known;
  }

  #judgedAgain(provisioning: Provisioning, station: StationId): CheckedBundle {
    const { store, crypto } = this.#options;
    const row = store.version(provisioning.election, station, 1);
    if (row === undefined) throw new Error(`the slip of station ${station} is no longer in the store`);
    const then = { ...provisioning, amendments: provisioning.amendments.slice(0, row.amendments) };
    const checked = checkBundle(then, crypto, row.bundle, row.receivedAt);
    if (!checked.ok) throw new Error(`the stored bundle of station ${station} is damaged`);
    return checked.value;
  }

  receiveCorrection(provisioning: Provisioning, bytes: Bytes): Promise<Answer> {
    const { crypto, store, now } = this.#options;
    const digest = crypto.sha256(bytes);
    const known = store.byDigest(provisioning.election, digest);
    if (known !== undefined) return Promise.resolve(success({ receipt: known.receipt, repeated: true }));
    const refuse = (refusal: Refusal): Promise<Answer> => Promise.resolve(failure(refusal));
    const station = correctedStation(bytes);
    if (station === undefined)
      return refuse({ status: 400, code: 'bundle_malformed', wanted: 'a correction with its approvals' });
    const standing = this.#held.of(provisioning, station);
    if (standing === undefined)
      return refuse({
        status: 409,
        code: 'slip_not_here',
        at: 'correction: stationId',
        wanted: 'its slip first',
      });
    if (standing.version > CORRECTIONS_PER_STATION_MAX)
      return refuse({
        status: 409,
        code: 'too_many_corrections',
        at: `station ${station}`,
        wanted: `at most ${CORRECTIONS_PER_STATION_MAX}`,
      });
    const at = now();
    const result = checkCorrection(provisioning, crypto, standing.checked, bytes, at);
    if (!result.ok) return refuse(refusalOf(result.fault));
    const checked = result.value;
    const receipt = receiptFor(this.#signer, { checked, election: provisioning.election, at });
    const version = standing.version + 1;
    return new Promise((resolve) => {
      const receiptDigest = crypto.sha256(receipt);
      this.#ready.push({
        provisioning,
        version,
        at,
        bytes,
        digest,
        checked,
        receipt,
        receiptDigest,
        resolve,
      });
      this.#schedule();
    });
  }

  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    // A sync costs the same for one slip and for a hundred: a group is what was judged within a few milliseconds.
    const isBusy = this.#options.judges.waiting >= BUSY_WAITING_MIN;
    setTimeout(
      () => {
        this.#scheduled = false;
        this.#commit(this.#ready.splice(0, COMMIT_MAX));
        if (this.#ready.length > 0) this.#schedule();
      },
      isBusy ? GROUP_BUSY_MS : GROUP_MS,
    );
  }

  /** What becomes of one version; what is to be stored is put on the list. */
  #decide(one: Ready, group: Map<string, Ready>, storing: Ready[]): Answer {
    const { store } = this.#options;
    const { election } = one.provisioning;
    const known = (): Answer | undefined => {
      const receipt = store.receiptOf(election, one.digest);
      return receipt === undefined ? undefined : success({ receipt, repeated: true });
    };
    if (one.fault !== undefined) return known() ?? failure(refusalOf(one.fault));
    if (one.checked === undefined || one.receipt === undefined || one.receiptDigest === undefined)
      throw new Error('a version without its verdict');
    const station = one.checked.station.id;
    const key = `${election} ${station}`;
    const before = group.get(key);
    if (before?.receipt !== undefined && equalBytes(before.digest, one.digest))
      return success({ receipt: before.receipt, repeated: true });
    const last = before?.version ?? this.#held.of(one.provisioning, station)?.version ?? 0;
    if (last !== one.version - 1)
      return (
        known() ??
        failure({
          status: 409,
          code: one.version === 1 ? 'slip_already_held' : 'supersedes_differs',
          at: `station ${station}`,
          wanted: 'a correction that supersedes the slip that is held',
        })
      );
    group.set(key, one);
    storing.push(one);
    return success({ receipt: one.receipt, repeated: false });
  }

  /** Bundles, receipts and the bulletin's entries: to be called inside one transaction. */
  #store(storing: readonly Ready[]): void {
    const { store, bulletin } = this.#options;
    const entries = new Map<string, NewEntry[]>();
    for (const { provisioning, version, digest, bytes, at, checked, receipt, receiptDigest } of storing) {
      if (checked === undefined || receipt === undefined || receiptDigest === undefined) continue;
      const { election, amendments } = provisioning;
      const station = checked.station.id;
      store.insert(election, {
        station,
        version,
        bundleDigest: digest,
        bundle: bytes,
        receipt,
        receivedAt: at,
        amendments: amendments.length,
      });
      const list = entries.get(election) ?? [];
      list.push(entryOfReceipt({ station, version, receiptDigest, receivedAt: at }));
      entries.set(election, list);
    }
    for (const [election, list] of entries) bulletin.enter(election, list);
  }

  #notStored(cause: unknown): Answer {
    this.#options.onFailure?.(cause instanceof Error ? cause.message : 'unknown');
    return failure({ status: 503, code: 'not_stored', wanted: `again in ${RETRY_AFTER_SECONDS} seconds` });
  }

  #commit(group: readonly Ready[]): void {
    if (group.length === 0) return;
    const storing: Ready[] = [];
    const stations = new Map<string, Ready>();
    const answers = group.map((one) => this.#decide(one, stations, storing));
    const taken = storing.flatMap(({ provisioning, checked, at }) =>
      checked === undefined ? [] : [{ election: provisioning.election, station: checked.station.id, at }],
    );
    try {
      if (storing.length > 0)
        this.#options.store.transaction(() => {
          this.#store(storing);
          this.#options.onStoring?.(taken);
        });
    } catch (cause) {
      // The disk is full or gone. Nothing of the group is kept; each sender keeps its slip and comes again.
      const answer = this.#notStored(cause);
      for (const { resolve } of group) resolve(answer);
      return;
    }
    for (const { provisioning, version, digest, receiptDigest, at, checked } of storing) {
      if (checked === undefined || receiptDigest === undefined) continue;
      const held = { version, bundleDigest: digest, receiptDigest, receivedAt: at, checked };
      this.#held.add(provisioning.election, held);
    }
    group.forEach(({ resolve }, i) => {
      resolve(answers[i] as Answer);
    });
    if (taken.length === 0) return;
    for (const { election } of taken) this.#unflushed.add(election);
    this.#flushing ??= setTimeout(() => this.#flush(), FLUSH_AFTER_MS).unref();
    for (const listener of this.#listeners) listener(taken);
  }

  #flush(): void {
    clearTimeout(this.#flushing);
    this.#flushing = undefined;
    for (const election of this.#unflushed) this.#options.bulletin.flush(election);
    this.#unflushed.clear();
  }

  async load(provisioning: Provisioning): Promise<void> {
    const { judges, bulletin } = this.#options;
    const { election } = provisioning;
    await judges.load(provisioning);
    if (this.#held.count(election) === 0) await this.#loadHeld(provisioning);
    bulletin.open(provisioning, () =>
      this.#held
        .list(provisioning)
        .flatMap(({ station, versions }) => versions.map((one) => ({ station, ...one }))),
    );
  }

  /** Every held slip is judged anew, by the judges, before the first question is answered. */
  async #loadHeld(provisioning: Provisioning): Promise<void> {
    const { store, judges, crypto } = this.#options;
    const { election } = provisioning;
    const damaged = (station: string, why: string): Error =>
      new Error(`the stored bundle of station ${station} ${why}`);
    const corrections: StoredBundle[] = [];
    const waiting = new Set<Promise<void>>();
    const known = (row: StoredBundle, digest: Bytes): void => {
      if (Buffer.compare(digest, row.bundleDigest) !== 0) throw damaged(row.station, 'is damaged');
    };
    for (const row of store.all(election)) {
      if (row.version > 1) {
        corrections.push(row);
        continue;
      }
      const { bundle, receivedAt, amendments } = row;
      const job = { election, bytes: bundle, at: receivedAt, amendments, receipt: false };
      const judged = judges.judgeLater(job).then((verdict) => {
        known(row, verdict.digest);
        const then = { ...provisioning, amendments: provisioning.amendments.slice(0, amendments) };
        const checked = this.#content(then, verdict, receivedAt);
        if (checked === undefined)
          throw damaged(row.station, `no longer holds: ${verdict.fault?.code ?? ''}`);
        const receiptDigest = crypto.sha256(row.receipt);
        const { bundleDigest } = row;
        this.#held.add(election, { version: 1, bundleDigest, receiptDigest, receivedAt, checked });
        waiting.delete(judged);
      });
      waiting.add(judged);
      // The rows are read as they are judged, not all at once: a nation's bundles are hundreds of megabytes.
      if (waiting.size >= COMMIT_MAX) await Promise.race(waiting);
    }
    await Promise.all(waiting);
    for (const row of corrections) {
      known(row, crypto.sha256(row.bundle));
      const standing = this.#held.of(provisioning, row.station);
      if (standing === undefined) throw damaged(row.station, 'corrects no slip');
      const then = { ...provisioning, amendments: provisioning.amendments.slice(0, row.amendments) };
      const result = checkCorrection(then, crypto, standing.checked, row.bundle, row.receivedAt);
      if (!result.ok) throw damaged(row.station, `no longer holds: ${result.fault.code}`);
      const { version, bundleDigest, receivedAt } = row;
      const receiptDigest = crypto.sha256(row.receipt);
      this.#held.add(election, { version, bundleDigest, receiptDigest, receivedAt, checked: result.value });
    }
  }

  held(provisioning: Provisioning): readonly HeldSlip[] {
    return this.#held.list(provisioning);
  }

  heldOf(provisioning: Provisioning, station: string): HeldSlip | undefined {
    return this.#held.of(provisioning, station);
  }

  stored({ election }: Provisioning, station: string, version: number): StoredBundle | undefined {
    return this.#options.store.version(election, station, version);
  }

  count(election: string): number {
    return this.#held.count(election);
  }

  onAccepted(listener: (versions: readonly AcceptedVersion[]) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async close(): Promise<void> {
    this.#flush();
    await this.#options.judges.close();
  }
}

export const createIntake = (options: IntakeOptions): Intake => new StationIntake(options);
