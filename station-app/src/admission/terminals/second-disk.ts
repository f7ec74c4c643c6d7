/**
 * A second disk of one terminal: a stick or a drive in the same computer, never the voting machine. It holds the same
 * journal in a file with a key of its own, so that a station with one terminal loses nobody with its disk. When it is
 * pulled out that is said; when it is back it is filled up.
 */
import { mkdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Bytes } from '@sandoq/protocol';
import type { Clock } from '../../devices/clock.ts';
import { type InHandFile, openInHandFile } from '../in-hand.ts';
import { type Journal, type JournalOptions, openJournal, type StationState } from '../journal.ts';
import type { Admission } from '../journal-cell.ts';

/** A disk that is not there is looked for again this often. */
export const DISK_RETRY_MS = 3_000;

export interface DiskSource {
  readonly lines: readonly Admission[];
  readonly station: StationState;
  readonly shared: Bytes;
  readonly changed: () => void;
}

export interface SecondDisk {
  state(): 'ok' | 'lost';
  lines(): readonly Admission[];
  storedShared(): Bytes | undefined;
  storedStation(): StationState | undefined;
  /** what was in hand when the first disk was lost */
  left(): Admission | undefined;
  /** from where it is filled up when it is back */
  attach(source: () => DiskSource): void;
  put(lines: readonly Admission[]): void;
  inHand(line: Admission | undefined): void;
  station(state: StationState): void;
  shared(bytes: Bytes): void;
  close(): void;
}

export interface SecondDiskOptions {
  readonly folder: string;
  readonly journal: Omit<JournalOptions, 'path'>;
  readonly clock: Clock;
}

interface Mounted {
  readonly journal: Journal;
  readonly inHand: InHandFile;
  readonly inode: number;
}

class FolderDisk implements SecondDisk {
  readonly #options: SecondDiskOptions;
  readonly #path: string;
  #mounted: Mounted | undefined;
  #source: (() => DiskSource) | undefined;
  #cancel = (): void => undefined;

  constructor(options: SecondDiskOptions) {
    this.#options = options;
    this.#path = join(options.folder, 'admissions.sqlite');
    this.#mount();
  }

  #mount(): void {
    const { folder, journal, clock } = this.#options;
    try {
      // The folder of the mount itself is never made: a stick that is not there must not become a folder of the first disk.
      statSync(dirname(folder));
      mkdirSync(folder, { mode: 0o700, recursive: false });
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code !== 'EEXIST') {
        this.#retry();
        return;
      }
    }
    try {
      this.#mounted = {
        journal: openJournal({ ...journal, path: this.#path }),
        inHand: openInHandFile(join(folder, 'in-hand'), clock),
        inode: statSync(this.#path).ino,
      };
    } catch {
      this.#retry();
      return;
    }
    const source = this.#source?.();
    if (source === undefined) return;
    this.#write(({ journal: mirror }) => {
      mirror.merge(source.lines);
      mirror.setStation(source.station);
      mirror.setShared(source.shared);
    });
    source.changed();
  }

  #retry(): void {
    this.#cancel();
    this.#cancel = this.#options.clock.after(DISK_RETRY_MS, () => this.#mount());
  }

  #write(write: (mounted: Mounted) => void): void {
    const mounted = this.#mounted;
    if (mounted === undefined) return;
    try {
      // A file that was taken away takes writes as if nothing had happened.
      if (statSync(this.#path).ino !== mounted.inode) throw new Error('another disk');
      write(mounted);
    } catch {
      this.#lose(mounted);
    }
  }

  #lose({ journal, inHand }: Mounted): void {
    this.#mounted = undefined;
    for (const close of [() => journal.close(), () => inHand.close()])
      try {
        close();
      } catch {
        // What cannot be written cannot be closed either; it is not there.
      }
    this.#retry();
    this.#source?.().changed();
  }

  state(): 'ok' | 'lost' {
    return this.#mounted === undefined ? 'lost' : 'ok';
  }

  lines(): readonly Admission[] {
    return this.#mounted?.journal.admissions() ?? [];
  }

  storedShared(): Bytes | undefined {
    return this.#mounted?.journal.shared();
  }

  storedStation(): StationState | undefined {
    return this.#mounted?.journal.station();
  }

  left(): Admission | undefined {
    const left = this.#mounted?.inHand.left;
    return left?.kind === 'arm' ? left.admission : undefined;
  }

  attach(source: () => DiskSource): void {
    this.#source = source;
    const { lines, station, shared } = source();
    this.#write(({ journal }) => {
      journal.merge(lines);
      journal.setStation(station);
      journal.setShared(shared);
    });
  }

  put(lines: readonly Admission[]): void {
    this.#write(({ journal }) => {
      if (journal.merge(lines) === undefined) throw new Error('the second journal is full');
    });
  }

  inHand(line: Admission | undefined): void {
    this.#write(({ inHand }) => {
      if (line === undefined) inHand.clear();
      else inHand.keep({ kind: 'arm', admission: line });
    });
  }

  station(state: StationState): void {
    this.#write(({ journal }) => journal.setStation(state));
  }

  shared(bytes: Bytes): void {
    this.#write(({ journal }) => journal.setShared(bytes));
  }

  close(): void {
    this.#cancel();
    const mounted = this.#mounted;
    this.#mounted = undefined;
    this.#source = undefined;
    mounted?.journal.close();
    mounted?.inHand.close();
  }
}

/** Where it is not there the terminal says so, and looks for it. */
export const openSecondDisk = (options: SecondDiskOptions): SecondDisk => new FolderDisk(options);
