/**
 * A signed amendment that arrives during the day: a candidate withdrawn, hours changed. It is checked with the whole
 * package under the authority's key, kept, and from its time on the election of this station is the amended one: the
 * next press of a voter is judged by it, and so are the close and the count.
 */
import {
  amendmentFile,
  type Bytes,
  type Crypto,
  equalBytes,
  failure,
  fromHex,
  type ProvisioningFiles,
  parseTyped,
  type Result,
  records,
  SMALL_RECORD_BYTES_MAX,
  STATION_BYTES_MAX,
} from '@sandoq/protocol';
import { Refused } from '../contract/socket.ts';
import { note, nowSeconds, phaseOf, type VotingContext } from './context.ts';
import { type ElectionFault, type ElectionSource, type LoadedElection, loadElection } from './election.ts';

export interface AmendmentFault {
  readonly code:
    | 'amendment_unknown'
    | 'amendment_of_other_package'
    | 'amendment_out_of_order'
    | 'amendment_already_in'
    | 'amendment_needs_province';
  readonly detail: string;
}

export interface AmendmentSource {
  /** The folder's files with those that were kept here. */
  readonly files: () => ProvisioningFiles;
  /** Durable when it returns. */
  readonly keep: (file: string, bytes: Bytes) => void;
}

export interface Amender {
  /** Checks the record with everything before it, and keeps it. */
  add(record: Bytes, atSeconds: number): Result<LoadedElection, AmendmentFault>;
  /** The election again, as it is at this time. */
  at(atSeconds: number): Result<LoadedElection, ElectionFault>;
}

const AMENDMENT_BYTES_MAX = STATION_BYTES_MAX + SMALL_RECORD_BYTES_MAX;
const refuse = (code: AmendmentFault['code'], detail: string): Result<never, AmendmentFault> =>
  failure({ code, detail });

/** What can be said of a record before the whole folder is checked with it. */
function readAmendment(
  files: ProvisioningFiles,
  record: Bytes,
  station: string,
): Result<{ readonly file: string }, AmendmentFault> {
  const parsed = parseTyped(record, 'amendment', records.amendmentShape, AMENDMENT_BYTES_MAX);
  if (!parsed.ok) return refuse('amendment_unknown', parsed.fault.code);
  const { sequence, change } = parsed.value.value;
  const file = amendmentFile(sequence);
  const known = files.get(file);
  if (known !== undefined)
    return equalBytes(known, record)
      ? refuse('amendment_already_in', String(sequence))
      : refuse('amendment_out_of_order', String(sequence));
  if (sequence !== 1 && !files.has(amendmentFile(sequence - 1)))
    return refuse('amendment_out_of_order', String(sequence));
  // Box and cards hold the station's entry as it was loaded: only another loading makes it another.
  if (change.kind === 'station_replaced' && change.station.id === station)
    return refuse('amendment_needs_province', change.kind);
  return { ok: true, value: { file } };
}

export function createAmender(
  source: Omit<ElectionSource, 'files'> & AmendmentSource,
  crypto: Pick<Crypto, 'sha256' | 'verify'>,
): Amender {
  const { authorityKey, stationId, devicePublicKey } = source;
  const load = (files: ProvisioningFiles, atSeconds: number) =>
    loadElection({ files, authorityKey, stationId, devicePublicKey }, crypto, atSeconds);
  return {
    at: (atSeconds) => load(source.files(), atSeconds),
    add(record, atSeconds) {
      const files = source.files();
      const read = readAmendment(files, record, stationId);
      if (!read.ok) return read;
      const { file } = read.value;
      const loaded = load(new Map(files).set(file, record), atSeconds);
      if (!loaded.ok) {
        const isOther = /package_differs|wrong_election/.test(loaded.fault.detail);
        return refuse(isOther ? 'amendment_of_other_package' : 'amendment_unknown', loaded.fault.detail);
      }
      source.keep(file, record);
      return loaded;
    },
  };
}

/** Longest wait of one timer: a station's clock may be set meanwhile. */
const LOOK_AGAIN_MS_MAX = 60_000;

export interface Amending {
  /** @throws Refused with what is wrong with the record */
  apply(hex: string): { readonly sequence: number; readonly in_force: boolean };
  close(): void;
}

const AMENDABLE: readonly string[] = ['set_up', 'loaded', 'opening', 'open', 'doors_closed'];

/** @param onAmended the election of this station is another from now on */
export function createAmending(
  context: VotingContext,
  amender: Amender | undefined,
  onAmended: () => void,
): Amending {
  let cancel = (): void => undefined;
  const take = (election: LoadedElection): void => {
    context.election = election;
    onAmended();
    context.changed();
    wait();
  };
  /** What is not in force yet comes into force by itself. */
  const wait = (): void => {
    cancel();
    const { allAmendments, amendments } = context.election;
    if (amender === undefined || allAmendments.length === amendments.length) return;
    const next = Math.min(
      ...allAmendments.filter((one) => !amendments.includes(one)).map((one) => one.amendment.effectiveAt),
    );
    const leftMs = Math.max(0, (next - nowSeconds(context)) * 1000);
    cancel = context.clock.after(Math.min(leftMs + 1, LOOK_AGAIN_MS_MAX), () => {
      if (context.closed) return;
      if (next > nowSeconds(context)) return wait();
      const again = amender.at(nowSeconds(context));
      if (!again.ok) return;
      take(again.value);
      note(context, { event: 'amendment_applied', counters: [again.value.amendments.length] });
    });
  };
  wait();
  return {
    apply(hex) {
      if (!AMENDABLE.includes(phaseOf(context))) throw new Refused('wrong_phase');
      const record = fromHex(hex);
      if (record === undefined || amender === undefined) throw new Refused('amendment_unknown');
      const loaded = amender.add(record, nowSeconds(context));
      if (!loaded.ok) {
        note(context, { event: 'amendment_refused', refusal: loaded.fault.code });
        throw new Refused(loaded.fault.code, loaded.fault.detail.slice(0, 200));
      }
      const added = loaded.value.allAmendments.at(-1);
      if (added === undefined) throw new Error('an amendment that was added is not there');
      take(loaded.value);
      const { sequence, effectiveAt } = added.amendment;
      const inForce = effectiveAt <= nowSeconds(context);
      if (inForce) note(context, { event: 'amendment_applied', counters: [sequence] });
      return { sequence, in_force: inForce };
    },
    close: () => cancel(),
  };
}
