/**
 * One verification, put together from shares: the package first, then shares of stations to be judged anywhere and in
 * any order, then what is made of all of them. Their results are taken up in the order of the stations, so that the
 * verdict is the same however they came.
 */
import { type Bytes, concatBytes, toHex, utf8 } from '../codec/bytes.ts';
import { isKeyEncoding, setKeyCheck } from '../crypto/enrol.ts';
import type { Crypto } from '../crypto/ports.ts';
import type { Outcome } from '../law/outcome.ts';
import { AUTHORITY_SUBJECT, type StationId } from '../records/identifiers.ts';
import {
  checkAmendments,
  checkFolder,
  checkStationsCount,
  checkStationsRoot,
  isProvisioningFile,
  type ProvisioningFault,
} from '../records/provisioning.ts';
import { publishedSeed } from './applied-law.ts';
import { checkEntries, type ReadBulletin, readBulletin } from './check-bulletin.ts';
import { checkIndex, checkJson, checkStrays, type FilesOrder, type Index, readIndex } from './check-files.ts';
import { type Folder, Gathered } from './gathered.ts';
import { unpacking } from './packs.ts';
import {
  entryFile,
  entryOf,
  Faults,
  INDEX_FILE,
  OUTCOME_FILE,
  PACKAGE_FOLDER,
  type PublicationReader,
  remembering,
  STATIONS_FILE,
  slipFile,
  stationOf,
  TOTALS_CSV_FILE,
  TOTALS_FILE,
} from './publication.ts';
import { jsonFile, jsonLine } from './published-json.ts';
import { stationsFrame, totalsFile } from './published-sums.ts';
import type { Share, ShareFolder, ShareResult } from './share.ts';
import { caveats, VERDICT_FORM, type Verdict, type Verified, type VerifyOrder } from './verdict.ts';

/** Few enough that the last ones keep every thread busy, and that progress is seen; a message costs little beside them. */
export const STATIONS_PER_SHARE = 64;

/** For their digests, and to be compared. */
const READ_AGAIN = [INDEX_FILE, TOTALS_FILE, STATIONS_FILE, TOTALS_CSV_FILE];

type Ports = Pick<Crypto, 'sha256' | 'verify'>;
type ReadAhead = ReadBulletin & { readonly faults: Faults; readonly signatures: number };

interface Plan {
  readonly stations: readonly string[];
  readonly beside: readonly string[];
  readonly absent: readonly string[];
  /** the files of the share, as it was handed out */
  names: readonly string[];
  result?: ShareResult;
}

/** A share to be judged, and the number under which its result is to be taken. */
export interface Task {
  readonly number: number;
  readonly share: Share;
}

export class Verification {
  readonly #order: VerifyOrder;
  readonly #reader: PublicationReader;
  readonly #crypto: Ports;
  readonly #names: ReadonlySet<string>;
  readonly #faults = new Faults();
  #signatures = 0;
  readonly #folder: Folder | undefined;
  #packageFault: ProvisioningFault | undefined;
  /** ids in bytewise order, with the paths of their files */
  readonly #stations: ReadonlyMap<string, readonly string[]>;
  /** files of no station that the package has */
  readonly #others: string[] = [];
  readonly #plans: Plan[] = [];
  readonly #gathered: Gathered | undefined;
  #taken = 0;
  #done = 0;
  #toDo: number[] = [];
  #index: Index | undefined;
  #bulletin: ReadAhead | undefined;

  constructor(order: VerifyOrder, stationsPerShare = STATIONS_PER_SHARE) {
    this.#order = order;
    this.#crypto = {
      sha256: order.crypto.sha256,
      verify: (key, message, signature) => {
        this.#signatures++;
        return order.crypto.verify(key, message, signature);
      },
    };
    this.#reader = remembering(unpacking(order.reader), READ_AGAIN);
    this.#names = new Set(this.#reader.names());
    this.#faults.addAll({ named: this.#reader.faults ?? [], unnamed: 0 });
    this.#stations = this.#filesByStation();
    this.#folder = this.#checkPackage();
    if (this.#folder === undefined) return;
    this.#gathered = new Gathered(this.#folder, this.#reader.read(TOTALS_CSV_FILE));
    const ids = [...this.#stations.keys()];
    for (let at = 0; at < ids.length; at += stationsPerShare) {
      this.#toDo.push(this.#plans.length);
      const stations = ids.slice(at, at + stationsPerShare);
      this.#plans.push({ stations, beside: [], absent: [], names: [] });
    }
  }

  /** What every share is judged by; undefined where the package does not hold, and nothing else is looked at. */
  get folder(): ShareFolder | undefined {
    if (this.#folder === undefined) return undefined;
    const { rasters: _, law: __, ...needed } = this.#folder;
    return needed;
  }

  #filesByStation(): ReadonlyMap<string, readonly string[]> {
    const ids = this.#reader.names().flatMap((name) => entryOf(name) ?? []);
    // Ids are ASCII: the order of their characters is that of their bytes.
    const files = new Map<string, string[]>(ids.sort().map((id) => [id, [entryFile(id)]]));
    for (const name of this.#reader.names()) {
      const station = stationOf(name);
      const known = station === undefined ? undefined : files.get(station);
      if (known !== undefined) known.push(name);
      else if (station !== undefined || entryOf(name) === undefined) this.#others.push(name);
    }
    return files;
  }

  #checkPackage(): Folder | undefined {
    const files = new Map<string, Bytes>();
    for (const name of this.#reader.names()) {
      if (!name.startsWith(PACKAGE_FOLDER) || entryOf(name) !== undefined) continue;
      const inner = name.slice(PACKAGE_FOLDER.length);
      const bytes = isProvisioningFile(inner) ? this.#reader.read(name) : undefined;
      if (bytes !== undefined) files.set(inner, bytes);
    }
    const { authorityKey } = this.#order;
    const before = setKeyCheck(isKeyEncoding);
    try {
      const folder = checkFolder(files, this.#crypto, authorityKey);
      const counted = folder.ok && checkStationsCount(folder.value.package, this.#stations.size);
      if (!folder.ok || counted === false || !counted.ok) {
        this.#packageFault = folder.ok ? (counted as { fault: ProvisioningFault }).fault : folder.fault;
        return undefined;
      }
      const ids = { has: (id: StationId) => this.#stations.has(id) };
      const amendments = checkAmendments(files, this.#crypto, authorityKey, folder.value, ids);
      // Said only if all entries hold: they come before it.
      if (!amendments.ok) this.#packageFault = amendments.fault;
      return { ...folder.value, amendments: amendments.ok ? amendments.value : [] };
    } finally {
      setKeyCheck(before);
    }
  }

  /**
   * The shares of the next round, each made when it is asked for. As a rule there is one round: another follows where
   * a slip names a station of another share, once all results of the one before are taken.
   */
  *round(): Generator<Task> {
    const numbers = this.#toDo;
    this.#toDo = [];
    for (const number of numbers) yield { number, share: this.#share(this.#plans[number] as Plan) };
  }

  get isComplete(): boolean {
    return this.#taken === this.#plans.length;
  }

  #share(plan: Plan): Share {
    const { stations, beside, absent } = plan;
    const names: string[] = [];
    const parts: Bytes[] = [];
    const take = (wanted: readonly string[]): number => {
      const before = names.length;
      for (const name of wanted) {
        const bytes = this.#reader.read(name);
        if (bytes === undefined) continue;
        names.push(name);
        parts.push(bytes);
      }
      return names.length - before;
    };
    const files = stations.map((id) => take(this.#stations.get(id) ?? []));
    take(beside.map(entryFile));
    plan.names = names;
    let at = 0;
    const ends = Uint32Array.from(parts, ({ length }) => (at += length));
    return { stations, beside, absent, files, names, ends, bytes: concatBytes(...parts) };
  }

  take(number: number, result: ShareResult): void {
    const plan = this.#plans[number] as Plan;
    if (result.elsewhere.length > 0) {
      const known = Map.groupBy(result.elsewhere, (id) => this.#stations.has(id));
      this.#plans[number] = {
        ...plan,
        beside: [...plan.beside, ...(known.get(true) ?? [])],
        absent: [...plan.absent, ...(known.get(false) ?? [])],
      };
      this.#toDo.push(number);
      return;
    }
    plan.result = result;
    this.#done += plan.stations.length;
    this.#order.progress?.(this.#done, this.#stations.size);
    for (;;) {
      const next = this.#plans[this.#taken];
      if (next?.result === undefined) return;
      this.#gathered?.add(next.stations, next.names, next.result);
      // Its memory is free from here on.
      delete next.result;
      this.#taken++;
    }
  }

  /** What needs no share: done while other threads judge them, or at the end. */
  meanwhile(): void {
    const folder = this.#folder;
    if (folder === undefined || this.#index !== undefined) return;
    this.#index = readIndex({ reader: this.#reader }, folder, this.#stations.size);
    const { witnesses = [], seen = new Map<string, Bytes>() } = this.#order;
    const faults = new Faults();
    const before = this.#signatures;
    const order = { reader: this.#reader, folder, crypto: this.#crypto, faults, witnesses, seen };
    this.#bulletin = { ...readBulletin(order), faults, signatures: this.#signatures - before };
    // They count where the package holds.
    this.#signatures = before;
    // They are few, and one of them is the largest of all.
    for (const name of this.#others) this.#digestOf(name);
  }

  readonly #digestOf = (name: string): string | undefined => {
    const known = this.#gathered?.digests.get(name);
    if (known !== undefined) return known;
    const bytes = this.#reader.read(name);
    if (bytes === undefined) return undefined;
    const digest = toHex(this.#crypto.sha256(bytes));
    this.#gathered?.digests.set(name, digest);
    return digest;
  };

  /** The first fault of the package, in the order in which it is checked; undefined where it holds. */
  #findPackageFault(): ProvisioningFault | undefined {
    const folder = this.#folder;
    const gathered = this.#gathered;
    if (folder === undefined || gathered === undefined) return this.#packageFault;
    if (gathered.entryFaults.length > 0) {
      const byFile = new Map(gathered.entryFaults.map((fault) => [fault.file, fault]));
      for (const name of this.#names) {
        const fault = byFile.get(name);
        if (fault !== undefined) return fault;
      }
    }
    const root = checkStationsRoot(folder.package, gathered.tree.root());
    return root.ok ? this.#packageFault : root.fault;
  }

  /** The sums, the law, the index and the bulletin, beside what the shares came to. */
  #finish(folder: Folder, gathered: Gathered) {
    const faults = this.#faults;
    faults.addAll(gathered.faults);
    // Sums over slips of which one does not hold would blame the wrong file: they are compared when all hold.
    const whole = faults.count === 0;
    const files: FilesOrder = { reader: this.#reader, digestOf: this.#digestOf, others: this.#others };
    checkStrays(files, faults, gathered.unused);
    let outcome: Outcome | null = null;
    if (whole) {
      const { size } = this.#stations;
      checkJson(files, faults, TOTALS_FILE, jsonFile(totalsFile(folder, gathered.places, size)));
      const [head, tail] = stationsFrame(folder, size);
      checkJson(files, faults, STATIONS_FILE, concatBytes(utf8(head), ...gathered.rows, utf8(tail)));
      gathered.csv.report(faults);
      outcome = this.#outcome(gathered, files, faults);
    }
    this.meanwhile();
    const onlyBound = checkIndex(this.#index as Index, files, faults);
    const bulletin = this.#bulletin as ReadAhead;
    this.#signatures += bulletin.signatures + gathered.entrySignatures + gathered.slipSignatures;
    faults.addAll(bulletin.faults);
    if (bulletin.entries !== undefined) checkEntries({ ...files, folder }, faults, bulletin.entries);
    return { whole, outcome, only_bound: onlyBound, bulletin: bulletin.report ?? null };
  }

  #outcome(gathered: Gathered, files: FilesOrder, faults: Faults): Outcome | null {
    if (gathered.law === undefined) return null;
    const published = this.#reader.read(OUTCOME_FILE);
    const outcome = gathered.law.outcome(this.#order.lots ?? publishedSeed(published), faults);
    if (outcome !== null && published !== undefined)
      checkJson(files, faults, OUTCOME_FILE, jsonLine(outcome), jsonLine);
    return outcome;
  }

  conclude(): Verified {
    const fault = this.#findPackageFault();
    const folder = fault === undefined ? this.#folder : undefined;
    const gathered = this.#gathered;
    if (folder !== undefined && gathered !== undefined)
      return { verdict: this.#verdictOf(folder, gathered), provisioning: folder };
    const { code, at, wanted } = fault as ProvisioningFault;
    const [file = '', ...rest] = at.split(': ');
    this.#faults.add(code, `${PACKAGE_FOLDER}${file}`, rest.join(': '), AUTHORITY_SUBJECT, wanted);
    this.#signatures += gathered?.entrySignatures ?? 0;
    return { verdict: this.#verdict(NOTHING), provisioning: undefined };
  }

  #verdictOf(folder: Folder, gathered: Gathered): Verdict {
    const { whole, ...found } = this.#finish(folder, gathered);
    const { disputed, corrected } = gathered;
    const { expected, received, disputed: disputes } = gathered.places.total().slips;
    const missing = [...this.#stations.keys()].filter((id) => !this.#names.has(slipFile(id)));
    return this.#verdict({
      ...found,
      damaged: !whole,
      election: folder.election,
      mode: folder.package.demonstration ? 'rehearsal' : 'official',
      authority_key: toHex(this.#order.authorityKey),
      package_digest: toHex(folder.packageDigest),
      slips: {
        expected,
        received,
        missing: missing.length,
        not_holding: expected - received - missing.length,
        disputed: disputes,
      },
      missing,
      disputed,
      corrected,
    });
  }

  #verdict({ damaged, ...found }: Found): Verdict {
    const faults = this.#faults;
    const { election, mode, authority_key, package_digest, slips, missing, disputed, corrected } = found;
    return {
      form: VERDICT_FORM,
      ok: faults.count === 0,
      election,
      mode,
      authority_key,
      package_digest,
      slips,
      missing,
      disputed,
      corrected,
      checked: { files: this.#names.size, signatures: this.#signatures },
      only_bound: found.only_bound,
      bulletin: found.bulletin,
      outcome: found.outcome,
      faults: faults.named,
      faults_unnamed: faults.unnamed,
      not_shown: caveats(this.#order, found, damaged),
    };
  }
}

/** What a verdict says of the publication, beside its faults. */
type Found = Omit<Verdict, 'form' | 'ok' | 'checked' | 'faults' | 'faults_unnamed' | 'not_shown'> & {
  /** a slip or a file does not hold: sums were not compared */
  readonly damaged: boolean;
};
const NOTHING: Found = {
  damaged: false,
  election: null,
  mode: null,
  authority_key: null,
  package_digest: null,
  slips: null,
  missing: [],
  disputed: [],
  corrected: [],
  only_bound: [],
  bulletin: null,
  outcome: null,
};
