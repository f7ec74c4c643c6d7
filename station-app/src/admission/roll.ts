/**
 * Who may vote, and with which ballot style. `Roll` is what admission asks; behind it stands the signed roll of the
 * nation (protocol/docs/ROLL.md), or nothing at all in rehearsals without one.
 */
import {
  type Bytes,
  type Crypto,
  type KeyDirectory,
  type Result,
  type records,
  success,
} from '@sandoq/protocol';
import type { NationalCode } from '@sandoq/protocol/persian';
import { ballotStyle, type StyleRefusal } from '@sandoq/protocol/roll';
import { refused } from './faults.ts';
import { openRollFile, type RollFile, type RollFileFaultAt } from './roll-file.ts';

export interface RollEntry {
  readonly status: 'eligible' | 'not_eligible' | 'dead';
  /** index into the package's styles, or why there is none for her here */
  readonly style: Result<number, StyleRefusal>;
  /** she belongs to another constituency */
  readonly visiting: boolean;
}

export interface Roll {
  /** the law's voting age, where the roll says it */
  readonly votingAgeYears: number | undefined;
  /** @returns undefined where the code is not on the roll. @throws Refused where the roll's bytes are not as signed. */
  lookup(nationalCode: NationalCode): RollEntry | undefined;
  close(): void;
}

/** Without a roll every holder of a valid document is taken for a resident: the first ballot style. */
export const openToEveryone: Roll = {
  votingAgeYears: undefined,
  lookup: () => ({ status: 'eligible', style: success(0), visiting: false }),
  close: () => undefined,
};

/** After the close nobody is looked up, and the key is gone. */
export const closedRoll: Roll = {
  votingAgeYears: undefined,
  lookup: () => undefined,
  close: () => undefined,
};

export interface RollContext {
  readonly package: Pick<records.Package, 'contests' | 'styles'>;
  readonly station: Pick<records.Station, 'place'>;
}

export function rollOf(file: RollFile, context: RollContext): Roll {
  const { place } = context.station;
  const nameOf = (index: number): string => file.constituencies[index] as string;
  return {
    votingAgeYears: file.votingAgeYears,
    lookup(nationalCode) {
      const found = file.lookup(nationalCode);
      if (!found.ok) throw refused('roll_damaged', found.fault);
      const standing = found.value;
      if (standing === undefined || standing.status === 'off_roll') return undefined;
      const home = nameOf(standing.home);
      const firstRound = standing.status === 'voted' ? nameOf(standing.firstRound) : undefined;
      return {
        status: standing.status === 'voted' ? 'eligible' : standing.status,
        style: ballotStyle(context.package, place, { home, firstRound }),
        visiting: home !== place.constituency,
      };
    },
    close: () => file.close(),
  };
}

export function readRoll(
  path: string,
  key: Bytes,
  context: RollContext & Pick<RollTrustContext, 'election' | 'directory'>,
  crypto: Pick<Crypto, 'sha256' | 'verify'>,
  atSeconds: number,
): Result<Roll, RollFileFaultAt> {
  const { election, directory } = context;
  const file = openRollFile(path, key, { crypto, election, directory, at: atSeconds });
  return file.ok ? success(rollOf(file.value, context)) : file;
}

interface RollTrustContext {
  readonly election: Parameters<typeof openRollFile>[2]['election'];
  readonly directory: KeyDirectory;
}

/** Whole years on a day, both as YYYY-MM-DD. */
export function ageYears(birthDate: string, onDate: string): number {
  const years = Number(onDate.slice(0, 4)) - Number(birthDate.slice(0, 4));
  return onDate.slice(5) < birthDate.slice(5) ? years - 1 : years;
}

/** Local date of the election: an age is reached at midnight there, not in UTC. */
export const electionDate = (settings: Pick<records.Settings, 'opensAt' | 'utcOffsetMinutes'>): string =>
  new Date((settings.opensAt + settings.utcOffsetMinutes * 60) * 1000).toISOString().slice(0, 10);
