/** What the terminals agree on beside the lines, as this one holds it: stored, on the second disk, and told to the others. */
import type { Bytes } from '@sandoq/protocol';
import type { Journal, StationState } from '../journal.ts';
import { PHASES } from '../journal.ts';
import type { Admission } from '../journal-cell.ts';
import type { Message } from './messages.ts';
import type { SecondDisk } from './second-disk.ts';
import {
  decodeShared,
  encodeShared,
  FRESH_STATE,
  isNamed,
  mergeShared,
  type SharedState,
} from './shared-state.ts';

export interface SharedStationOptions {
  readonly here: number;
  readonly journal: Journal;
  readonly disk: SecondDisk | undefined;
  readonly reached: () => readonly number[];
  readonly tellAll: (message: Message) => void;
  readonly changed: () => void;
  /** another terminal has closed the station */
  readonly closed: () => void;
}

export class SharedStation {
  readonly #options: SharedStationOptions;
  #state: SharedState;

  constructor(options: SharedStationOptions) {
    this.#options = options;
    const stored = options.journal.shared();
    this.#state = (stored && decodeShared(stored)) ?? FRESH_STATE;
  }

  state(): SharedState {
    return this.#state;
  }

  bytes(): Bytes {
    return encodeShared(this.#state);
  }

  set(next: SharedState): void {
    const { journal, disk, changed } = this.#options;
    journal.setShared(encodeShared(next));
    disk?.shared(encodeShared(next));
    this.#state = next;
    this.#tell();
    changed();
  }

  /** What the second disk kept. */
  mergeStored(stored: Bytes | undefined): void {
    const theirs = stored && decodeShared(stored);
    if (theirs !== undefined) this.set(mergeShared(this.#state, theirs));
  }

  // --- the names at the province ---

  /** Nothing was ever written here. */
  isFresh(): boolean {
    return !isNamed(this.#state.claimants[this.#options.here]);
  }

  claimantOf(line: Pick<Admission, 'apart' | 'terminal'>): Bytes {
    const place = line.apart === true ? (line.terminal ?? 0) : 0;
    const named = this.#state.claimants[place];
    return isNamed(named) ? named : this.#options.journal.id();
  }

  /** The names are given before the first claim; that of the station by the lowest terminal of those within reach. */
  nameClaimants(isApart: boolean): void {
    const { here, journal, reached } = this.#options;
    const claimants = [...this.#state.claimants];
    const id = journal.id();
    if (!isNamed(claimants[here])) claimants[here] = id;
    const isLowest = reached().every((terminal) => terminal > here);
    if (!isApart && isLowest && !isNamed(claimants[0])) claimants[0] = id;
    const isSame = claimants.every((one, i) => one === this.#state.claimants[i]);
    if (!isSame) this.set({ ...this.#state, claimants });
  }

  // --- the day ---

  abandoned(): number {
    return this.#state.abandoned.reduce((sum, count) => sum + count, 0);
  }

  stationWas(before: StationState, after: StationState): void {
    const { here, disk } = this.#options;
    const counted = after.abandoned - before.abandoned;
    if (counted !== 0) {
      const abandoned = this.#state.abandoned.map((count, i) => (i === here ? count + counted : count));
      this.set({ ...this.#state, abandoned });
    }
    disk?.station(after);
    this.#tell();
  }

  // --- told and heard ---

  message(): Message {
    const { phase, mode } = this.#options.journal.station();
    return {
      type: 'state',
      shared: this.bytes(),
      phase: PHASES.indexOf(phase),
      mode: mode === null ? 0 : mode === 'rehearsal' ? 1 : 2,
    };
  }

  #tell(): void {
    this.#options.tellAll(this.message());
  }

  take({ shared, phase, mode }: Extract<Message, { type: 'state' }>): void {
    const theirs = decodeShared(shared);
    if (theirs === undefined) return;
    const merged = mergeShared(this.#state, theirs);
    const before = this.bytes();
    if (encodeShared(merged).some((byte, i) => byte !== before[i])) this.set(merged);
    const { journal, disk, changed, closed } = this.#options;
    const ours = journal.station();
    const theirPhase = PHASES[phase] ?? 'set_up';
    const isLater = PHASES.indexOf(theirPhase) > PHASES.indexOf(ours.phase);
    // Opening is each desk's own, with its own two cards; closing is the station's.
    if (!isLater || mode === 0 || (theirPhase !== 'doors_closed' && theirPhase !== 'closed')) return;
    if (ours.phase === 'set_up') return;
    if (theirPhase === 'closed') {
      closed();
      return;
    }
    journal.setStation({ ...ours, phase: theirPhase });
    disk?.station(journal.station());
    changed();
  }
}
